/** Tells of every message in the store once and in order, those too that are there although their commit failed. */
import type { DeliveredMessage, Store } from "../store/store.ts";
import { readPage } from "../store/store-follower.ts";

/** Messages read from the store at once. */
const READ_AT_ONCE = 1000;

/** What a board does with a message of its own before all others are told. */
interface Source {
  deliver(message: DeliveredMessage): void;
}

export class Announcer {
  /** The first message that nobody has been told of. */
  private next = 1;

  constructor(
    private readonly store: Store,
    private readonly sourceOf: (device: string) => Source | undefined,
    private readonly tellAll: (message: DeliveredMessage) => void,
  ) {}

  /** What is in the store now was told by the gateway before. */
  begin(): void {
    this.next = this.store.next;
  }

  tell(message: DeliveredMessage): void {
    this.next = message.n + 1;
    this.tellAll(message);
  }

  /** A commit that failed may be in the store after all: its messages are delivered, and nobody was told. */
  async catchUp(): Promise<void> {
    const { next } = this.store;
    for (let from = this.next; from < next; from = this.next) {
      const { messages, end } = await readPage(this.store, from, READ_AT_ONCE);
      for (const message of messages) {
        const source = this.sourceOf(message.device);
        if (source === undefined) this.tell(message);
        else source.deliver(message);
      }
      this.next = Math.max(this.next, end);
    }
  }
}
