/** A message in words for people: one line, its facts with their units, never longer than it may be. */
import { parseDatumTime } from "./datum-time.ts";
import type { Registry } from "./registry.ts";
import type { ItemDescription } from "./type-description.ts";
import { wordOf } from "./values.ts";

export interface SayOptions {
  registry: Registry;
  /** The address of who says it; `src` of the message when absent. */
  sender?: string;
  /** Milliseconds since 1970, now and when it was made or came; without them no age is told. */
  now?: number;
  at?: number;
  maxBytes: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Told in another way, or of use to programs only. */
const leftOut = new Set(["ot", "src", "dst", "t", "n", "re", "rq", "kill", "err", "key", "did"]);
const ELLIPSIS = " …";
/** Other clocks are not ours: an age below nothing by less than this is none. */
const CLOCKS_DIFFER_MS = 120_000;
// Colours and other formatting of IRC are control characters, too.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** `temp 20.75 °C, supply 3.3 V, free 3200, up 3 min (40 s ago)`: what comes first is left when there is not room for all. */
export function sayMessage(message: Fields, options: SayOptions): string {
  const age = ageOf(message, options);
  const room = options.maxBytes - byteLength(age);
  // No room for both: what it says, not when.
  if (room < byteLength(ELLIPSIS)) return fitFacts(factsOf(message, options), options.maxBytes);
  return fitFacts(factsOf(message, options), room) + age;
}

/** The facts of a message, each in words: those that are described, in their order, then the others in theirs. */
function factsOf(message: Fields, { registry, sender }: Pick<SayOptions, "registry" | "sender">): string[] {
  const items = itemsOf(message, registry, sender ?? String(message.src ?? ""));
  const names = new Set(items.map(({ name }) => name));
  const others = Object.keys(message).filter((name) => !names.has(name) && !leftOut.has(name));
  return [
    ...(message.err === undefined ? [] : [`error: ${sayPlain(message.err)}`]),
    ...items
      .filter(({ name }) => Object.hasOwn(message, name))
      .map((item) => sayItem(item, message[item.name])),
    ...others.map((name) => sayUnknown(name, message[name])),
  ]
    .map(visible)
    .filter((fact) => fact !== "");
}

/** `20.75 °C`, `on`, `3 min`: a value with its unit, without its name. */
function formatValue(item: ItemDescription, value: unknown): string {
  const word = wordOf(item, value);
  if (word !== undefined) return word;
  if (typeof value === "number" && item.kind === "duration") return formatSpan(value);
  if (typeof value === "number" && item.unit !== undefined) return `${value} ${item.unit}`;
  return sayPlain(value);
}

/** `40 s`, `3 min`, `5 h 12 min`, `2 d 3 h`: no more than two parts of it. */
export function formatSpan(seconds: number): string {
  if (!(seconds >= 60)) return `${seconds} s`;
  const units: [number, string][] = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  const first = units.findIndex(([size]) => seconds >= size);
  const [[size, name], [nextSize, nextName]] = [units[first], units[first + 1]];
  const rest = Math.floor((seconds % size) / nextSize);
  const head = `${Math.floor(seconds / size)} ${name}`;
  return rest === 0 ? head : `${head} ${rest} ${nextName}`;
}

/** Without what a terminal or an IRC client would act on. */
function visible(text: string): string {
  return text.replace(INVISIBLE, "");
}

function itemsOf(message: Fields, registry: Registry, sender: string): readonly ItemDescription[] {
  const { ot, dst, re, err } = message;
  if (typeof ot !== "string") return [];
  const datum = { ...message, ot, src: sender, dst: typeof dst === "string" ? dst : "" };
  const described = registry.describeDatum({
    ...datum,
    ...(re === undefined && err === undefined ? {} : { re: re ?? 0 }),
  });
  if (described === undefined) return [];
  const { type, role } = described;
  return (role === "reply" ? type.reply : role === "request" ? type.request : type.items) ?? [];
}

function sayItem(item: ItemDescription, value: unknown): string {
  if (isEmpty(value) || (item.usual !== undefined && value === item.usual)) return "";
  const label = item.label ?? item.name;
  const said = formatValue(item, value);
  return label === "" ? said : `${label} ${said}`;
}

function sayUnknown(name: string, value: unknown): string {
  if (isEmpty(value)) return "";
  return `${name} ${typeof value === "boolean" ? (value ? "yes" : "no") : sayPlain(value)}`;
}

/** Nothing was measured, or nothing is in it. */
function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function sayPlain(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((one) => typeof one === "string" || typeof one === "number"))
    return value.join(" ");
  return JSON.stringify(value) ?? "";
}

function ageOf(message: Fields, { now, at }: SayOptions): string {
  const made = at ?? parseDatumTime(message.t);
  if (now === undefined || made === undefined) return "";
  const ms = now - made;
  // A clock that is wrong says nothing about age.
  if (ms < -CLOCKS_DIFFER_MS) return "";
  return ` (${formatSpan(Math.max(0, Math.round(ms / 1000)))} ago)`;
}

/** As many of the facts as there is room for, and the first of them cut where not even that is whole. */
function fitFacts(facts: readonly string[], maxBytes: number): string {
  const whole = facts.join(", ");
  if (byteLength(whole) <= maxBytes) return whole;
  for (let count = facts.length - 1; count > 0; count--) {
    const line = facts.slice(0, count).join(", ") + ELLIPSIS;
    if (byteLength(line) <= maxBytes) return line;
  }
  return cut(facts[0] ?? "", maxBytes);
}

/** `text` within `maxBytes` of UTF-8, no letter halved. */
export function cut(text: string, maxBytes: number): string {
  if (byteLength(text) <= maxBytes) return text;
  let room = maxBytes - byteLength(ELLIPSIS);
  if (room < 0) return "";
  let kept = "";
  for (const letter of text) {
    room -= byteLength(letter);
    if (room < 0) break;
    kept += letter;
  }
  return kept + ELLIPSIS;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
