/** The other side takes nothing: since when that is told, why, and when it is tried again. */
import type { Waits } from "../platform/backoff.ts";
import { Retry } from "../platform/retry.ts";
import type { Teller } from "./tell.ts";

export class WholeRetry {
  /** Why nothing was taken; "" once something was. */
  fault = "";
  /** The message that showed it; 0: none did. */
  private failed = 0;
  private readonly retry: Retry;

  constructor(
    private readonly teller: Teller,
    waits: Waits,
    onOver: () => void,
  ) {
    this.retry = new Retry(() => waits, onOver);
  }

  get isWaiting(): boolean {
    return this.retry.isWaiting;
  }

  /** `n`: the message that was not taken; absent: it is no message's fault. */
  wait(fault: string, n = 0): void {
    if (this.fault === "") this.teller.takesNothing(fault);
    Object.assign(this, { fault, failed: n });
    this.retry.later();
  }

  /** A message was taken; all before `cursor` are over. Others than the one that failed do not show that it is mended. */
  taken(n: number, cursor: number): void {
    if (this.failed > 0 && n !== this.failed && cursor <= this.failed) return;
    this.retry.reset();
    this.failed = 0;
    if (this.fault === "") return;
    this.fault = "";
    this.teller.takesAgain();
  }

  stop(): void {
    this.retry.stop();
  }

  /** Another connection: it is tried at once, and soon again. */
  reset(): void {
    this.retry.stop();
    this.retry.reset();
  }
}
