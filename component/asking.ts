/** Tasks that were given to others, and who waits for their answers; nobody waits for ever (MoniQue trap 6). */
import { ErrorCode } from "../host/monique/codes.ts";
import { readData } from "../host/monique/data.ts";
import { isFault } from "../host/monique/fault.ts";
import type { Message } from "../host/monique/message.ts";
import { readError } from "../host/monique/task-error.ts";
import { TaskError } from "./task-error.ts";

/** Longer than a person waits for an answer. */
const DEFAULT_TIMEOUT_MS = 10_000;

export class Asking {
  private readonly waiting = new Map<string, (answer: Message) => void>();

  /** `forget`: nobody waits for this one's answer any more. */
  constructor(private readonly forget: (id: string) => void) {}

  /** What the result holds; rejects with a TaskError, or with the reason of a signal. */
  wait(
    { id, spec }: Message,
    options: { timeoutMs?: number; signal?: AbortSignal },
    ending: AbortSignal,
  ): Promise<unknown> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const signals = options.signal === undefined ? [ending] : [ending, options.signal];
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.waiting.delete(id);
        for (const signal of signals) signal.removeEventListener("abort", onAbort);
      };
      const giveUp = (reason: unknown) => {
        end();
        this.forget(id);
        reject(reason);
      };
      const onAbort = () => giveUp(signals.find(({ aborted }) => aborted)!.reason);
      const late = `asking ${spec}: no answer within ${timeoutMs} ms`;
      const timer = setTimeout(() => giveUp(new TaskError(ErrorCode.TECHNICAL, late)), timeoutMs);
      for (const signal of signals) signal.addEventListener("abort", onAbort);
      this.waiting.set(id, (answer) => {
        end();
        const value = readAnswer(answer);
        if (value instanceof TaskError) reject(value);
        else resolve(value);
      });
      if (signals.some(({ aborted }) => aborted)) onAbort();
    });
  }

  answer(message: Message): void {
    this.waiting.get(message.pid)?.(message);
  }
}

function readAnswer(answer: Message): unknown {
  if (answer.type === "error") {
    const error = readError(answer);
    return isFault(error)
      ? new TaskError(ErrorCode.ENCODING, error.text)
      : new TaskError(error.code, error.message);
  }
  const read = readData(answer);
  return isFault(read) ? new TaskError(ErrorCode.ENCODING, read.text) : read.value;
}
