/** Where delivered messages, how far each board's numbers have come, and what is on its way to boards are kept. */
import type { BowlineError } from "../platform/errors.ts";
import type { StoreTally } from "./store-tally.ts";

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

/** Waits for a commit: exactly one of the two is called, once. */
export interface Waiter {
  /** What was handed over is as safe as this store makes it. */
  onCommitted(): void;
  /** It is not in the store, and neither is anything that was handed over later and not yet committed (session D17). */
  onFailed(fault: BowlineError): void;
}

/**
 * A document changed, or removed: null. Bytes are kept as they are, anything else as JSON; neither may change until the
 * commit is over.
 */
export interface RecordChange {
  key: string;
  value: object | Uint8Array | null;
}

/** Up to which number a device's packets of one epoch have come. */
export interface Mark {
  /** A board, or, beginning with `~`, a way through another gateway. */
  device: string;
  epoch: string;
  seq: number;
}

export interface Watermark {
  epoch: string;
  /** The highest number that is durable. */
  seq: number;
  /** Messages of the device that are durable, over all its epochs. */
  delivered: number;
}

export interface StoreFill {
  messages: number;
  /** What they take, and what they may, in bytes. */
  bytes: number;
  maxBytes: number;
  /** The oldest `n` still held, or the next one when there is none; when it arrived, ms since 1970, 0 for none. */
  oldest: number;
  oldestAt: number;
  /** Bytes ever written to it. */
  written: number;
  /** Messages given up to stay within the bounds; packets refused because the store could not take them. */
  dropped: number;
  refused: number;
  /** Messages handed over and not yet committed. */
  pending: number;
  /** It is full, and messages wait until there is room (store.whenFull: refuse). */
  isHeld: boolean;
  /** Why it takes nothing at present; "" when it does. */
  fault: string;
  /** Why nothing new is to be kept in it for others at present; "" when there is room. */
  low: string;
}

/** Commits come in the order of the calls; messages and documents are two such orders. */
export interface Store {
  /** Identity of this store's memory, which boards know the gateway by: 16 hex digits. */
  readonly epoch: string;
  /** The next `n` of a committed message. */
  readonly next: number;
  readonly fill: StoreFill;
  /** What its commits took so far, in this process. */
  readonly tally: StoreTally;
  /** Why it takes nothing at present. */
  readonly fault: BowlineError | null;
  /**
   * Why nothing new is to be kept in it for others at present: less is free on its disk than store.keepFreeBytes. It
   * still takes all it is given: who would hand over a new packet for another gateway asks, and refuses it.
   */
  readonly low: BowlineError | null;
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Takes a message, whose `n` is set when it is committed, and, in the same commit, the watermark it raises and
   * `changes`. bytes[start…end) is the payload it was read from. Only after `onCommitted` may the packet be acknowledged
   * (session D17). `mark` is raised in place of the message's own numbers, which are then those of a board behind another
   * gateway ("gw2/sim-1").
   */
  append(
    message: DeliveredMessage,
    bytes: Uint8Array,
    start: number,
    end: number,
    waiter: Waiter,
    changes?: RecordChange[],
    mark?: Mark,
  ): void;
  /** Raises a watermark without a message, and, in the same commit, what the packet means instead of one. */
  raise(device: string, epoch: string, seq: number, waiter: Waiter, changes?: RecordChange[]): void;
  /** Waits for all messages handed over before. */
  whenCommitted(waiter: Waiter): void;
  /** Documents, committed now; after a failure they may be there all the same. */
  put(changes: RecordChange[], waiter: Waiter): void;
  /** Documents, committed as soon as the store can, however often it fails before. */
  keep(changes: RecordChange[], onCommitted: () => void): void;
  /** Documents that may wait for the next commit, a minute at most, and are tried again after one that failed. */
  putLater(changes: RecordChange[]): void;
  /** Documents whose key begins with `prefix`, in the order of their keys; bytes may not be changed. */
  records<T>(prefix: string): Promise<[key: string, value: T][]>;
  /** The same, those behind the key `after` ("": from the first on), at most `limit`. */
  page<T>(prefix: string, after: string, limit: number): Promise<[key: string, value: T][]>;
  /** Messages from number `from` on, oldest first, at most `limit`, of one device if named. */
  read(from: number, limit: number, device?: string): Promise<DeliveredMessage[]>;
  /** Of one device, the epochs whose watermark is kept, oldest first. */
  watermarks(device: string): readonly Watermark[];
}
