/** How fast queues fill and empty, over the last minute: all are sampled together, each from when it is first used. */
import type { PeerQueue } from "./peer-queue.ts";

const SAMPLE_MS = 5000;
const SAMPLES = 12;

interface Sample {
  at: number;
  added: number;
  ended: number;
  packets: number;
  bytes: number;
}

/** A second. The last two say how much more, or less, waits. */
export interface QueueRates {
  inPerS: number;
  outPerS: number;
  packetsPerS: number;
  bytesPerS: number;
}

const still: QueueRates = { inPerS: 0, outPerS: 0, packetsPerS: 0, bytesPerS: 0 };

export class QueueMeter {
  private readonly samples = new WeakMap<PeerQueue, Sample[]>();
  private sampledAt = -Infinity;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    /** All that there are now. */
    private readonly queues: () => Iterable<PeerQueue>,
    /** ms, monotonic. */
    private readonly now: () => number,
  ) {}

  /** What the queues hold by now is not counted as come in. */
  start(): void {
    this.sampledAt = this.now();
    for (const queue of this.queues()) this.samples.set(queue, [sampleOf(queue, this.sampledAt)]);
    this.timer = setInterval(() => this.sample(), SAMPLE_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** To be called every SAMPLE_MS. */
  sample(): void {
    const at = this.now();
    for (const queue of this.queues()) {
      const samples = this.samplesOf(queue);
      const next = sampleOf(queue, at);
      // Of a queue in which nothing happens one sample is kept.
      if (samples.every((one) => isSame(one, next))) samples.length = 0;
      samples.push(next);
      if (samples.length > SAMPLES) samples.shift();
    }
    this.sampledAt = at;
  }

  ratesOf(queue: PeerQueue): QueueRates {
    if (this.sampledAt === -Infinity) return still;
    const [first] = this.samplesOf(queue);
    const last = sampleOf(queue, this.now());
    const s = (last.at - first.at) / 1000;
    if (s <= 0) return still;
    return {
      inPerS: (last.added - first.added) / s,
      outPerS: (last.ended - first.ended) / s,
      packetsPerS: (last.packets - first.packets) / s,
      bytesPerS: (last.bytes - first.bytes) / s,
    };
  }

  /** One that was made since the last look began empty then. */
  private samplesOf(queue: PeerQueue): Sample[] {
    let samples = this.samples.get(queue);
    if (samples === undefined) {
      samples = [{ at: this.sampledAt, added: 0, ended: 0, packets: 0, bytes: 0 }];
      this.samples.set(queue, samples);
    }
    return samples;
  }
}

function sampleOf({ counts, count, bytes }: PeerQueue, at: number): Sample {
  const ended = Object.values(counts.outcomes).reduce((sum, one) => sum + one, 0);
  return { at, added: counts.added, ended, packets: count, bytes };
}

function isSame(a: Sample, b: Sample): boolean {
  return a.added === b.added && a.ended === b.ended && a.packets === b.packets && a.bytes === b.bytes;
}
