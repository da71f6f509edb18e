/**
 * What boards answered, on its way to a broker: it waits while that is away. An answer may end the connection that it is
 * sent over; then it is tried once more, with no other beside it, and given up: no answer is worth every message after it.
 */
import type { Log } from "../platform/log.ts";
import { BrokerError, isNever } from "./broker-error.ts";
import type { Publication } from "./connection.ts";

export interface Answer extends Publication {
  /** What who asked is told when the broker will never take it; absent: nothing. */
  instead?(reason: string): Publication;
}

export interface AnswerLine {
  publish(publication: Publication, onLeaves: () => void): Promise<void>;
}

interface Waiting {
  answer: Answer;
  /** Times that it was on its way. */
  tries: number;
  /** A connection has ended while it was. */
  isSuspect: boolean;
}

/** Answers that wait, and their bytes: a board's may have 64 KiB. */
const MOST_ANSWERS = 1000;
const MOST_BYTES = 4 * 1024 * 1024;
/** On their way at once: messages are to pass as well. */
const LANES = 4;
const MOST_TRIES = 2;

export class Answers {
  private readonly waiting: Waiting[] = [];
  private bytes = 0;
  private readonly flying = new Set<Waiting>();
  private line: AnswerLine | null = null;
  private isStopped = false;

  constructor(private readonly log: Log) {}

  /** Hands it to the broker, now or once it is there. What it does not take is told: who asked may ask again, with the same key. */
  say(answer: Answer): void {
    this.push({ answer, tries: 0, isSuspect: false });
    while (this.waiting.length > MOST_ANSWERS || this.bytes > MOST_BYTES)
      this.lose(this.shift()!, "too many wait for the broker");
    this.pump();
  }

  /** The broker is there. */
  begin(line: AnswerLine): void {
    this.line = line;
    this.pump();
  }

  /** The broker is away. */
  pause(): void {
    this.line = null;
  }

  stop(): void {
    this.isStopped = true;
    this.pause();
    for (let one = this.shift(); one !== undefined; one = this.shift()) this.lose(one, "the gateway stops");
  }

  private pump(): void {
    const { line } = this;
    while (line !== null && this.waiting.length > 0 && this.flying.size < LANES) {
      const [next] = this.waiting;
      if (this.flying.size > 0 && [next, ...this.flying].some(({ isSuspect }) => isSuspect)) return;
      this.shift();
      this.flying.add(next);
      void this.send(next, line);
    }
  }

  private async send(one: Waiting, line: AnswerLine): Promise<void> {
    try {
      await line.publish(one.answer, () => one.tries++);
      this.flying.delete(one);
    } catch (error) {
      this.flying.delete(one);
      this.fail(one, error);
    }
    this.pump();
  }

  private fail(one: Waiting, error: unknown): void {
    const isBroken = error instanceof BrokerError && error.isLost;
    const reason = error instanceof Error ? error.message : String(error);
    if (isBroken && !this.isStopped && one.tries < MOST_TRIES)
      return this.push({ ...one, isSuspect: one.tries > 0 });
    this.lose(
      one,
      isBroken && one.tries > 1 ? `the connection ended over it, ${one.tries} times: ${reason}` : reason,
    );
    const { instead } = one.answer;
    if (isNever(error) && instead !== undefined) this.say(instead(reason));
  }

  private lose({ answer: { topic } }: Waiting, reason: string): void {
    const text = `an answer to ${topic.slice(0, 200)} is lost: ${reason}`;
    this.log.warn({ upstream: "mqtt", event: "loss", reason }, text);
  }

  private push(one: Waiting): void {
    // Those that were on their way before are first, in their order: whatever they do, it is over then.
    const first = one.isSuspect ? this.waiting.findIndex(({ isSuspect }) => !isSuspect) : -1;
    this.waiting.splice(first === -1 ? this.waiting.length : first, 0, one);
    this.bytes += one.answer.payload.length;
  }

  private shift(): Waiting | undefined {
    const one = this.waiting.shift();
    this.bytes -= one?.answer.payload.length ?? 0;
    return one;
  }
}
