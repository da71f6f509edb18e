/** Messages of one source, one after the other, as many at a time as somebody waits for. */
import type { Message } from "../host/monique/message.ts";
import type { Messages, Received } from "./api.d.ts";
import { ReceivedMessage } from "./received.ts";
import type { FromWork, Source } from "./words.ts";

export class MessageSource implements Messages {
  private readonly held = new Map<string, ReceivedMessage>();
  private waiting: ((received: ReceivedMessage | undefined) => void)[] = [];
  private isClosed = true;
  /** A loop was left just now. */
  private leaving: NodeJS.Immediate | undefined;

  constructor(
    private readonly n: number,
    private readonly source: Source,
    private readonly post: (word: FromWork) => void,
  ) {}

  open(): void {
    this.isClosed = false;
    this.post({ is: "open", n: this.n, source: this.source });
  }

  /** undefined: it was closed. The message is held until done(). */
  take(): Promise<ReceivedMessage | undefined> {
    if (this.isClosed) return Promise.resolve(undefined);
    this.post({ is: "next", n: this.n });
    return new Promise((resolve) => void this.waiting.push(resolve));
  }

  done(message: Received): void {
    if (this.held.delete(message.id)) this.post({ is: "done", n: this.n, id: message.id });
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.leaving = undefined;
    for (const message of this.held.values()) this.done(message);
    this.post({ is: "close", n: this.n });
    for (const resolve of this.waiting.splice(0)) resolve(undefined);
  }

  deliver(message: Message): void {
    const received = new ReceivedMessage(message, (id) => this.post({ is: "heeds", id }));
    this.held.set(message.id, received);
    this.waiting.shift()?.(received);
  }

  kill(id: string): void {
    this.held.get(id)?.kill();
  }

  /** A loop that was left can be begun again. */
  [Symbol.asyncIterator](): AsyncIterator<Received, undefined> {
    clearImmediate(this.leaving);
    if (this.leaving !== undefined) this.close();
    if (this.isClosed) this.open();
    let last: ReceivedMessage | undefined;
    const end = { done: true, value: undefined } as const;
    return {
      next: async () => {
        if (last !== undefined) this.done(last);
        last = await this.take();
        return last === undefined ? end : { done: false, value: last };
      },
      // A loop is left in the same way by break and by what it throws; if that ends the work, it had the message still.
      return: async () => {
        this.leaving = setImmediate(() => this.close());
        return end;
      },
    };
  }
}
