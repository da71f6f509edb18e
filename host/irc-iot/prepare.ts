/** A Datum written as far as it can be before it is known what its line shares with others. */
import type { Datum } from "./datum.ts";
import { FaultCode, IrcIotError } from "./fault-code.ts";
import { isName, LONGEST_NAME } from "./fields.ts";
import { formatAscii, quoteKey, quoteName } from "./json-text.ts";
import type { Limits } from "./limits.ts";

/** Levels of a Container, its Object, the array of Datums, the Datum. */
const LEVELS_AROUND = 4;

export interface Prepared {
  datum: Datum;
  /** Its type in quotes. */
  ot: string;
  /** Its fields but `ot`, `src` and `dst`. */
  rest: string;
  /** `,"src":"…"`, and the like. */
  src: string;
  dst: string;
}

/** IrcIotError for what is no Datum, or what JSON cannot carry. */
export function prepare(datum: Datum, index: number, limits: Limits): Prepared {
  if (typeof datum !== "object" || datum === null) throw refused(index, "not an object");
  const { ot, src, dst, t } = datum as Readonly<Record<string, unknown>>;
  if (!isName(ot)) throw refused(index, `no ot, which is a word of at most ${LONGEST_NAME} characters`);
  if (typeof src !== "string" || typeof dst !== "string")
    throw refused(index, "no src or no dst, which are addresses");
  if (t !== undefined && typeof t !== "string" && typeof t !== "number")
    throw refused(index, "a t that is no time");
  return {
    datum,
    ot: quoteName(ot),
    rest: fieldsOf(datum, true, true, limits),
    src: `,"src":${quoteName(src)}`,
    dst: `,"dst":${quoteName(dst)}`,
  };
}

/** The fields of a Datum in their order, without `ot`, and without `src` and `dst` where the Object has them. */
export function fieldsOf(datum: Datum, isWithoutSrc: boolean, isWithoutDst: boolean, limits: Limits): string {
  const levels = limits.maxDepth - LEVELS_AROUND;
  let fields = "";
  for (const key in datum) {
    if (key === "ot" || (isWithoutSrc && key === "src") || (isWithoutDst && key === "dst")) continue;
    const value = datum[key];
    if (value === undefined) continue;
    const field = quoteKey(key) + formatAscii(value, levels);
    fields = fields === "" ? field : `${fields},${field}`;
  }
  return fields;
}

function refused(index: number, seen: string): IrcIotError {
  return new IrcIotError(FaultCode.INVALID_MESSAGE, `Datum ${index}: ${seen}`);
}
