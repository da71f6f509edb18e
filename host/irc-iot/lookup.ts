/** Registries asked and answering over IRC-IoT: the Datums `lookup` and `answer` (IRC-IoT S-14, S-15; spec 603). */
import type { Datum } from "./datum.ts";
import { parseDescription } from "./description-text.ts";
import { LONGEST_NAME } from "./fields.ts";
import { defaultLimits } from "./limits.ts";
import type { Registry } from "./registry.ts";

// lookup   a: {"a1":ADDRESS}              direct: what is this address      a: {"a1":ADDRESS,"ot":TYPE}: and this type of it
//          r: {"ot":TYPE}                 reverse: which addresses have it
// answer   a: [{"a1":ADDRESS,"types":[TYPE,…]}, {"a1":ADDRESS,"ot":TYPE,"d":DESCRIPTION}]
//          r: [{"ot":TYPE,"a1":ADDRESS,"a2":ADDRESS,…}]
// Several questions stand in a list. spec 603 leaves open what an answer has: `ot`, `types`, `d` are ours.

/** Questions of one lookup that are answered, and addresses that one answer names: its text is bounded by ours. */
const MAX_QUESTIONS = 2;
const MAX_ADDRESSES = 32;
const LONGEST_NUMBER = 64;
const ADDRESS_FIELD = /^a\d{1,2}$/;

type Fields = Readonly<Record<string, unknown>>;

/** What the robot at `address` is, or what its type `ot` means. */
export function lookupOf(address: string, ot?: string): { ot: string; a: Fields } {
  return { ot: "lookup", a: { a1: address, ...(ot === undefined ? {} : { ot }) } };
}

/** Which robots have the type `ot`. */
export function lookupFor(ot: string): { ot: string; r: Fields } {
  return { ot: "lookup", r: { ot } };
}

/**
 * What we say to a lookup, one Datum for each address that is ours and one for what was asked in reverse: a description
 * counts only from who it is of. None when nothing of it is ours: others may know, and a hundred "I do not" help nobody.
 */
export function answerLookup(
  lookup: Datum,
  { registry, addresses, self }: { registry: Registry; addresses: readonly string[]; self: string },
): Datum[] {
  // An answer repeats what is short, whatever the asker likes to be called.
  if (lookup.src.length > defaultLimits.maxAddress) return [];
  const to = { dst: lookup.src, ...(isShort(lookup.rq) ? { re: lookup.rq } : {}) };
  const answers = new Map<string, Fields[]>();
  for (const question of questions(lookup.a))
    for (const address of addressesIn(question)) {
      if (!addresses.includes(address)) continue;
      answers.set(address, [...(answers.get(address) ?? []), answerOf(address, question.ot, registry)]);
    }
  const direct = [...answers].map(([src, a]): Datum => ({ ot: "answer", src, ...to, a }));
  const r = questions(lookup.r).flatMap((question) => reverse(question.ot, registry, addresses));
  return r.length === 0 ? direct : [...direct, { ot: "answer", src: self, ...to, r }];
}

/** Takes into the registry what `answer` says of its own sender, and says what: a robot describes itself alone (S-15). */
export function learnAnswer(answer: Datum, registry: Registry): string[] {
  const learned: string[] = [];
  // No address, and it would be kept as long as what it describes.
  if (answer.src.length > defaultLimits.maxAddress) return learned;
  for (const one of questions(answer.a)) {
    if (one.a1 !== answer.src) continue;
    const type = parseDescription(one.d);
    if (type !== undefined && type.ot === one.ot && registry.learn(answer.src, type)) learned.push(type.ot);
  }
  return learned;
}

function isShort(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && value.length <= LONGEST_NUMBER);
}

function answerOf(address: string, ot: unknown, registry: Registry): Fields {
  if (typeof ot !== "string" || ot.length > LONGEST_NAME)
    return { a1: address, types: registry.list(address).map((type) => type.ot) };
  // null: it has no such type, which is an answer as well.
  return { a1: address, ot, d: registry.describe(ot, address) ?? null };
}

function reverse(ot: unknown, registry: Registry, addresses: readonly string[]): Fields[] {
  if (typeof ot !== "string") return [];
  const having = addresses.filter((address) => registry.list(address).some((type) => type.ot === ot));
  if (having.length === 0) return [];
  const named = having.slice(0, MAX_ADDRESSES).map((address, i) => [`a${i + 1}`, address]);
  return [{ ot, ...Object.fromEntries(named) }];
}

/** One, or several in a list; what is no object asks nothing. */
function questions(value: unknown): Fields[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.slice(0, MAX_QUESTIONS).filter((one): one is Fields => typeof one === "object" && one !== null);
}

function addressesIn(question: Fields): string[] {
  const names = Object.keys(question).filter((name) => ADDRESS_FIELD.test(name));
  const values = names.map((name) => question[name]).filter((value) => typeof value === "string");
  return [...new Set(values)].slice(0, MAX_QUESTIONS);
}
