/** Messages and raised watermarks that will be committed together, and who waits for it. */
import type { BowlineError } from "../platform/errors.ts";
import { GroupBuilder } from "./group.ts";
import type { DeliveredMessage, Mark, RecordChange, Waiter } from "./store.ts";

/** A watermark that this batch raises, and how many messages with it. */
export interface CountedMark extends Mark {
  messages: number;
}

export class MessageBatch {
  readonly builder = new GroupBuilder();
  readonly messages: DeliveredMessage[] = [];
  readonly changes: RecordChange[] = [];
  private readonly waiters: Waiter[] = [];
  private readonly markOf = new Map<string, CountedMark>();
  private lastMark: CountedMark | null = null;

  add(
    message: DeliveredMessage,
    bytes: Uint8Array,
    start: number,
    end: number,
    waiter: Waiter,
    changes: RecordChange[] | undefined,
    { device, epoch, seq }: Mark,
  ): void {
    this.builder.add(message, bytes, start, end);
    this.messages.push(message);
    this.raise(device, epoch, seq, 1, waiter, changes);
  }

  raise(
    device: string,
    epoch: string,
    seq: number,
    messages: number,
    waiter: Waiter,
    changes: RecordChange[] | undefined,
  ): void {
    const mark = this.find(device, epoch);
    mark.seq = seq;
    mark.messages += messages;
    this.waiters.push(waiter);
    if (changes !== undefined) this.changes.push(...changes);
  }

  /** In the order in which they were raised first. */
  get marks(): CountedMark[] {
    return [...this.markOf.values()];
  }

  /** Somebody waits for more than an acknowledgement. */
  get isUrgent(): boolean {
    return this.changes.length > 0;
  }

  wait(waiter: Waiter): void {
    this.waiters.push(waiter);
  }

  /** Its messages' numbers, from `first` on. */
  number(first: number): void {
    let n = first;
    for (const message of this.messages) message.n = n++;
  }

  /** It is in the store. */
  committed(): void {
    for (const waiter of this.waiters) waiter.onCommitted();
  }

  failed(fault: BowlineError): void {
    for (const waiter of this.waiters) waiter.onFailed(fault);
  }

  private find(device: string, epoch: string): CountedMark {
    const last = this.lastMark;
    if (last !== null && last.device === device && last.epoch === epoch) return last;
    const name = `${device}/${epoch}`;
    let mark = this.markOf.get(name);
    if (mark === undefined) {
      mark = { device, epoch, seq: 0, messages: 0 };
      this.markOf.set(name, mark);
    }
    this.lastMark = mark;
    return mark;
  }
}
