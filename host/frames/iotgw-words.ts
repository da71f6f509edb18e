/** A frame between gateways in words, part by part (iotgw §3). */
import { commandName, Reqtype } from "../iotgw/commands.ts";
import { decodeFrame, type FrameView } from "../iotgw/decode-frame.ts";
import {
  Delivery,
  FIXED_BYTES,
  headSize,
  Part,
  partOffset,
  SIGN_0,
  SIGN_1,
  TTL_NONE,
} from "../iotgw/frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import { wireErrorName } from "../iotgw/wire-error.ts";
import { type Finding, notUnderstood, understood } from "./findings.ts";
import { bodyInWords, hex64 } from "./iotgw-body-words.ts";

const CLAUSE = "iotgw §3";
const BODY_CLAUSE = "iotgw §4";

const kinds: Readonly<Record<number, string>> = {
  [Reqtype.REQUEST]: "request",
  [Reqtype.REPLY]: "reply",
  [Reqtype.ASYNC]: "notification",
};

/** Where it begins, and its words; it ends where the next one begins. */
type Piece = readonly [from: number, words: string];

/** No payload of a board begins so: it would be a blob whose type has 73 bytes. */
export function hasSign(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 2 && bytes[start] === SIGN_0 && bytes[start + 1] === SIGN_1;
}

/** All of the bytes as one frame, piece by piece. */
export function readIotgw(bytes: Uint8Array): Finding[] {
  const view = decode(bytes, 0, bytes.length);
  if (view instanceof FrameFault)
    return [notUnderstood(0, bytes.length, CLAUSE, `no frame of iotgw: ${view.text}`)];
  const pieces = headPieces(view);
  const findings = pieces.map(([from, words], i) =>
    understood(from, pieces[i + 1]?.[0] ?? view.bodyStart, CLAUSE, words),
  );
  const body = understood(view.bodyStart, view.end, BODY_CLAUSE, `body: ${bodyInWords(view)}`);
  return view.bodyStart < view.end ? [...findings, body] : findings;
}

/** bytes[start…end) as one frame, in one line. */
export function frameInWords(bytes: Uint8Array, start: number, end: number): string {
  const view = decode(bytes, start, end);
  if (view instanceof FrameFault) return `no frame of iotgw: ${view.text}`;
  const parts = partPieces(view).map(([, words]) => words);
  return [`iotgw ${kindInWords(view)}`, ...parts, bodyInWords(view)].join("; ");
}

/** Of a frame that is here, however large. */
function decode(bytes: Uint8Array, start: number, end: number): FrameView | FrameFault {
  return decodeFrame(bytes, start, end, Number.MAX_SAFE_INTEGER);
}

function headPieces(view: FrameView): Piece[] {
  const headlen = view.bodyStart - view.start;
  return [
    [view.start, `iotgw frame, header of ${headlen} bytes`],
    ...partPieces(view),
    [view.bodyStart - FIXED_BYTES, kindInWords(view)],
  ];
}

function partPieces({ bytes, start, bodyStart, msgId, route, qos, ref, frag, crc }: FrameView): Piece[] {
  const flags = bytes[start + 2];
  const pieces: Piece[] = [];
  const add = (part: Part, words: string) => pieces.push([start + partOffset(flags, part), words]);
  if (msgId) add(Part.MSGID, `MSGID: number ${msgId.seq} of host ${msgId.origin}`);
  if (route)
    add(
      Part.ROUTE,
      `ROUTE: from host ${route.src} to ${route.dst}, hops: ${route.hopsDone} done, ${route.hopsLeft} left`,
    );
  if (qos) {
    const life = qos.ttlMs === TTL_NONE ? "no end" : `${qos.ttlMs} ms left`;
    add(
      Part.QOS,
      `QOS: lane ${qos.lane}, ${qos.delivery === Delivery.DIRECT ? "direct" : "custody"}, ${life}`,
    );
  }
  if (ref) add(Part.REF, `REF: number ${ref.seq} of host ${ref.origin}, epoch ${hex64(ref.epoch)}`);
  if (frag) add(Part.FRAG, `FRAG: from byte ${frag.offset} of ${frag.total} on`);
  if (crc) add(Part.CRC, "CRC: right");
  const unknown = bodyStart - start - headSize(flags);
  if (unknown > 0)
    pieces.push([
      start + headSize(flags) - FIXED_BYTES,
      `${unknown} bytes of a part that is not known, and may be skipped`,
    ]);
  return pieces;
}

function kindInWords({ reqtype, cmd, cmdVersion, error, rqid }: FrameView): string {
  const outcome = error === 0 ? "" : `, error ${error} ${wireErrorName(error, cmd)}`;
  return `${commandName(cmd)} ${kinds[reqtype]}, version ${cmdVersion}, rqid ${rqid}${outcome}`;
}
