/**
 * The numbers of one board: which epoch it lives in, how far we have them, and what a hello says about gaps
 * (session part 4). Durable watermarks are the store's; here is what is on its way there.
 */
import { randomBytes } from "node:crypto";
import type { Store } from "../store/store.ts";

const EPOCH_BYTES = 8;
/** Epochs of one board that are remembered (session part 4). */
const KEPT_EPOCHS = 4;

/** An epoch for a board that cannot draw one (session part 4). */
export function freshEpoch(): string {
  return randomBytes(EPOCH_BYTES).toString("hex");
}

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
  private readonly seen: string[];
  /** The highest number handed to the store since it last failed, of the epoch it was handed in. */
  private taken = { epoch: "", seq: 0 };

  /** `minted`: the epoch given last, which no hello may have named yet. */
  constructor(
    private readonly device: string,
    private readonly store: Store,
    private minted: string,
  ) {
    this.seen = store.watermarks(device).map(({ epoch }) => epoch);
  }

  /** The epoch the board lives in; "" before its first packet. */
  get epoch(): string {
    return this.seen[this.seen.length - 1] ?? "";
  }

  /** Whether a hello that names this epoch comes from a board that has forgotten what it did. */
  isNewLife(named: string): boolean {
    const hasLived = this.epoch !== "" || this.minted !== "";
    // One that names none may be the life that was given the last one, or another: what was sent to that is in doubt.
    return hasLived && (named === "" || (named !== this.epoch && named !== this.minted));
  }

  /** The highest number of that epoch which is durable. */
  get watermark(): number {
    return this.durable(this.epoch);
  }

  /**
   * Judges a hello; null when its epoch is older than the newest seen: two boards with one id. `fresh` is for a board
   * that names none.
   */
  arrive(named: string, seq: number, fresh = freshEpoch()): Arrival | null {
    if (named === "") {
      // The hello that gave it the last one may have been lost on the way; what left after it may not.
      const isNewLife = this.isNewLife(named);
      this.minted = fresh;
      return { epoch: this.minted, isNewLife, missing: 0 };
    }
    const isFirstWord = named !== this.epoch && this.epoch !== "";
    if (isFirstWord && this.seen.includes(named)) return null;
    // The one it was given just before is no news: it forgot nothing since.
    const isNewLife = this.isNewLife(named);
    this.see(named);
    return { epoch: named, isNewLife, missing: this.missing(named, seq) };
  }

  /** The first numbered packet of an epoch that was only minted makes it seen. */
  see(epoch: string): void {
    if (this.epoch === epoch) return;
    if (!this.seen.includes(epoch)) this.seen.push(epoch);
    if (this.seen.length > KEPT_EPOCHS) this.seen.shift();
  }

  /** Whether the number was taken before, durably or on its way to be (D17). */
  isRepeat(epoch: string, seq: number): boolean {
    return seq <= this.highest(epoch);
  }

  /** The number is handed to the store. */
  take(epoch: string, seq: number): void {
    const { taken } = this;
    taken.epoch = epoch;
    taken.seq = seq;
  }

  /** What was handed to the store and is not durable will never be: numbers count from the durable watermark (D17). */
  rollBack(): void {
    this.take("", 0);
  }

  private highest(epoch: string): number {
    // What was taken is never below what is durable.
    return this.taken.epoch === epoch ? this.taken.seq : this.durable(epoch);
  }

  private durable(epoch: string): number {
    return this.store.watermarks(this.device).find((mark) => mark.epoch === epoch)?.seq ?? 0;
  }

  private missing(epoch: string, seq: number): number {
    const highest = this.highest(epoch);
    return highest === 0 ? 0 : Math.max(0, seq - 1 - highest);
  }
}
