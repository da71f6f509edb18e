/**
 * The numbers of one board: which epoch it lives in, how far we have them, and what a hello says about gaps
 * (session part 4). Watermarks themselves are the store's.
 */
import { randomBytes } from "node:crypto";
import type { MessageStore } from "../store/store.ts";

const EPOCH_BYTES = 8;

/** What a hello means for the numbers. */
export interface Arrival {
  epoch: string;
  /** The board lives in this epoch for the first time: it has forgotten what it did before. */
  isNewLife: boolean;
  /** Messages between what we have and where the board goes on: possibly lost. */
  missing: number;
}

export class Numbering {
  /** Epochs seen, oldest first; one is seen when a hello names it or its first numbered packet arrives. */
  private readonly seen: string[] = [];

  constructor(
    private readonly device: string,
    private readonly store: MessageStore,
  ) {}

  /** The epoch the board lives in; "" before its first packet. */
  get epoch(): string {
    return this.seen[this.seen.length - 1] ?? "";
  }

  /** Judges a hello; null when its epoch is older than the newest seen: two boards with one id. */
  arrive(named: string, seq: number): Arrival | null {
    const isNewLife = named !== this.epoch && this.epoch !== "";
    if (named === "") return { epoch: randomBytes(EPOCH_BYTES).toString("hex"), isNewLife, missing: 0 };
    if (isNewLife && this.seen.includes(named)) return null;
    this.see(named);
    const watermark = this.store.watermark(this.device, named) ?? seq - 1;
    return { epoch: named, isNewLife, missing: Math.max(0, seq - 1 - watermark) };
  }

  /** The first numbered packet of an epoch that was only minted makes it seen. */
  see(epoch: string): void {
    if (!this.seen.includes(epoch)) this.seen.push(epoch);
    if (this.seen.length > 4) this.seen.shift();
  }

  isRepeat(epoch: string, seq: number): boolean {
    const watermark = this.store.watermark(this.device, epoch);
    return watermark !== undefined && seq <= watermark;
  }
}
