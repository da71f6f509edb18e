/** Where delivered messages are kept, and how far each board's numbers have come. */

/** A message as every consumer sees it (interface: HTTP API). */
export interface DeliveredMessage {
  /** Deliveries of this store, from 1, without a gap. */
  n: number;
  device: string;
  epoch: string;
  /** The board's own number of the packet. */
  seq: number;
  /** When the board made it, ms since 1970, where known. */
  t?: number;
  /** When it arrived, ms since 1970. */
  at: number;
  message: Record<string, unknown>;
}

export interface StoreFill {
  messages: number;
  bytes: number;
  /** The oldest `n` still held, or the next one when there is none. */
  oldest: number;
  /** Messages given up to stay within the bounds. */
  dropped: number;
}

export interface MessageStore {
  /**
   * Takes a message and, in the same commit, the watermark it raises. `onCommitted` is called with the whole message
   * once both are as safe as this store makes them; only then may the packet be acknowledged (session D17). Commits come
   * in the order of the calls. `payloadBytes` is what the message took on the wire, for the store's bound.
   */
  append(
    message: Omit<DeliveredMessage, "n">,
    onCommitted: (message: DeliveredMessage) => void,
    payloadBytes?: number,
  ): void;
  /** Calls back once all that was handed over before is committed. */
  whenCommitted(onCommitted: () => void): void;
  /** Messages from number `from` on, oldest first, at most `limit`, of one device if named. */
  read(from: number, limit: number, device?: string): DeliveredMessage[];
  /** Raises a watermark without a message: an empty packet. */
  raise(device: string, epoch: string, seq: number, onCommitted: () => void): void;
  /** The highest seq taken of (device, epoch); undefined when none was. */
  watermark(device: string, epoch: string): number | undefined;
  /** The next `n`. */
  readonly next: number;
  readonly fill: StoreFill;
}
