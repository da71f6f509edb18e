/**
 * Whoever follows the store's messages, in their order, from a number that it keeps: reads on page by page, one at a time,
 * told what the store gave up before it was read. What becomes of a page, how far its reader has durably come, and what
 * waits for whom is its reader's own: nobody holds messages up.
 *
 *   … gave up │ next ─page─▶ messages, gaps ─▶ take() ─▶ next …        woken when there are more, or room for more
 */
import type { DeliveredMessage, Store } from "./store.ts";

/** Messages that were read, and what was not there any more. */
export interface Page {
  messages: DeliveredMessage[];
  /** Numbers that the store had given up, in order: `to` is the first behind them. */
  gaps: { from: number; to: number }[];
  /** Where to go on. */
  end: number;
}

export interface FollowerOptions {
  store: Pick<Store, "read" | "next">;
  /** Messages that may be read at once, now; 0: none, there is no room. */
  room(): number;
  /** `next` is behind the page already: who has no room for all of it puts it back. One that rejects has taken nothing. */
  take(page: Page): void | Promise<void>;
  /** The store could not be read, or the page not be taken; not told after stop(). It reads on when it is woken again. */
  onFault(error: unknown): void;
}

/** Messages from number `from` on, `limit` at most. Rejects as Store.read() does. */
export async function readPage(
  store: Pick<Store, "read" | "next">,
  from: number,
  limit: number,
): Promise<Page> {
  // What is committed while it is read may be missing in it: that is for the next page.
  const { next } = store;
  const messages = await store.read(from, limit);
  const page: Page = { messages, gaps: [], end: from };
  for (const { n } of messages) {
    if (n > page.end) page.gaps.push({ from: page.end, to: n });
    page.end = n + 1;
  }
  if (messages.length > 0 || next <= from) return page;
  return { messages, gaps: [{ from, to: next }], end: next };
}

export class StoreFollower {
  /** The first message that is not read. */
  next = 1;
  private isDue = false;
  private isRunning = false;
  private isStopped = false;

  constructor(private readonly options: FollowerOptions) {}

  /** There may be something to read, or room for it. */
  wake(): void {
    this.isDue = true;
    if (!this.isRunning && !this.isStopped) void this.run();
  }

  stop(): void {
    this.isStopped = true;
  }

  /** For who is not woken, but looks by itself: resolves once all is read that there is room for. */
  async catchUp(): Promise<void> {
    while (await this.readOn());
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    try {
      while (this.isDue && !this.isStopped) {
        this.isDue = false;
        await this.catchUp();
      }
    } catch (error) {
      this.isDue = false;
      if (!this.isStopped) this.options.onFault(error);
    } finally {
      this.isRunning = false;
    }
  }

  /** A page -> whether it may go on at once. */
  private async readOn(): Promise<boolean> {
    const { store, room, take } = this.options;
    const { next } = this;
    const limit = room();
    if (this.isStopped || limit <= 0 || next >= store.next) return false;
    const page = await readPage(store, next, limit);
    // Put elsewhere meanwhile: this is not what comes next, and who did that wakes it.
    if (this.isStopped || next !== this.next) return false;
    this.next = page.end;
    try {
      await take(page);
    } catch (error) {
      this.next = next;
      throw error;
    }
    return this.next === page.end;
  }
}
