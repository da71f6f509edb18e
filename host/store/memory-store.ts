/**
 * A store in memory, bounded by messages and bytes: the oldest go first, counted. What it holds dies with the process.
 */
import type { DeliveredMessage, MessageStore, StoreFill } from "./store.ts";

/** Epochs of one device whose watermark is kept (session part 4). */
const KEPT_EPOCHS = 4;
/** What the objects of a message take beside its content, which takes about twice its bytes on the wire. */
const OVERHEAD_BYTES = 400;

export class MemoryStore implements MessageStore {
  private readonly messages: (DeliveredMessage | undefined)[] = [];
  /** Of each message in `messages`, about what it takes. */
  private readonly sizes: number[] = [];
  /** Index in `messages` of the oldest one held; what is before it is empty. */
  private head = 0;
  private bytes = 0;
  private dropped = 0;
  private nextNumber = 1;
  private readonly watermarks = new Map<string, Map<string, number>>();

  constructor(
    private readonly maxMessages: number,
    private readonly maxBytes: number,
  ) {}

  append(
    message: Omit<DeliveredMessage, "n">,
    onCommitted: (message: DeliveredMessage) => void,
    payloadBytes = 0,
  ): void {
    const whole: DeliveredMessage = { n: this.nextNumber++, ...message };
    const size = OVERHEAD_BYTES + 2 * payloadBytes;
    this.messages.push(whole);
    this.sizes.push(size);
    this.bytes += size;
    while (this.messages.length - this.head > this.maxMessages || this.bytes > this.maxBytes)
      this.dropOldest();
    this.setWatermark(message.device, message.epoch, message.seq);
    onCommitted(whole);
  }

  whenCommitted(onCommitted: () => void): void {
    onCommitted();
  }

  raise(device: string, epoch: string, seq: number, onCommitted: () => void): void {
    this.setWatermark(device, epoch, seq);
    onCommitted();
  }

  read(from: number, limit: number, device?: string): DeliveredMessage[] {
    const found: DeliveredMessage[] = [];
    const oldest = this.nextNumber - (this.messages.length - this.head);
    for (
      let i = this.head + Math.max(0, from - oldest);
      i < this.messages.length && found.length < limit;
      i++
    ) {
      const message = this.messages[i]!;
      if (device === undefined || message.device === device) found.push(message);
    }
    return found;
  }

  watermark(device: string, epoch: string): number | undefined {
    return this.watermarks.get(device)?.get(epoch);
  }

  get next(): number {
    return this.nextNumber;
  }

  get fill(): StoreFill {
    const messages = this.messages.length - this.head;
    return { messages, bytes: this.bytes, oldest: this.nextNumber - messages, dropped: this.dropped };
  }

  private setWatermark(device: string, epoch: string, seq: number): void {
    const epochs = this.watermarks.get(device) ?? new Map<string, number>();
    this.watermarks.set(device, epochs);
    epochs.set(epoch, seq);
    if (epochs.size > KEPT_EPOCHS) epochs.delete(epochs.keys().next().value!);
  }

  private dropOldest(): void {
    this.bytes -= this.sizes[this.head];
    this.messages[this.head++] = undefined;
    this.dropped++;
    if (this.head < 1024 || this.head * 2 < this.messages.length) return;
    this.messages.splice(0, this.head);
    this.sizes.splice(0, this.head);
    this.head = 0;
  }
}
