/** Encoded messages in their order, waiting for a connection that takes them, up to its marks. */
import { Budget } from "./budget.ts";
import type { ZmtpLimits } from "./limits.ts";

/** Places at the front that were given up are taken back when they are so many, and half of all. */
const COMPACT_FROM = 256;

export class Backlog {
  private messages: (Uint8Array | undefined)[] = [];
  private head = 0;
  /** Of all that waits. */
  bytes = 0;

  constructor(
    private readonly limits: Pick<ZmtpLimits, "pendingMessages" | "pendingBytes">,
    private readonly budget = new Budget(Infinity),
  ) {}

  get length(): number {
    return this.messages.length - this.head;
  }

  /** False: a mark is reached, and it was not taken. Where nothing waits, one message is taken, however large. */
  push(message: Uint8Array): boolean {
    const { pendingMessages, pendingBytes } = this.limits;
    const isFull = this.length >= pendingMessages || this.bytes + message.length > pendingBytes;
    if ((isFull && this.length > 0) || !this.budget.take(message.length)) return false;
    this.messages.push(message);
    this.bytes += message.length;
    return true;
  }

  /** The oldest, which leaves; undefined: nothing waits. */
  shift(): Uint8Array | undefined {
    if (this.head === this.messages.length) return undefined;
    const message = this.messages[this.head]!;
    this.messages[this.head++] = undefined;
    this.bytes -= message.length;
    this.budget.giveBack(message.length);
    if (this.head === this.messages.length) {
      this.messages = [];
      this.head = 0;
    } else if (this.head >= COMPACT_FROM && 2 * this.head >= this.messages.length) {
      this.messages = this.messages.slice(this.head);
      this.head = 0;
    }
    return message;
  }

  clear(): void {
    this.budget.giveBack(this.bytes);
    this.messages = [];
    this.head = 0;
    this.bytes = 0;
  }
}
