/** This gateway as the one that asks over IRC: a Datum to an address, and the Datum that answers it. */
import { randomBytes } from "node:crypto";
import type { Datum } from "../irc-iot/datum.ts";
import { formatDatumTime } from "../irc-iot/datum-time.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";

/** What becomes of what is said. */
export interface SayingWatch {
  /** Asked when its turn has come; false: it is not said any more. */
  isWanted?(): boolean;
  onSaid?(): void;
  /** The server has not taken it. */
  onLost?(): void;
}

export interface AskNetwork {
  readonly isOnline: boolean;
  readonly isSigning: boolean;
  say(datum: Datum, watch: SayingWatch): void;
}

export interface OwnAsk {
  to: string;
  message: { ot: string; [field: string]: unknown };
  timeoutMs: number;
}

interface Waiting {
  to: string;
  resolve(datum: Datum): void;
}

/** At once: each holds a caller. */
const MAX_WAITING = 100;

export class OwnAsks {
  private readonly waiting = new Map<string, Waiting>();

  constructor(
    /** Our address. */
    private readonly own: string,
    private readonly clock: Clock,
  ) {}

  /** Rejects when no answer comes in time; what was not said by then is not said later, and what was is withdrawn. */
  async ask(asked: OwnAsk, network: AskNetwork, signal: AbortSignal): Promise<Datum> {
    const until = this.clock.now() + asked.timeoutMs;
    const first = await this.askOnce(asked, network, signal);
    const timeoutMs = until - this.clock.now();
    // Behind a line that was not heard there a signature proves nothing; the one after that does.
    const mayHelp = first.code === "NOT_PROVED" && network.isSigning && timeoutMs > 0;
    return mayHelp ? this.askOnce({ ...asked, timeoutMs }, network, signal) : first;
  }

  /** -> whether it answers one of them. */
  take(datum: Datum): boolean {
    const waiting = this.waiting.get(String(datum.re));
    if (waiting === undefined || datum.src !== waiting.to) return false;
    waiting.resolve(datum);
    return true;
  }

  private async askOnce(
    { to, message, timeoutMs }: OwnAsk,
    network: AskNetwork,
    signal: AbortSignal,
  ): Promise<Datum> {
    if (this.waiting.size >= MAX_WAITING)
      throw new BowlineError(
        "QUEUE_FULL",
        `asking ${to} over IRC: ${MAX_WAITING} wait already`,
        ExitCode.busy,
      );
    const rq = randomBytes(6).toString("base64url");
    let isSaid = false;
    let timer: NodeJS.Timeout | undefined;
    let onAbort = () => {};
    try {
      return await new Promise<Datum>((resolve, reject) => {
        const fail = (seen: string) => {
          this.waiting.delete(rq);
          reject(noAnswer(to, seen));
        };
        const giveUp = (why: string) => {
          fail(
            `${why}; ${isSaid ? "it may or may not have been done" : "it was not said, and is not done later"}`,
          );
          if (isSaid) network.say({ ...this.head(message.ot, to), kill: rq }, {});
        };
        timer = setTimeout(() => giveUp(`no answer in ${timeoutMs / 1000} s`), timeoutMs);
        onAbort = () => giveUp("given up");
        signal.addEventListener("abort", onAbort);
        this.waiting.set(rq, { to, resolve });
        if (signal.aborted) return onAbort();
        network.say(
          { ...message, ...this.head(message.ot, to), rq },
          {
            isWanted: () => this.waiting.has(rq),
            onSaid: () => {
              isSaid = true;
            },
            onLost: () => fail(network.isOnline ? NOT_TAKEN : "the connection ended; it may have been done"),
          },
        );
      });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      this.waiting.delete(rq);
    }
  }

  private head(ot: string, dst: string): Datum {
    return { ot, src: this.own, dst, t: formatDatumTime(this.clock.wall()) };
  }
}

const NOT_TAKEN = "the server has not taken it: nobody there has that nick, or we may not speak there";

export function noAnswer(to: string, seen: string): BowlineError {
  return new BowlineError(
    "NO_ANSWER",
    `asking ${to} over IRC: ${seen}`,
    ExitCode.timeout,
    "bowline irc peers",
  );
}
