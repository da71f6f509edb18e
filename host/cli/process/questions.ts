/** Questions to the person at the terminal, on stderr: stdout may be a pipe. */
import type { Readable, Writable } from "node:stream";
import { abortError } from "../gateway/http-call.ts";

export interface Choice {
  value: string;
  label: string;
  /** Shown beside the one that is chosen at present. */
  hint?: string;
}

export interface Questions {
  /** The value of the choice that was taken. Rejects with an AbortError after Ctrl-C. */
  choose(message: string, choices: readonly Choice[]): Promise<string>;
  /** A text that is not shown. The same. */
  secret(message: string): Promise<string>;
}

export interface QuestionPlace {
  input: Readable;
  output: Writable;
  signal: AbortSignal;
  /** Ctrl-C, which is a mere key while a question stands. */
  interrupt(): void;
}

export function askAt(place: QuestionPlace): Questions {
  return {
    choose: async (message, choices) => {
      const { select } = await import("@clack/prompts");
      return answered(await select({ ...streams(place), message, options: [...choices] }), place);
    },
    secret: async (message) => {
      const { password } = await import("@clack/prompts");
      // No mask: even the length of a password is nobody's business.
      return answered(await password({ ...streams(place), message, mask: "" }), place);
    },
  };
}

function streams({ input, output, signal }: QuestionPlace) {
  return { input, output, signal };
}

function answered(answer: string | symbol, { signal, interrupt }: QuestionPlace): string {
  if (typeof answer === "string") return answer;
  if (!signal.aborted) interrupt();
  throw abortError();
}
