/** What a queue holds against what it may: whether one more has room, who waits for some, and who is told that it fills. */
import { HIGH, LOW, type QueueLimits } from "./queue-limits.ts";

export class QueueRoom {
  /** Packets, and their bytes, that have come to no outcome. */
  count = 0;
  bytes = 0;
  private isHigh = false;
  private waiting: { bytes: number; resolve: () => void }[] = [];

  constructor(
    readonly limits: QueueLimits,
    private readonly onPressure: ((isHigh: boolean) => void) | undefined,
  ) {}

  enter(bytes: number): void {
    this.count++;
    this.bytes += bytes;
  }

  leave(bytes: number): void {
    this.count--;
    this.bytes -= bytes;
  }

  /** Whether one of so many bytes has room, once others are given up. */
  has(bytes: number, bytesLess = 0, packetsLess = 0): boolean {
    const { maxPackets, maxBytes } = this.limits;
    return this.count - packetsLess < maxPackets && this.bytes - bytesLess + bytes <= maxBytes;
  }

  /** Resolves with the tell() that finds room for so many bytes. */
  when(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ bytes, resolve });
    });
  }

  /** Tells all whom what it holds now concerns; `isRemoved`: it takes none any more, and nobody need wait. */
  tell(isRemoved: boolean): void {
    const { maxPackets, maxBytes } = this.limits;
    if (this.waiting.length > 0) {
      const isServed = ({ bytes }: { bytes: number }) => isRemoved || this.has(bytes);
      for (const { resolve } of this.waiting.filter(isServed)) resolve();
      this.waiting = this.waiting.filter((one) => !isServed(one));
    }
    const share = this.isHigh ? LOW : HIGH;
    const isHigh = this.count > share * maxPackets || this.bytes > share * maxBytes;
    if (isHigh === this.isHigh) return;
    this.isHigh = isHigh;
    this.onPressure?.(isHigh);
  }
}
