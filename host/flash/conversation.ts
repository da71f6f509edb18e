/**
 * Questions to the prompt, one at a time, and their answers among whatever else the board says.
 *
 *   we     10 try{print("@"+"V12 "+(EXPRESSION))}catch(e){print("@"+"X12 "+e)} 0a
 *   board  @V12 VALUE 0d 0a                     or  @X12 ERROR 0d 0a
 *
 * 10 in front of a line switches its echo off, and an echo would still differ from an answer: it has "+" in its tag. The
 * number keeps a late answer from being taken for that of another question. All else is noise, kept for the case that
 * nothing better is known of the board.
 */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { PromptWire } from "./prompt-wire.ts";

const NOISE_BYTES = 2048;
/** The round trip on a busy machine with the Linux build takes up to 2.6 s (espruino §4.1). */
export const ANSWER_MS = 4000;
/** The longest value: a kilobyte in base64, or a list of names. */
const MAX_ANSWER_BYTES = 16_384;

/** The board said that it cannot. */
export class BoardRefusal extends Error {}
/** It said nothing in time. */
export class NoAnswer extends Error {}

interface Waiting {
  /** "V12" and "X12". */
  tag: string;
  errorTag: string;
  resolve(value: string): void;
  reject(error: Error): void;
}

export class Conversation {
  /** What the board said beside answers, the last of it; latin1. */
  noise = "";
  /** Bytes of any kind that came. */
  heard = 0;
  private asked = 0;
  private unread = "";
  private waiting: Waiting | null = null;
  private listeners: (() => void)[] = [];
  private lost: Error | null = null;

  constructor(
    readonly wire: PromptWire,
    private readonly signal: AbortSignal,
  ) {
    wire.onText = (text) => this.hear(text);
    wire.onLost = (reason) => this.fail(portLost(wire.name, reason));
    signal.addEventListener("abort", () => this.fail(interrupted(wire.name)), { once: true });
    if (signal.aborted) this.fail(interrupted(wire.name));
  }

  /**
   * The value of an expression, as text; it must have no newline. `tag` is a capital letter.
   * Rejects with BoardRefusal, NoAnswer, or a BowlineError when the port has gone or the whole was called off.
   */
  async ask(tag: string, expression: string, timeoutMs = ANSWER_MS): Promise<string> {
    if (this.lost !== null) throw this.lost;
    const number = ++this.asked;
    const [yes, no] = [`${tag}${number}`, `X${number}`];
    const answer = this.awaitAnswer(yes, no, timeoutMs);
    await this.say(`\x10try{print("@"+"${yes} "+(${expression}))}catch(e){print("@"+"${no} "+e)}\n`);
    return answer;
  }

  /** Bytes without a question. */
  async say(text: string): Promise<void> {
    if (this.lost !== null) throw this.lost;
    await this.wire.write(text);
  }

  /** Until the board has said something and fallen silent, at most so long. */
  async listen(ms: number): Promise<void> {
    if (this.lost !== null) throw this.lost;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.listeners.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    if (this.lost !== null) throw this.lost;
  }

  /** Once more, after everything was called off: what puts the board in order still has to be said. */
  revive(): void {
    if (this.signal.aborted && !this.isGone) this.lost = null;
  }

  private isGone = false;

  private awaitAnswer(tag: string, errorTag: string, timeoutMs: number): Promise<string> {
    const answer = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting = null;
        reject(new NoAnswer(`no answer within ${timeoutMs} ms`));
      }, timeoutMs);
      const end =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          this.waiting = null;
          settle(value);
        };
      this.waiting = { tag, errorTag, resolve: end(resolve), reject: end(reject) };
    });
    answer.catch(() => {}); // it may come to nothing while the question is still being written
    return answer;
  }

  private hear(text: string): void {
    this.heard += text.length;
    this.unread = (this.unread + text).slice(-MAX_ANSWER_BYTES);
    this.noise = (this.noise + text).slice(-NOISE_BYTES);
    for (const listener of this.listeners.splice(0)) listener();
    if (this.waiting === null) return;
    for (const [line, tag, value] of this.unread.matchAll(/@([A-Z]\d+) ([^\r\n]*)\r?\n/g)) {
      if (tag === this.waiting?.tag) this.waiting.resolve(value);
      else if (tag === this.waiting?.errorTag) this.waiting.reject(new BoardRefusal(value));
      else continue;
      this.unread = "";
      this.noise = this.noise.replace(line, "");
      return;
    }
  }

  private fail(error: Error): void {
    if (!this.signal.aborted) this.isGone = true;
    this.lost = error;
    this.waiting?.reject(error);
    for (const listener of this.listeners.splice(0)) listener();
  }
}

function portLost(path: string, reason: string): BowlineError {
  const text = `speak with the board on ${path}: the port has gone (${reason}); plug it in again and run the same command`;
  return new BowlineError("FLASH_PORT_LOST", text, ExitCode.notFound, "bowline ports");
}

function interrupted(path: string): BowlineError {
  const text = `speak with the board on ${path}: interrupted; what the board holds is whole, and is started again`;
  return new BowlineError("FLASH_INTERRUPTED", text, ExitCode.interrupted);
}
