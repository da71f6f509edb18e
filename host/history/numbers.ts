/** The numbers in a message: what of it has a history. */
import type { DeliveredMessage } from "../store/store.ts";

const MAX_DEPTH = 3;
/** Of the protocol, in the message itself (session part 4). */
const own = ["ot", "t", "rq", "re", "err", "kill"];
/** Names are kept with every series. */
const MOST_NAME = 64;
/** A clock that is ahead by more is wrong. */
const AHEAD_MS = 60_000;

/** The type of a message that has values; null: it is a reply or a word of the protocol, or has no name to keep. */
export function typeOf({ message }: DeliveredMessage): string | null {
  const { ot, re, kill } = message;
  if (typeof ot !== "string" || typeof re === "number" || typeof kill === "number") return null;
  return ot.length <= MOST_NAME ? ot : null;
}

/** When it was true, ms since 1970: as the board says where that can be, else when it arrived. */
export function timeOf({ t, at }: DeliveredMessage, keepMs: number): number {
  return t !== undefined && Number.isFinite(t) && t <= at + AHEAD_MS && t >= at - keepMs ? Math.round(t) : at;
}

/** Each number of the message, true and false as 1 and 0; those within objects under names with points: `bme.temp`. */
export function forEachNumber(
  { message }: DeliveredMessage,
  take: (field: string, value: number) => void,
): void {
  walk(message, "", 1, take);
}

function walk(
  object: object,
  prefix: string,
  depth: number,
  take: (field: string, value: number) => void,
): void {
  for (const [name, value] of Object.entries(object)) {
    if (depth === 1 && own.includes(name)) continue;
    const field = prefix + name;
    if (typeof value === "boolean") take(field, value ? 1 : 0);
    else if (typeof value === "number") {
      if (Number.isFinite(value)) take(field, value);
    } else if (typeof value === "object" && value !== null && !Array.isArray(value) && depth < MAX_DEPTH)
      walk(value, `${field}.`, depth + 1, take);
  }
}

export const isKeepable = (field: string) => field !== "" && field.length <= MOST_NAME;
