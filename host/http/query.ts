/** The parameters of an address, checked. */
import { HttpFault } from "./fault.ts";

export interface NumberRange {
  min: number;
  max: number;
  isWhole: boolean;
}

/** The number `name`; undefined when absent. Throws 400. */
export function readNumber(url: URL, name: string, range: NumberRange): number | undefined {
  const text = url.searchParams.get(name);
  return text === null ? undefined : checkNumber(name, text, range);
}

export function checkNumber(name: string, text: string, { min, max, isWhole }: NumberRange): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
  const allowed = `${isWhole ? "a whole number" : "a number"} from ${min} to ${max}`;
  throw new HttpFault(400, "QUERY_INVALID", `reading ${name}: ${JSON.stringify(text)}; allowed: ${allowed}`);
}

/** Numbers of messages; 0 is before the first. */
export const messageNumbers: NumberRange = { min: 0, max: Number.MAX_SAFE_INTEGER, isWhole: true };
