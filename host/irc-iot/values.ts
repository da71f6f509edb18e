/** Values of items as people say them: a word for each that can be read back, and one to be read. */
import { isDeepStrictEqual } from "node:util";
import type { ItemDescription } from "./type-description.ts";

/** Of a value that was typed: what it is, or what would be allowed. */
export type ReadValue = { value: unknown } | { allowed: string };

/** A word of its own; anything else is said as JSON. */
const PLAIN = /^[^\s"{}[\]=\p{C}]+$/u;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)$/;
const secondsOf: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };
const flags: Readonly<Record<string, boolean>> = {
  ...{ on: true, yes: true, true: true, off: false, no: false, false: false },
};

export function readValue(item: ItemDescription, word: string): ReadValue {
  const { words = {}, choices } = item;
  if (Object.hasOwn(words, word)) return { value: words[word] };
  const value = readKind(item, word);
  if (value === undefined || isOutside(item, value)) return { allowed: allowedOf(item) };
  if (choices !== undefined && !choices.includes(String(value))) return { allowed: allowedOf(item) };
  return { value };
}

/** The word that readValue takes for exactly this value; null: there is none. */
export function sayValue(item: ItemDescription, value: unknown): string | null {
  const words = [wordOf(item, value), plainWord(value), JSON.stringify(value)];
  for (const word of words) {
    if (word === undefined) continue;
    const read = readValue(item, word);
    if ("value" in read && isDeepStrictEqual(read.value, value)) return word;
  }
  return null;
}

/** What people call this value, where the item has a word for it. */
export function wordOf({ words = {}, kind }: ItemDescription, value: unknown): string | undefined {
  const word = Object.keys(words).find((name) => words[name] === value);
  if (word !== undefined || typeof value !== "boolean") return word;
  return kind === "flag" || kind === "level" ? (value ? "yes" : "no") : undefined;
}

/** What may be typed, for people: `on or off`, `a number from 0`. */
export function allowedOf({ kind, words = {}, choices, min, max, unit }: ItemDescription): string {
  const names = [...Object.keys(words), ...(choices ?? [])];
  const isOnlyWords = choices !== undefined || (kind === "flag" && names.length > 0);
  const range = [min === undefined ? "" : ` from ${min}`, max === undefined ? "" : ` to ${max}`].join("");
  const kinds: Record<ItemDescription["kind"], string> = {
    text: "a text",
    number: `a number${range}${unit === undefined ? "" : ` of ${unit}`}`,
    integer: `a whole number${range}`,
    flag: "yes or no",
    level: "a number",
    duration: "seconds, or a time as 500ms, 30s, 5m, 2h",
    time: "a time, as 2026-01-02T03:04:05Z",
    list: "a list of JSON",
    object: "an object of JSON",
    any: "JSON",
  };
  return joinOr(isOnlyWords ? names : [...names, kinds[kind]]);
}

function joinOr(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} or ${names[names.length - 1]}`;
}

function readKind({ kind }: ItemDescription, word: string): unknown {
  switch (kind) {
    case "text":
      return word.startsWith('"') ? readText(word) : word;
    case "number":
      return readNumber(word);
    case "integer": {
      const value = readNumber(word);
      return Number.isSafeInteger(value) ? value : undefined;
    }
    case "flag":
      return flags[Object.hasOwn(flags, word) ? word : ""];
    case "level":
      return Object.hasOwn(flags, word) ? flags[word] : readNumber(word);
    case "duration":
      return readDuration(word);
    case "time":
      return word.startsWith('"') ? readText(word) : (readNumber(word) ?? word);
    case "list": {
      const value = readJson(word);
      return Array.isArray(value) ? value : undefined;
    }
    case "object": {
      const value = readJson(word);
      return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
    }
    default:
      return readJson(word);
  }
}

function isOutside({ min, max }: ItemDescription, value: unknown): boolean {
  if (typeof value !== "number") return false;
  return (min !== undefined && value < min) || (max !== undefined && value > max);
}

function readNumber(word: string): number | undefined {
  const value = NUMBER.test(word) ? Number(word) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function readDuration(word: string): number | undefined {
  const [, number, unit] = DURATION.exec(word) ?? [];
  if (number === undefined) return readNumber(word);
  // Of 0.1 m and the like: what a person meant, not what binary fractions make of it.
  return Number((Number(number) * secondsOf[unit]).toPrecision(15));
}

function readJson(word: string): unknown {
  try {
    return JSON.parse(word);
  } catch {
    return undefined; // no JSON: the caller says what is allowed
  }
}

function readText(word: string): string | undefined {
  const value = readJson(word);
  return typeof value === "string" ? value : undefined;
}

function plainWord(value: unknown): string | undefined {
  return typeof value === "string" && PLAIN.test(value) ? value : undefined;
}
