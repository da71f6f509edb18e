/** What tests wait for, looked at whenever something is told; and every few milliseconds, for not all that changes is told of. */
import { PATIENCE_MS } from "./patience.ts";

const LOOK_MS = 5;

export class Watchers {
  private readonly watchers = new Set<() => void>();

  /** Something was told. */
  look(): void {
    for (const watcher of [...this.watchers]) watcher();
  }

  /** Resolves when `isTrue` holds; rejects with `what`, and with what was `seen`, when it does not within PATIENCE_MS. */
  until(what: string, isTrue: () => boolean, seen = () => ""): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (error?: unknown) => {
        clearTimeout(limit);
        clearInterval(looking);
        this.watchers.delete(watcher);
        if (error === undefined) resolve();
        else reject(error);
      };
      const watcher = () => {
        try {
          if (isTrue()) end();
        } catch (error) {
          end(error);
        }
      };
      const late = () => end(new Error(`${what}: not within ${PATIENCE_MS} ms${seen()}`));
      const limit = setTimeout(late, PATIENCE_MS);
      const looking = setInterval(watcher, LOOK_MS);
      this.watchers.add(watcher);
      watcher();
    });
  }
}
