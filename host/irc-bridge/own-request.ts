/**
 * A request of this gateway to an address on IRC. It is one, by its `rq` and, where we sign, by its `key`, however often it
 * is said: in a channel anybody can say that it was refused.
 */
import { randomBytes } from "node:crypto";
import type { Datum } from "../irc-iot/datum.ts";
import { formatDatumTime } from "../irc-iot/datum-time.ts";
import type { LineOutcome } from "../irc-iot/line.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { isRequestKey } from "./datum-requests.ts";

/** What becomes of what is said. */
export interface SayingWatch {
  /** Asked when its turn has come; false: it is not said any more. */
  isWanted?(): boolean;
  onSaid?(): void;
  /** The server has not taken it, or not for sure. */
  onLost?(outcome: Exclude<LineOutcome, "confirmed">): void;
}

export interface AskNetwork {
  readonly isOnline: boolean;
  readonly isSigning: boolean;
  /** Throws a BowlineError when no line has room for it. */
  say(datum: Datum, watch: SayingWatch): void;
}

export interface OwnAsk {
  to: string;
  message: { ot: string; [field: string]: unknown };
  timeoutMs: number;
}

export class OwnRequest {
  readonly rq = randomBytes(6).toString("base64url");
  /** The Datum that answers it. */
  readonly answer: Promise<Datum>;
  private resolve!: (answer: Datum) => void;
  private reject!: (error: BowlineError) => void;
  private isOver = false;
  private isSaid = false;
  private sayings = 0;

  constructor(
    /** Our address. */
    private readonly own: string,
    private readonly asked: OwnAsk,
    private readonly network: AskNetwork,
    private readonly clock: Clock,
  ) {
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get to(): string {
    return this.asked.to;
  }

  say(): void {
    const { rq, key, network } = this;
    const nth = ++this.sayings;
    // What is said again stands for what was said before.
    const isLast = () => nth === this.sayings && !this.isOver;
    network.say(
      { ...this.asked.message, ...(key !== undefined && { key }), ...this.head(), rq },
      {
        isWanted: isLast,
        onSaid: () => {
          this.isSaid = true;
        },
        onLost: (outcome) => {
          if (isLast()) this.fail(this.lost(outcome));
        },
      },
    );
  }

  hear(answer: Datum): void {
    // What no line has room for any more is refused as it was.
    if (this.mayHelp(answer) && refusalOf(() => this.say()) === null) return;
    this.isOver = true;
    this.resolve(answer);
  }

  /** What was not said is not said any more; what was is withdrawn. */
  giveUp(why: string): void {
    this.isOver = true;
    if (!this.isSaid) return this.fail(`${why}; it was not said, and is not done later`);
    const refusal = refusalOf(() => this.network.say({ ...this.head(), kill: this.rq }, {}));
    const withdrawn = refusal === null ? "" : `, and is not withdrawn: ${refusal}`;
    this.fail(`${why}; it may or may not have been done${withdrawn}`);
  }

  /** The asker's own, where it has one. */
  private get key(): unknown {
    return this.asked.message.key ?? (this.network.isSigning ? this.rq : undefined);
  }

  /** Behind a line that was not heard there a signature proves nothing; the one after that does. */
  private mayHelp({ code }: Datum): boolean {
    const isRefused = code === "NOT_PROVED" && this.network.isSigning && this.sayings === 1;
    // Said again under a key that is none it would be another one.
    return isRefused && isRequestKey(this.key);
  }

  private lost(outcome: Exclude<LineOutcome, "confirmed">): string {
    if (outcome === "lost" && this.isSaid && !this.network.isOnline)
      return "the connection ended; it may have been done";
    const why = outcome === "lost" && this.isSaid ? NOT_TAKEN : NOT_SAID[outcome];
    return this.sayings === 1 ? why : `${why}; said before, it may have been done`;
  }

  private fail(seen: string): void {
    this.isOver = true;
    this.reject(noAnswer(this.to, seen));
  }

  private head(): Datum {
    const { message, to } = this.asked;
    return { ot: message.ot, src: this.own, dst: to, t: formatDatumTime(this.clock.wall()) };
  }
}

const NOT_TAKEN = "the server has not taken it: nobody there has that nick, or we may not speak there";
const NOT_SAID = {
  withdrawn: "it was not said: its text could not be had",
  dropped: "it was not said: too much waits to be said there",
  lost: "it was not said: this gateway ends",
  outgrown: "it was not said whole: others see us by a longer name since, and the line has no room for it",
};

/** null: it is said. Since we said something as long our mask may have grown, so that no line has room for it. */
function refusalOf(say: () => void): string | null {
  try {
    say();
    return null;
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    return error.message;
  }
}

export function noAnswer(to: string, seen: string): BowlineError {
  return new BowlineError(
    "NO_ANSWER",
    `asking ${to} over IRC: ${seen}`,
    ExitCode.timeout,
    "bowline irc peers",
  );
}
