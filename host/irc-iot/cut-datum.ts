/** A Datum that no line holds: its text in pieces, one after the other, without overlap, none longer than a line. */
import { FaultCode, IrcIotError } from "./fault-code.ts";
import type { Limits } from "./limits.ts";
import { HEAD, type PackOptions } from "./pack.ts";
import { fieldsOf, type Prepared } from "./prepare.ts";
import { encodeText } from "./scheme.ts";

/** Schemes that the reference reads. */
const referenceSchemes: readonly string[] = ["b32p", "b64p", "b85p", "b64z", "b85z"];

export function isReadByReference(scheme: string): boolean {
  return referenceSchemes.includes(scheme);
}
/** Bytes whose base32 has no padding. The reference restores one all the same, and cannot read that: a blank prevents it. */
const BASE32_GROUP = 5;

interface Frame {
  /** Bytes of a line without its mid and its check. */
  room: number;
  options: PackOptions;
  limits: Limits;
  oid: number;
  did: number;
}

/** A line without its head, and open for a check. */
interface Piece {
  body: string;
  oid: string;
  did: string;
  ot: string;
  bp: number;
  bc: number;
  indexes: number[];
  warning?: string;
}

/** IrcIotError when it is too big for any receiver, the room too small, or the scheme not one for the receiver. */
export function cutDatum(prepared: Prepared, index: number, frame: Frame): Piece[] {
  const { options, room } = frame;
  const { profile, scheme } = options;
  const isForReference = profile === "pyirciot";
  if (isForReference && !isReadByReference(scheme))
    throw new IrcIotError(
      FaultCode.SCHEME,
      `scheme ${scheme}: the reference reads ${referenceSchemes.join(", ")}`,
    );
  const [oid, did] = [String(frame.oid), String(frame.did)];
  const json = `{${fieldsOf(prepared.datum, false, false, frame.limits)}}`;
  const text = encodeJson(json, prepared, index, frame);
  const warning = isForReference ? warningOf(json) : undefined;
  const bc = text.length;
  const { ot } = prepared.datum;
  const em = isForReference ? "" : `"em":"${scheme}",`;
  const before = `","o":{"oid":"${oid}","ot":${prepared.ot},"d":{"did":"${did}","bc":${bc},"bp":`;
  const fixed = `${HEAD}${before},${em}"ed":""}}}`.length;
  const pieces: Piece[] = [];
  for (let bp = 0; bp < bc; ) {
    const free = room - fixed - String(bp).length;
    if (free < 1)
      throw new IrcIotError(FaultCode.LENGTH_EXCEEDED, "a line too short for any fragment of the Datum");
    // The reference completes a Datum of one fragment only while none of another waits.
    const ed = text.slice(bp, bp + (isForReference && bp === 0 ? Math.min(free, bc - 1) : free));
    const indexes = bp + ed.length === bc ? [index] : [];
    const body = `${before}${bp},${em}"ed":"${ed}"}}`;
    pieces.push({ body, oid, did, ot, bp, bc, indexes, ...(warning === undefined ? {} : { warning }) });
    bp += ed.length;
  }
  return pieces;
}

function encodeJson(
  json: string,
  { datum }: Prepared,
  index: number,
  { options, limits, did }: Frame,
): string {
  const { scheme, profile, keys } = options;
  if (json.length > limits.maxInflated) throw tooBig(index, json.length, limits.maxInflated);
  const isMisread = profile === "pyirciot" && scheme === "b32p" && json.length % BASE32_GROUP === 0;
  const bytes = Buffer.from(isMisread ? `${json} ` : json, "latin1");
  const text = encodeText(scheme, bytes, keys, { ot: datum.ot, did: String(did) });
  if (text.length > limits.maxEncoded) throw tooBig(index, text.length, limits.maxEncoded);
  return text;
}

function tooBig(index: number, size: number, most: number): IrcIotError {
  return new IrcIotError(
    FaultCode.LENGTH_EXCEEDED,
    `Datum ${index}: ${size} characters, allowed are ${most}`,
  );
}

/** What the reference makes of the text of a Datum that came in fragments: it reads it as Python writes bytes. */
function warningOf(json: string): string | undefined {
  if (json.includes("'") || json.includes('\\"'))
    return "quotes in a Datum of several lines: the reference loses it";
  if (json.includes("\\")) return "escapes in a Datum of several lines: the reference alters them";
  return undefined;
}
