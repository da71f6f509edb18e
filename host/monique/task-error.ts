/** Errors as components tell them. */
import { ErrorCode } from "./codes.ts";
import { formatData, readData } from "./data.ts";
import { isFault, MoniqueFault } from "./fault.ts";
import type { Encoding } from "./message.ts";
import { beginningOf } from "./utf8.ts";

export interface TaskError {
  code: number;
  message: string;
}

export const MAX_MESSAGE_CHARS = 4096;

/** Also the oldest form, which has no code, and the one that has both within `error`. */
export function readError(message: { data: Uint8Array; encoding: Encoding }): TaskError | MoniqueFault {
  const read = readData(message);
  if (isFault(read)) return new MoniqueFault("ERROR_UNREADABLE", `error: ${read.text}`);
  const outer = read.value as { error?: unknown } | null;
  const inner = typeof outer === "object" && outer !== null ? (outer.error ?? outer) : undefined;
  if (typeof inner !== "object" || inner === null || typeof (inner as TaskError).message !== "string")
    return new MoniqueFault(
      "ERROR_UNREADABLE",
      'error: no text under message; allowed {"code": n, "message": text}',
    );
  const { code, message: text } = inner as TaskError;
  return {
    code: Number.isSafeInteger(code) ? code : ErrorCode.COMPONENT,
    message: beginningOf(text, MAX_MESSAGE_CHARS),
  };
}

export function formatError(code: number, message: string): Uint8Array {
  return formatData({ code, message: message.slice(0, MAX_MESSAGE_CHARS) });
}
