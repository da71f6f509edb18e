/** This gateway as the one that asks over IRC: a Datum to an address, and the Datum that answers it. */
import type { Datum } from "../irc-iot/datum.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";

interface Waiting {
  to: string;
  resolve(datum: Datum): void;
}

/** At once: each holds a caller. */
const MAX_WAITING = 100;

export class OwnAsks {
  private readonly waiting = new Map<string, Waiting>();

  /** `say`: says the request, under this number, or tells that it was not taken. Rejects when no answer comes in time. */
  async ask(
    rq: string,
    to: string,
    timeoutMs: number,
    signal: AbortSignal,
    say: (onLost: () => void) => void,
  ): Promise<Datum> {
    if (this.waiting.size >= MAX_WAITING)
      throw new BowlineError(
        "QUEUE_FULL",
        `asking ${to} over IRC: ${MAX_WAITING} wait already`,
        ExitCode.busy,
      );
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Datum>((resolve, reject) => {
        const fail = (seen: string) => () =>
          reject(
            new BowlineError(
              "NO_ANSWER",
              `asking ${to} over IRC: ${seen}`,
              ExitCode.timeout,
              "bowline irc peers",
            ),
          );
        timer = setTimeout(
          fail(`no answer in ${timeoutMs / 1000} s; it may or may not have been done`),
          timeoutMs,
        );
        signal.addEventListener("abort", fail("given up"));
        this.waiting.set(rq, { to, resolve });
        say(fail("the server has not taken it: nobody there has that nick, or we may not speak there"));
      });
    } finally {
      clearTimeout(timer);
      this.waiting.delete(rq);
    }
  }

  /** -> whether it answers one of them. */
  take(datum: Datum): boolean {
    const waiting = this.waiting.get(String(datum.re));
    if (waiting === undefined || datum.src !== waiting.to) return false;
    waiting.resolve(datum);
    return true;
  }
}
