/** This gateway as the one that asks over IRC: what it waits for, how long, and which answer is whose. */
import type { Datum } from "../irc-iot/datum.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { type AskNetwork, type OwnAsk, OwnRequest } from "./own-request.ts";

/** At once: each holds a caller. */
const MAX_WAITING = 100;

export class OwnAsks {
  private readonly waiting = new Map<string, OwnRequest>();

  constructor(
    /** Our address. */
    private readonly own: string,
    private readonly clock: Clock,
  ) {}

  /** Rejects when no answer comes in time; what was not said by then is not said later, and what was is withdrawn. */
  async ask(asked: OwnAsk, network: AskNetwork, signal: AbortSignal): Promise<Datum> {
    if (this.waiting.size >= MAX_WAITING)
      throw new BowlineError(
        "QUEUE_FULL",
        `asking ${asked.to} over IRC: ${MAX_WAITING} wait already`,
        ExitCode.busy,
      );
    const request = new OwnRequest(this.own, asked, network, this.clock);
    const timer = setTimeout(
      () => request.giveUp(`no answer in ${asked.timeoutMs / 1000} s`),
      asked.timeoutMs,
    );
    const onAbort = () => request.giveUp("given up");
    signal.addEventListener("abort", onAbort);
    this.waiting.set(request.rq, request);
    try {
      if (signal.aborted) onAbort();
      else request.say();
      return await request.answer;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      this.waiting.delete(request.rq);
    }
  }

  /** -> whether it answers one of them. */
  take(datum: Datum): boolean {
    const request = this.waiting.get(String(datum.re));
    if (request === undefined || datum.src !== request.to) return false;
    request.hear(datum);
    return true;
  }
}
