/**
 * A bad line on purpose: bytes go in, and come out late, cut differently, changed, doubled or not at all, as a seed has it.
 *
 * It holds no timer and calls nobody: push(bytes, now) puts in, take(now) gives what has arrived, `deadlineMs` says when
 * to ask again. The bytes that are hit depend on the seed and their position alone, not on how they were chunked.
 */
import { type Random, randomInteger, seededRandom } from "./random.ts";

export interface Faults {
  seed: number;
  /** Chance of each byte to vanish, 0…1; likewise to be preceded by a random byte, or to have one bit flipped. */
  dropRate?: number;
  insertRate?: number;
  flipRate?: number;
  /** The line is dead after so many bytes were put in. */
  cutAfterBytes?: number;
  /** Each chunk travels so long, at least and at most; a chunk never overtakes another. */
  delayMs?: readonly [least: number, most: number];
  /** Chunks are cut anew, each 1…maxChunkBytes long. */
  maxChunkBytes?: number;
}

/** What happened to the bytes put in; `inserted` came on top. */
export interface FaultCounts {
  passed: number;
  dropped: number;
  inserted: number;
  flipped: number;
  /** Put in after the cut. */
  cutOff: number;
}

interface Travelling {
  chunk: Uint8Array;
  dueMs: number;
}

// A second sequence for delays and sizes, so that they do not move the faults.
const TIMING_SEED = 0x5eed;

export class FaultyLine {
  readonly counts: FaultCounts = { passed: 0, dropped: 0, inserted: 0, flipped: 0, cutOff: 0 };
  private readonly random: Random;
  private readonly timing: Random;
  private readonly travelling: Travelling[] = [];
  private bytesIn = 0;

  constructor(private readonly faults: Faults) {
    this.random = seededRandom(faults.seed);
    this.timing = seededRandom(faults.seed ^ TIMING_SEED);
  }

  /** True once `cutAfterBytes` went in and what was still travelling has been taken. */
  get isCut(): boolean {
    return this.room === 0 && this.travelling.length === 0;
  }

  /** When the next chunk arrives; Infinity when none travels. */
  get deadlineMs(): number {
    return this.travelling[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  /** Puts bytes in; they are copied. */
  push(bytes: Uint8Array, nowMs = 0): void {
    const alive = bytes.subarray(0, Math.min(this.room, bytes.length));
    this.counts.cutOff += bytes.length - alive.length;
    this.bytesIn += alive.length;
    for (const chunk of this.rechunk(this.damage(alive))) {
      this.travelling.push({ chunk, dueMs: nowMs + this.drawDelayMs() });
    }
  }

  /** The chunks that have arrived by `nowMs`, in order; they are the caller's. */
  take(nowMs = 0): Uint8Array[] {
    // Up to the first that is not due: a faster one behind it waits.
    const arrived = this.travelling.findIndex((one) => one.dueMs > nowMs);
    return this.travelling.splice(0, arrived < 0 ? this.travelling.length : arrived).map((one) => one.chunk);
  }

  private get room(): number {
    return (this.faults.cutAfterBytes ?? Number.POSITIVE_INFINITY) - this.bytesIn;
  }

  /** One draw a byte decides its fate, a second one the details. */
  private damage(bytes: Uint8Array): Uint8Array {
    const { dropRate = 0, insertRate = 0, flipRate = 0 } = this.faults;
    const damaged = new Uint8Array(2 * bytes.length);
    let length = 0;
    for (const byte of bytes) {
      const fate = this.random();
      if (fate < dropRate) {
        this.counts.dropped++;
        continue;
      }
      this.counts.passed++;
      if (fate < dropRate + insertRate) {
        this.counts.inserted++;
        damaged[length++] = randomInteger(this.random, 0, 255);
        damaged[length++] = byte;
      } else if (fate < dropRate + insertRate + flipRate) {
        this.counts.flipped++;
        damaged[length++] = byte ^ (1 << randomInteger(this.random, 0, 7));
      } else damaged[length++] = byte;
    }
    return damaged.subarray(0, length);
  }

  private rechunk(bytes: Uint8Array): Uint8Array[] {
    const most = this.faults.maxChunkBytes;
    if (most === undefined) return bytes.length > 0 ? [bytes] : [];
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + randomInteger(this.timing, 1, most);
      chunks.push(bytes.subarray(at, end));
      at = end;
    }
    return chunks;
  }

  private drawDelayMs(): number {
    const { delayMs } = this.faults;
    return delayMs === undefined ? 0 : delayMs[0] + this.timing() * (delayMs[1] - delayMs[0]);
  }
}
