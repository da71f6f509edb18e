/** The other side takes nothing: since when that is told, why, and when it is tried again. */
import type { Waits } from "../platform/backoff.ts";
import type { Teller } from "./tell.ts";

export class WholeRetry {
  /** Why nothing was taken; "" once something was. */
  fault = "";
  /** The message that showed it; 0: none did. */
  private failed = 0;
  private retryMs: number;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly teller: Teller,
    private readonly waits: Waits,
    private readonly onOver: () => void,
  ) {
    this.retryMs = waits.leastMs;
  }

  get isWaiting(): boolean {
    return this.timer !== null;
  }

  /** `n`: the message that was not taken; absent: it is no message's fault. */
  wait(fault: string, n = 0): void {
    if (this.fault === "") this.teller.takesNothing(fault);
    Object.assign(this, { fault, failed: n });
    this.stop();
    this.timer = setTimeout(() => {
      this.timer = null;
      this.onOver();
    }, this.retryMs).unref();
    this.retryMs = Math.min(2 * this.retryMs, this.waits.mostMs);
  }

  /** A message was taken; all before `cursor` are over. Others than the one that failed do not show that it is mended. */
  taken(n: number, cursor: number): void {
    if (this.failed > 0 && n !== this.failed && cursor <= this.failed) return;
    this.retryMs = this.waits.leastMs;
    this.failed = 0;
    if (this.fault === "") return;
    this.fault = "";
    this.teller.takesAgain();
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Another connection: it is tried at once, and soon again. */
  reset(): void {
    this.stop();
    this.retryMs = this.waits.leastMs;
  }
}
