/**
 * What boards say as Datums, and Datums as requests to boards. Fields keep their names; one that means something to
 * IRC-IoT itself travels with an underscore in front of it, and loses that on its way to a board.
 */
import type { Datum } from "../irc-iot/datum.ts";
import { formatDatumTime } from "../irc-iot/datum-time.ts";
import type { DeliveredMessage } from "../store/store.ts";

/** Of Datums, fragments and key Datums (IRC-IoT §4). */
const reserved = new Set([
  "ot",
  "src",
  "dst",
  "t",
  "did",
  "bc",
  "bp",
  "ed",
  "em",
  "ek",
  "bk",
  "bm",
  "ec",
  "dsc",
]);
/** How we number messages, requests and replies in Datums. */
const ours = new Set(["n", "rq", "re", "err", "kill", "key", "outcome", "code"]);
const isTaken = (name: string) => reserved.has(name) || ours.has(name);
/** One that has such a name with underscores in front of it gets one more, so that no two names become one. */
const ESCAPED = /^_*/;

export type Detail = "full" | "brief";

export interface ToldAs {
  src: string;
  detail: Detail;
  /** Only these; all when there are none. */
  fields: readonly string[];
}

/** `n`: how many messages this gateway's store had, so that whoever hears one twice can tell. */
export function datumOfMessage({ n, t, at, message }: DeliveredMessage, told: ToldAs): Datum {
  const { ot } = message;
  const datum: Datum = {
    ot: typeof ot === "string" && ot !== "" ? ot : "l:message",
    src: told.src,
    dst: "",
    t: formatDatumTime(t ?? at),
  };
  for (const [name, value] of Object.entries(message)) {
    if (name === "ot" || name === "t" || !isWanted(name, value, told)) continue;
    setOwn(datum, outward(name), value);
  }
  datum.n = n;
  return datum;
}

/** The reply of a board, or what became of a request, without what only this gateway understands. */
export function fieldsOfReply(reply: Record<string, unknown>): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(reply)) {
    if (name === "re" || name === "ot") continue;
    setOwn(fields, name === "err" ? name : outward(name), value);
  }
  return fields;
}

/** A Datum as what its board is asked. */
export function messageOfDatum(datum: Datum): { ot: string; [field: string]: unknown } {
  const message: { ot: string; [field: string]: unknown } = { ot: datum.ot };
  for (const [name, value] of Object.entries(datum)) if (!isTaken(name)) setOwn(message, inward(name), value);
  return message;
}

function isWanted(name: string, value: unknown, { detail, fields }: ToldAs): boolean {
  if (fields.length > 0) return fields.includes(name);
  return detail === "full" || typeof value !== "object" || value === null;
}

const outward = (name: string) => (isTaken(name.replace(ESCAPED, "")) ? `_${name}` : name);

const inward = (name: string) =>
  name.startsWith("_") && isTaken(name.replace(ESCAPED, "")) ? name.slice(1) : name;

/** Also of a field called __proto__, which is data like any other (IRC-IoT §4). */
function setOwn(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
