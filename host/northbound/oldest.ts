/** When the first message that waits arrived here: known, too, while nothing is read, for nobody is there to take it. */
import type { Store } from "../store/store.ts";

export class Oldest {
  /** The message that was read for it, and when that arrived; 0: none was. */
  private known = { from: 0, at: 0 };
  private isReading = false;

  constructor(
    private readonly store: Pick<Store, "read" | "next" | "fill">,
    /** The number of the first that waits. */
    private readonly first: () => number,
  ) {}

  /** ms since 1970; 0: not known yet, or there is none. */
  get at(): number {
    const { oldest, oldestAt } = this.store.fill;
    const first = this.first();
    if (first < oldest) return oldestAt;
    return this.known.from === first ? this.known.at : 0;
  }

  /** Something waits: it is read once, however often this is called. */
  look(): void {
    const from = this.first();
    const isKnown = this.known.from === from || from < this.store.fill.oldest;
    if (this.isReading || isKnown || from >= this.store.next) return;
    this.isReading = true;
    void this.read(from);
  }

  private async read(from: number): Promise<void> {
    try {
      const [message] = await this.store.read(from, 1);
      if (message !== undefined) this.known = { from, at: message.at };
    } catch {
      // What hands messages on reads it as well, and tells that fault; here it is tried again with the next message.
    } finally {
      this.isReading = false;
    }
  }
}
