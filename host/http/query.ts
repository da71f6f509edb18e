/** The parameters of an address and the fields of a body, checked. */
import { suggest } from "../platform/suggest.ts";
import { HttpFault } from "./fault.ts";

/** Every API path takes it (access.ts). */
const TOKEN = "token";

/**
 * Throws 400 for a parameter that nobody reads, the second of the same name too: what it was meant to change would
 * silently stay as it is.
 */
export function checkNames(url: URL, known: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of url.searchParams.keys()) {
    if (name !== TOKEN && !known.includes(name))
      throw unknownName("the address", "parameter", name, known, "QUERY_UNKNOWN");
    if (seen.has(name))
      throw new HttpFault(400, "QUERY_INVALID", `reading ${name}: given twice; allowed: once`);
    seen.add(name);
  }
}

/** The same for a field of a body whose shape is fixed. */
export function checkFields(body: object, known: readonly string[]): void {
  for (const name of Object.keys(body))
    if (!known.includes(name)) throw unknownName("the body", "field", name, known, "FIELD_UNKNOWN");
}

function unknownName(
  where: string,
  what: string,
  name: string,
  known: readonly string[],
  code: string,
): HttpFault {
  const nearest = suggest(name, known);
  const question = nearest === undefined ? "" : `, did you mean ${nearest}?`;
  const allowed = known.length === 0 ? `no ${what}` : known.join(", ");
  const text = `reading ${where}: unknown ${what} ${JSON.stringify(name.slice(0, 40))}${question}; allowed: ${allowed}`;
  return new HttpFault(400, code, text, { details: { allowed: known } });
}

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

/** How many are told at once: `limit`, at least one of at most `most`; `usual` when it is absent. Throws 400. */
export function readLimit(url: URL, { most, usual }: { most: number; usual: number }): number {
  return readNumber(url, "limit", { min: 1, max: most, isWhole: true }) ?? usual;
}

/** An hour: a request that waits longer belongs to nobody any more. */
export const LONGEST_TIMEOUT_S = 3600;

/** How long an answer is waited for; `usual` when `timeout` is absent. Throws 400. */
export function readTimeoutS(url: URL, usual: number): number {
  return readNumber(url, "timeout", { min: 0.001, max: LONGEST_TIMEOUT_S, isWhole: false }) ?? usual;
}

/** Whether `name` is 1; false when it is absent. Throws 400. */
export function readFlag(url: URL, name: string): boolean {
  const value = url.searchParams.get(name);
  if (value === null || value === "0") return false;
  if (value === "1") return true;
  throw new HttpFault(400, "QUERY_INVALID", `reading ${name}: ${JSON.stringify(value)}; allowed: 0 or 1`);
}

/** Numbers of messages; 0 is before the first. */
export const messageNumbers: NumberRange = { min: 0, max: Number.MAX_SAFE_INTEGER, isWhole: true };
