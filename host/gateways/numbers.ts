/**
 * The numbers this gateway gives to its own frames: never one twice in one life of its store. All lanes share them, so
 * each lane's rise and have gaps.
 *
 *   c/mesh   the first number that is not reserved
 */
import type { Store } from "../store/store.ts";

const KEY = "c/mesh";
/** Numbers that are reserved with one document; a restart skips those that were not used. */
const BLOCK = 1000;

export class Numbers {
  private next = 1;
  private reserved = 1;

  constructor(private readonly store: Store) {}

  async load(): Promise<void> {
    const [record] = await this.store.records<{ next: number }>(KEY);
    this.next = this.reserved = record?.[1].next ?? 1;
  }

  /** For a frame that is handed to the store in this turn: what reserves its number is in the same commit, or in one before. */
  take(): number {
    if (this.next === this.reserved) {
      this.reserved += BLOCK;
      this.store.putLater([{ key: KEY, value: { next: this.reserved } }]);
    }
    return this.next++;
  }
}
