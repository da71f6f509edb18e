/** What a field of a stranger's message is, once it was looked at. */
import { type Fault, FaultCode } from "./fault-code.ts";

/** Of ids and types: more than any dictionary has. They are part of the keys under which fragments wait. */
export const LONGEST_NAME = 256;

/** An id as text: a string that is not empty, or a number. */
export function readId(value: unknown): string | null {
  if (typeof value === "string") return value === "" ? null : value;
  return typeof value === "number" ? String(value) : null;
}

export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function invalid(seen: string): Fault {
  return { code: FaultCode.INVALID_MESSAGE, reason: `message: ${seen}` };
}

/** A type: a word that is not empty. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= LONGEST_NAME;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
