/** Requests as people type them, `led sim-1 on`, and back: the same facts as their JSON has. */
import { isDeepStrictEqual } from "node:util";
import { suggest } from "../platform/suggest.ts";
import type { Registry } from "./registry.ts";
import { commandWord, type ItemDescription, type TypeDescription } from "./type-description.ts";
import { EXAMPLE_BOARD, exampleOf, ownWords, usageOf } from "./usage.ts";
import { allowedOf, readValue, sayValue } from "./values.ts";

/** What a board is asked. */
export interface RequestMessage {
  ot: string;
  [field: string]: unknown;
}

/** What cannot be understood, in words for who typed it. */
export interface Wrong {
  /** What was seen. */
  wrong: string;
  /** What would be understood. */
  allowed: string;
  /** One line that is. */
  example: string;
  /** There is no such command at all. */
  isNoCommand?: boolean;
}

export type ParsedWords = { device: string; message: RequestMessage } | Wrong;

/** Asks for a type by its name, whether it is described or not. */
const SEND = "send";
const SEND_USAGE = "send BOARD TYPE [JSON]";
const NAMED = /^([^\s=]+)=(.*)$/s;
const SEND_EXAMPLE = `${SEND} ${EXAMPLE_BOARD} l:info`;
const SHOWN_LETTERS = 40;

const nameItem: ItemDescription = { name: "name", kind: "text", meaning: "of a board or a type" };

/** `words` as splitWords gives them, the first of them the command. */
export function parseWords(words: readonly string[], registry: Registry): ParsedWords {
  const [command, device, ...rest] = words;
  if (command === undefined) return unknown("nothing was typed", registry.allRequests(), "");
  if (command === SEND) return parseSend(words.slice(1));
  const known = registry.allRequests().find((type) => commandWord(type) === command);
  if (device === undefined) {
    if (known === undefined) return unknown(`no command ${quote(command)}`, registry.allRequests(), command);
    return { wrong: `${command}: which board is missing`, ...usageAndExample(known) };
  }
  const name = readName(device);
  if (name === undefined) return { wrong: `${quote(device)} names no board`, ...usageAndExample(known) };
  const asked = registry.requestsOf(registry.senderOf(name));
  const type = asked.find((one) => commandWord(one) === command);
  const board = sayName(name);
  if (type === undefined) {
    const what = known === undefined ? `no command ${quote(command)}` : `${board} has no ${command}`;
    return unknown(what, asked, command, board);
  }
  const filled = fillItems(type, rest, board);
  if ("wrong" in filled) return filled;
  return { device: name, message: { ot: type.ot, ...filled.fields } };
}

/** What parseWords takes for exactly this request: in the type's own words where it has them, else `send …`. */
export function sayRequest(device: string, message: RequestMessage, registry: Registry): string {
  const board = sayName(device);
  const type = registry.requestsOf(registry.senderOf(device)).find(({ ot }) => ot === message.ot);
  for (const words of type === undefined ? [] : sayings(type, board, message)) {
    const parsed = parseWords(words, registry);
    if ("message" in parsed && parsed.device === device && isDeepStrictEqual(parsed.message, message))
      return words.join(" ");
  }
  const { ot, ...fields } = message;
  const json = Object.keys(fields).length === 0 ? "" : ` ${JSON.stringify(fields)}`;
  return `${SEND} ${board} ${sayName(ot)}${json}`;
}

/** All that is required by its place; the rest by its place as well, or by its name. */
function sayings(type: TypeDescription, board: string, message: RequestMessage): string[][] {
  const items = (type.request ?? []).filter(({ name }) => Object.hasOwn(message, name));
  const values = items.map((item) => sayValue(item, message[item.name]));
  if (values.includes(null)) return [];
  const named = items.map(({ name, required }, i) => (required ? values[i] : `${name}=${values[i]}`));
  return [values, named].map((line) => [commandWord(type), board, ...(line as string[])]);
}

