/** A board at its prompt: questions that are asked again when their answer is lost, after its prompt was found again. */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { isAtPrompt } from "./attention.ts";
import { ANSWER_MS, BoardRefusal, type Conversation, NoAnswer } from "./conversation.ts";
import { quote } from "./seen.ts";

/** Lost answers in a row for which the prompt is sought again. */
const LOST_ANSWERS = 3;
/**
 * Tries to find it. Where a machine stands still between what a try says, Ctrl-C overtakes what was to be read before it:
 * the question then stands behind the rest of the frame, in a line that is none, and the next try finds an empty one.
 */
const TRIES = 2;

export class Prompt {
  constructor(readonly conversation: Conversation) {}

  /** The value of an expression that may be evaluated twice. `doing` is for the error: "read bowline.json". */
  async ask(tag: string, expression: string, doing: string, timeoutMs = ANSWER_MS): Promise<string> {
    for (let lost = 0; ; lost++) {
      try {
        return await this.conversation.ask(tag, expression, timeoutMs);
      } catch (error) {
        if (error instanceof BoardRefusal) throw this.refused(doing, error);
        if (!(error instanceof NoAnswer)) throw error;
        await this.regain(doing, lost + 1);
      }
    }
  }

  /** The prompt again, after `lost` answers did not come. Rejects with FLASH_NO_ANSWER. */
  async regain(doing: string, lost: number): Promise<void> {
    for (let tries = 0; lost < LOST_ANSWERS && tries < TRIES; tries++) {
      if (await isAtPrompt(this.conversation, ANSWER_MS)) return;
    }
    const text = `${doing} on the board at ${this.name}: it has stopped answering${this.said()}`;
    throw new BowlineError(
      "FLASH_NO_ANSWER",
      text,
      ExitCode.timeout,
      "reset the board and run the same command again",
    );
  }

  get name(): string {
    return this.conversation.wire.name;
  }

  refused(doing: string, { message }: Error): BowlineError {
    const text = `${doing} on the board at ${this.name}: it says ${message}`;
    return new BowlineError("FLASH_BOARD_ERROR", text, ExitCode.refused);
  }

  private said(): string {
    const { noise } = this.conversation;
    return noise.trim() === "" ? "" : `; the last it said was ${quote(noise)}`;
  }
}
