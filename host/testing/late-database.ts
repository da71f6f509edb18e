/** A database whose writes wait until the test says how they end. */
import { BowlineError } from "../platform/errors.ts";
import type { Change } from "../store/database.ts";
import { MemoryDatabase } from "../store/memory-database.ts";

export class LateDatabase extends MemoryDatabase {
  isLate = false;
  private waiting: ((isWritten: boolean) => void)[] = [];

  override async write(changes: Change[]): Promise<void> {
    if (this.isLate && !(await new Promise<boolean>((resolve) => this.waiting.push(resolve))))
      throw new BowlineError("STORE_FAILED", "writing to the store: the test fails it");
    await super.write(changes);
  }

  commit(): void {
    for (const resolve of this.waiting.splice(0)) resolve(true);
  }

  fail(): void {
    for (const resolve of this.waiting.splice(0)) resolve(false);
  }
}