function fillItems(
  type: TypeDescription,
  words: readonly string[],
  device: string,
): { fields: Record<string, unknown> } | Wrong {
  const fields = new Map<string, unknown>();
  const items = type.request ?? [];
  const wrong = (what: string): Wrong => ({
    ...{ wrong: `${commandWord(type)}: ${what}`, ...usageAndExample(type, device) },
  });
  for (const word of words) {
    const found = itemFor(word, items, fields);
    if (found === undefined) return wrong(`${quote(word)} is a word too many`);
    const { item, text } = found;
    if (fields.has(item.name)) return wrong(`${item.name} is given twice`);
    const read = readValue(item, text);
    if ("allowed" in read) return wrong(`${item.name} is ${quote(text)}, allowed is ${read.allowed}`);
    fields.set(item.name, read.value);
  }
  const missing = items.find(({ name, required }) => required && !fields.has(name));
  if (missing !== undefined)
    return wrong(`${missing.name} is missing, ${missing.meaning}: ${allowedOf(missing)}`);
  // In the order of the description, however they were typed.
  return {
    fields: Object.fromEntries(
      items.filter(({ name }) => fields.has(name)).map(({ name }) => [name, fields.get(name)]),
    ),
  };
}

/**
 * `name=value` of an item, or the next in its place. Past one that may be absent goes only what is a word of a later one:
 * a mistyped number must not become somebody's free text.
 */
function itemFor(
  word: string,
  items: readonly ItemDescription[],
  fields: ReadonlyMap<string, unknown>,
): { item: ItemDescription; text: string } | undefined {
  const [, name, text] = NAMED.exec(word) ?? [];
  const named = items.find((item) => item.name === name);
  if (named !== undefined) return { item: named, text };
  const unset = items.filter((item) => !fields.has(item.name));
  const [next] = unset;
  if (next === undefined) return undefined;
  if (next.required || "value" in readValue(next, word)) return { item: next, text: word };
  return { item: unset.find((item) => ownWords(item).includes(word)) ?? next, text: word };
}

function parseSend([device, type, json, ...more]: readonly string[]): ParsedWords {
  const wrong = (what: string): Wrong => ({
    ...{
      wrong: `${SEND}: ${what}`,
      allowed: SEND_USAGE,
      example: `${SEND} ${EXAMPLE_BOARD} l:led {"on":true}`,
    },
  });
  const board = device === undefined ? undefined : readName(device);
  const ot = type === undefined ? undefined : readName(type);
  if (board === undefined) return wrong("which board is missing");
  if (ot === undefined) return wrong("the type of the request is missing");
  if (more.length > 0) return wrong(`${quote(more[0])} is a word too many`);
  const fields = readFields(json ?? "{}");
  if (fields === undefined) return wrong(`${quote(json)} is no JSON object`);
  if (Object.hasOwn(fields, "ot")) return wrong("the type stands before the JSON: leave ot out");
  return { device: board, message: { ot, ...fields } };
}

function readName(word: string): string | undefined {
  const read = readValue(nameItem, word);
  return "value" in read && read.value !== "" ? String(read.value) : undefined;
}

function sayName(name: string): string {
  return sayValue(nameItem, name) ?? JSON.stringify(name);
}

function readFields(json: string): Record<string, unknown> | undefined {
  const read = readValue({ name: "", kind: "object", meaning: "" }, json);
  return "value" in read ? (read.value as Record<string, unknown>) : undefined;
}

function unknown(what: string, types: readonly TypeDescription[], command: string, device?: string): Wrong {
  const names = [...new Set(types.map(commandWord)), SEND];
  const nearest = suggest(command, names);
  const question = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  const meant = types.find((type) => commandWord(type) === nearest) ?? types[0];
  return {
    wrong: `${what}${question}`,
    allowed: names.join(", "),
    example: meant === undefined ? SEND_EXAMPLE : exampleOf(meant, device),
    isNoCommand: true,
  };
}

function usageAndExample(
  type: TypeDescription | undefined,
  device?: string,
): Pick<Wrong, "allowed" | "example"> {
  if (type === undefined) return { allowed: SEND_USAGE, example: SEND_EXAMPLE };
  return { allowed: usageOf(type), example: exampleOf(type, device) };
}

function quote(text: string): string {
  const shown = text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}…` : text;
  return JSON.stringify(shown);
}
