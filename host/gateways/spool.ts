/**
 * Frames on their way to one peer, as they are kept in the store until the peer has them.
 *
 *   s/HOSTID/LANE/ORDER   addedAt:8  deadline:8  frame:~       both times in ms since 1970, as float64, deadline Infinity for none
 *
 * A clock that is found behind `addedAt` is not trusted: what is left of a frame's life then is all of it (iotgw §9).
 */
import type { RecordChange, Store } from "../store/store.ts";

const PREFIX = "s/";
const HEAD_BYTES = 16;
const PAGE = 1000;
const ORDER_DIGITS = 14;

/** A frame that was kept. */
export interface Kept {
  hostId: bigint;
  key: string;
  frame: Uint8Array;
  /** ms; Infinity: it never ends. */
  remainingMs: number;
  /** How long it has waited, ms. */
  ageMs: number;
}

export class Spool {
  private order = 0;
  private readonly prefix: string;

  constructor(hostId: bigint) {
    this.prefix = `${PREFIX}${hostId}/`;
  }

  /** What keeps `frame`, behind all of its lane that were kept before. */
  keep(lane: number, frame: Uint8Array, wall: number, remainingMs: number): RecordChange {
    const value = new Uint8Array(HEAD_BYTES + frame.length);
    const head = new DataView(value.buffer);
    head.setFloat64(0, wall, true);
    head.setFloat64(8, wall + remainingMs, true);
    value.set(frame, HEAD_BYTES);
    this.order++;
    return { key: `${this.prefix}${lane}/${this.order.toString(16).padStart(ORDER_DIGITS, "0")}`, value };
  }

  /** Of an earlier gateway: what is kept now stands behind it. */
  skip(key: string): void {
    this.order = Math.max(this.order, Number.parseInt(key.slice(-ORDER_DIGITS), 16));
  }
}

/** All that an earlier gateway kept, by peer and lane, and in the order of each. */
export async function* loadSpool(store: Store, wall: number): AsyncGenerator<Kept> {
  for (let after = ""; ; ) {
    const page = await store.page<Uint8Array>(PREFIX, after, PAGE);
    for (const [key, value] of page) {
      const hostId = BigInt(key.slice(PREFIX.length, key.indexOf("/", PREFIX.length)));
      // The queue changes a frame before it is written: it has bytes of its own.
      const frame = new Uint8Array(value.subarray(HEAD_BYTES));
      yield { hostId, key, frame, ...timesOf(value, wall) };
    }
    if (page.length < PAGE) return;
    after = page[page.length - 1][0];
  }
}

function timesOf(value: Uint8Array, wall: number): { remainingMs: number; ageMs: number } {
  const head = new DataView(value.buffer, value.byteOffset, HEAD_BYTES);
  const addedAt = head.getFloat64(0, true);
  const now = Math.max(wall, addedAt);
  return { remainingMs: head.getFloat64(8, true) - now, ageMs: now - addedAt };
}
