/** JSON as IRC-IoT has it: ASCII without blanks on the way out; on the way in no deeper and no number greater than we carry. */
import { type Fault, FaultCode, IrcIotError } from "./fault-code.ts";
import { defaultLimits } from "./limits.ts";

const [QUOTE, BACKSLASH, ZERO, NINE] = [34, 92, 48, 57];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [91, 93, 123, 125];
const [POINT, PLUS, MINUS, CAPITAL_E, SMALL_E] = [46, 43, 45, 69, 101];
/** Above this JavaScript writes an exponent, and every reader takes a float. */
const EXPONENT_FROM = 1e21;
const TWO_TO_53 = 2 ** 53;
/** Characters that nothing harmful can be built from: more than an IRC line has with its tags, or a Datum of twenty lines. */
const SHORT_TEXT = 8192;
/** Digits of a number that is exact, whatever they are. */
const EXACT_DIGITS = 15;
/** Characters of a number in the words for people. */
const LONGEST_SHOWN = 24;
/** Keys, and names, whose quoted form is remembered: more than those of a network's Datums, few enough to be nothing. */
const MOST_KEYS = 1024;
const LONGEST_KEY = 64;

const quotedKeys = new Map<string, string>();
const quotedNames = new Map<string, string>();

/**
 * JSON without blanks, all but printable ASCII as \uXXXX. IrcIotError for what JSON or our numbers cannot carry: NaN,
 * Infinity, integers of 2^53 and above, what is not plain data, nesting deeper than `maxDepth`.
 */
export function formatAscii(value: unknown, maxDepth = defaultLimits.maxDepth): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return formatNumber(value);
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value !== "object") throw refused(`a ${typeof value}, allowed is what JSON has`);
  if (maxDepth <= 0) throw refused("nested deeper than a receiver takes");
  return Array.isArray(value) ? formatArray(value, maxDepth - 1) : formatObject(value, maxDepth - 1);
}

function formatArray(values: readonly unknown[], maxDepth: number): string {
  let text = "[";
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ",";
    text += formatAscii(values[i] ?? null, maxDepth);
  }
  return `${text}]`;
}

function formatObject(value: object, maxDepth: number): string {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw refused(`an object of ${prototype.constructor?.name ?? "some class"}, allowed is plain data`);
  const fields = value as Record<string, unknown>;
  let text = "";
  for (const key in value) {
    const field = fields[key];
    if (field !== undefined) text += (text === "" ? "" : ",") + quoteKey(key) + formatAscii(field, maxDepth);
  }
  return `{${text}}`;
}

/** `"key":`, remembered. */
export function quoteKey(key: string): string {
  return quotedKeys.get(key) ?? remember(quotedKeys, key, `${quote(key)}:`);
}

/** A string in quotes that comes again and again, such as an address; remembered. */
export function quoteName(name: string): string {
  return quotedNames.get(name) ?? remember(quotedNames, name, quote(name));
}

function remember(quoted: Map<string, string>, text: string, inQuotes: string): string {
  if (quoted.size < MOST_KEYS && text.length <= LONGEST_KEY) quoted.set(text, inQuotes);
  return inQuotes;
}

/** A string in quotes. */
export function quote(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c > 0x7e || c === QUOTE || c === BACKSLASH) return escapeAll(text);
  }
  return `"${text}"`;
}

function escapeAll(text: string): string {
  const plain = JSON.stringify(text);
  let escaped = "";
  let from = 0;
  for (let i = 0; i < plain.length; i++) {
    const c = plain.charCodeAt(i);
    if (c <= 0x7e) continue;
    escaped += `${plain.slice(from, i)}\\u${c.toString(16).padStart(4, "0")}`;
    from = i + 1;
  }
  return escaped + plain.slice(from);
}

function formatNumber(value: number): string {
  if (Number.isSafeInteger(value)) return value === 0 && 1 / value < 0 ? "-0.0" : `${value}`;
  if (!Number.isFinite(value)) throw refused(`${value}, which JSON has not`);
  if (Number.isInteger(value) && Math.abs(value) < EXPONENT_FROM)
    throw refused(`the integer ${value}, allowed is below 2^53`);
  return `${value}`;
}

function refused(seen: string): IrcIotError {
  return new IrcIotError(FaultCode.INVALID_MESSAGE, `JSON: ${seen}`);
}

/** The value of a text, or why it is not taken. `__proto__` is a key like any other; of keys that repeat the last counts. */
export function parseJson(text: string, maxDepth: number): { value: unknown } | Fault {
  const isShort = text.length <= SHORT_TEXT;
  const unfit = isShort ? null : findUnfit(text, maxDepth);
  if (unfit !== null) return unfit;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fault("not JSON");
  }
  // What is short is built first: looking at values costs a fifth of looking at characters.
  if (isShort && !isPlain(value, maxDepth)) {
    const found = findUnfit(text, maxDepth);
    if (found !== null) return found;
  }
  return { value };
}

/** Whether no number is so great that the text must be asked how it was written, and nothing is too deep. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === "number") return value < TWO_TO_53 && value > -TWO_TO_53;
  if (typeof value !== "object" || value === null) return true;
  if (depth <= 0) return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth - 1)) return false;
    return true;
  }
  for (const key in value) if (!isPlain((value as Record<string, unknown>)[key], depth - 1)) return false;
  return true;
}

/** Nesting and numbers that we do not take. One look at each character; the text may be no JSON at all. */
function findUnfit(text: string, maxDepth: number): Fault | null {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = endOfString(text, i);
    else if (c >= ZERO && c <= NINE) {
      const end = endOfNumber(text, i);
      const unfit =
        end - i > EXACT_DIGITS || hasExponent(text, i, end) ? findUnfitNumber(text.slice(i, end)) : null;
      if (unfit !== null) return unfit;
      i = end - 1;
    } else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      if (++depth > maxDepth) return fault(`nested deeper than ${maxDepth}`);
    } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) depth--;
  }
  return null;
}

/** `at` is the opening quote; gives the closing one, or the end of the text. */
export function endOfString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) return i;
    if (c === BACKSLASH) i++;
  }
  return text.length;
}

function endOfNumber(text: string, at: number): number {
  let end = at + 1;
  while (isOfNumber(text.charCodeAt(end))) end++;
  return end;
}

function hasExponent(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === CAPITAL_E || c === SMALL_E) return true;
  }
  return false;
}

function isOfNumber(c: number): boolean {
  return (
    (c >= ZERO && c <= NINE) || c === POINT || c === CAPITAL_E || c === SMALL_E || c === PLUS || c === MINUS
  );
}

/** An integer of 2^53 or more would arrive as another one; a float keeps the nearest value, as at its sender. */
function findUnfitNumber(token: string): Fault | null {
  const value = Number(token);
  if (value === Infinity) return fault(`the number ${token.slice(0, LONGEST_SHOWN)}, beyond all`);
  if (value >= TWO_TO_53 && ![...token].some((c) => c === "." || c === "e" || c === "E"))
    return fault(`the integer ${token.slice(0, LONGEST_SHOWN)}, allowed is below 2^53`);
  return null;
}

function fault(seen: string): Fault {
  return { code: FaultCode.INVALID_MESSAGE, reason: `JSON: ${seen}` };
}
