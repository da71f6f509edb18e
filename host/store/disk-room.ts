/**
 * Whether a store's disk has room for more than what must be written: packets that are to be kept for other gateways are
 * refused before the disk is full, so that what boards say, and what becomes of requests, still finds its place.
 *
 * The disk is asked once a second, never for a packet: what a second can write is a part of what is kept free.
 */
import { statfs } from "node:fs/promises";
import { BowlineError, ExitCode } from "../platform/errors.ts";

const LOOK_MS = 1000;
/** There is room again above so much more than what is kept free: LevelDB takes and gives back while it tidies up. */
const MARGIN = 1.125;

type Statfs = (path: string) => Promise<{ bavail: number; bsize: number }>;

export class DiskRoom {
  /** Why nothing more is to be kept at present. */
  low: BowlineError | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isLooking = false;

  constructor(
    private readonly folder: string,
    /** Bytes; 0: it is never asked. */
    private readonly keepFreeBytes: number,
    /** There is too little, or, null, enough again. */
    private readonly onChange: (low: BowlineError | null) => void,
    private readonly ask: Statfs = statfs,
  ) {}

  /** Resolves once it was looked at for the first time. */
  async start(): Promise<void> {
    if (this.keepFreeBytes === 0) return;
    await this.look();
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    const seen = await this.seen();
    this.isLooking = false;
    const wasLow = this.low !== null;
    this.low = seen === "" ? null : this.lowness(seen);
    if (wasLow !== (this.low !== null)) this.onChange(this.low);
  }

  /** What is wrong; "" when there is room. A disk that does not answer has none. */
  private async seen(): Promise<string> {
    try {
      const { bavail, bsize } = await this.ask(this.folder);
      const free = bavail * bsize;
      const needed = this.low === null ? this.keepFreeBytes : this.keepFreeBytes * MARGIN;
      return free >= needed ? "" : `${free} bytes are free on its disk`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private lowness(seen: string): BowlineError {
    const { folder, keepFreeBytes } = this;
    return new BowlineError(
      "STORE_LOW",
      `keeping more in the store in ${folder}: ${seen}; allowed: down to ${keepFreeBytes} (store.keepFreeBytes)`,
      ExitCode.failure,
      `df -h ${folder}, then free some space`,
    );
  }
}
