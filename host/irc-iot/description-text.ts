/** A type's description as it travels: what a robot says of itself, read as from a stranger. */
import { type ItemDescription, isLocal, itemKinds, type TypeDescription } from "./type-description.ts";

/** Of one type; a description that wants more is refused as a whole. Characters: of what is kept of it, as JSON. */
const MAX_CHARS = 8192;
const MAX_ITEMS = 64;
const MAX_WORDS = 32;
const MAX_NAME = 64;
const MAX_MEANING = 200;

type Fields = Readonly<Record<string, unknown>>;

/** undefined: it describes nothing, or not as it must. Kinds that we do not know become "any". */
export function parseDescription(value: unknown): TypeDescription | undefined {
  if (!isFields(value)) return undefined;
  const { ot, meaning = "", items, request, reply, word } = value;
  if (!isName(ot) || !isLocal(ot) || !isText(meaning, MAX_MEANING)) return undefined;
  if (word !== undefined && !isName(word)) return undefined;
  const lists = { items, request, reply };
  const parsed: Partial<Record<keyof typeof lists, ItemDescription[]>> = {};
  for (const name of ["items", "request", "reply"] as const) {
    if (lists[name] === undefined) continue;
    const list = parseItems(lists[name]);
    if (list === undefined) return undefined;
    parsed[name] = list;
  }
  const type = { ot, meaning, ...parsed, ...(word === undefined ? {} : { word }) };
  return JSON.stringify(type).length <= MAX_CHARS ? type : undefined;
}

function parseItems(value: unknown): ItemDescription[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_ITEMS) return undefined;
  const items: ItemDescription[] = [];
  for (const one of value) {
    const item = isFields(one) ? parseItem(one) : undefined;
    if (item === undefined || items.some(({ name }) => name === item.name)) return undefined;
    items.push(item);
  }
  return items;
}

function parseItem(fields: Fields): ItemDescription | undefined {
  const { name, kind, meaning = "", unit, required, choices, min, max, words, label, usual } = fields;
  // "__proto__" names no field of a message that is built from this.
  if (!isName(name) || name === "__proto__" || name === "ot" || !isText(meaning, MAX_MEANING))
    return undefined;
  const isGood =
    isAbsentOr(unit, (one) => isText(one, MAX_NAME)) &&
    isAbsentOr(label, (one) => isText(one, MAX_NAME)) &&
    isAbsentOr(required, (one) => typeof one === "boolean") &&
    isAbsentOr(min, Number.isFinite) &&
    isAbsentOr(max, Number.isFinite) &&
    isAbsentOr(usual, isScalar) &&
    isAbsentOr(choices, (one) => Array.isArray(one) && one.length <= MAX_WORDS && one.every(isName)) &&
    isAbsentOr(words, isWords);
  if (!isGood) return undefined;
  const known = itemKinds.find((one) => one === kind) ?? "any";
  const others = { unit, required, choices, min, max, words, label, usual };
  return { name, kind: known, meaning, ...withoutAbsent(others) } as ItemDescription;
}

function withoutAbsent(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function isAbsentOr(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown, max: number): value is string {
  return typeof value === "string" && value.length <= max;
}

function isName(value: unknown): value is string {
  return isText(value, MAX_NAME) && value !== "" && !/[\s\p{C}]/u.test(value);
}

function isScalar(value: unknown): boolean {
  return typeof value === "boolean" || Number.isFinite(value) || isText(value, MAX_NAME);
}

function isWords(value: unknown): boolean {
  if (!isFields(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= MAX_WORDS && entries.every(([word, one]) => isName(word) && isScalar(one));
}
