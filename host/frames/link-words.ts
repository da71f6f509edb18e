/** Frames of the serial link in words (session part 3), and the session bytes that their DATA carries. */
import { Break, Frame, FrameType, Slip } from "../../shared/link/frame.ts";
import { decodeVarint, varintLength } from "../../shared/varint.ts";
import { nodeEngine } from "../platform/engine.ts";
import { printable } from "../platform/printable.ts";
import { type Finding, notUnderstood, understood } from "./findings.ts";
import { latin1Of } from "./plain-bytes.ts";
import { readSession, type Speaker } from "./session-words.ts";

const CLAUSE = "session part 3";

/** A frame whose checksum is good. */
export interface GoodFrame {
  start: number;
  end: number;
  type: number;
  link: number;
  seq: number;
  payload: Uint8Array;
  /** Where each byte of the payload stood in the input, and where the last one ended. */
  offsets: number[];
}

/** A run of DATA frames without a gap: one direction of one opening. */
interface Stream {
  link: number;
  /** It does not begin with frame 0, where the handshake is. */
  isOpen: boolean;
  nextSeq: number;
  speaker: Speaker | undefined;
  bytes: number[];
  offsets: number[];
}

const types: Readonly<Record<number, { name: string; speaker?: Speaker }>> = {
  [FrameType.OPEN]: { name: "OPEN", speaker: "client" },
  [FrameType.ACK]: { name: "OPEN_ACK", speaker: "server" },
  [FrameType.DATA]: { name: "DATA" },
  [FrameType.RESET]: { name: "RESET" },
  [FrameType.REPL]: { name: "REPL", speaker: "server" },
  [FrameType.LOG]: { name: "LOG", speaker: "client" },
};

const reasons: Readonly<Record<number, string>> = {
  [Break.CHECKSUM]: "checksum",
  [Break.OVERFLOW]: "the port lost bytes",
  [Break.OVERSIZE]: "frame too long",
  [Break.ASKED]: "asked for",
  [Break.SEQUENCE]: "gap in the sequence",
  [Break.TIMEOUT]: "frame stuck halfway",
};

export function typeName(type: number): string {
  return types[type]?.name ?? `unknown type ${type}`;
}

/** What the payload of a RESET says. */
export function breakReason(reason: number): string {
  return reasons[reason] ?? `unknown reason ${reason}`;
}

/** Is there a whole frame with a good checksum in it? */
export function hasFrame(bytes: Uint8Array): boolean {
  return segmentsOf(bytes).some(([start, end]) => typeof readFrame(bytes, start, end) === "object");
}

/** All frames, what stands between them, and below each DATA the session bytes that begin in it. */
export function readLink(bytes: Uint8Array, from?: Speaker): Finding[] {
  const findings: Finding[] = [];
  const streams: Stream[] = [];
  for (const [start, end] of segmentsOf(bytes)) {
    const frame = readFrame(bytes, start, end);
    if (typeof frame === "string") {
      findings.push(describeNoise(bytes, start, end, frame));
      continue;
    }
    findings.push(describeFrame(frame));
    collect(streams, frame, from);
  }
  const inner = streams.flatMap(readStream);
  return [...findings, ...inner].sort((a, b) => a.start - b.start);
}

/** What stands between ENDs, each END with what it ends; a last piece without one too. */
function segmentsOf(bytes: Uint8Array): [number, number][] {
  const segments: [number, number][] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(Slip.END, start);
    if (end !== start) segments.push([start, end < 0 ? bytes.length : end + 1]);
    start = end < 0 ? bytes.length : end + 1;
  }
  return segments;
}

/** The frame in bytes[start…end), or why it is none. */
export function readFrame(bytes: Uint8Array, start: number, end: number): GoodFrame | string {
  if (bytes[end - 1] !== Slip.END) return "no END (c0) behind it";
  const plain: number[] = [];
  const offsets: number[] = [];
  for (let at = start; at < end - 1; at++) {
    offsets.push(at);
    if (bytes[at] !== Slip.ESC) plain.push(bytes[at]);
    else if (bytes[++at] === Slip.ESC_END) plain.push(Slip.END);
    else if (bytes[at] === Slip.ESC_ESC) plain.push(Slip.ESC);
    else return "an escape (db) without dc or dd behind it";
  }
  offsets.push(end - 1);
  if (plain.length < Frame.HEADER_SIZE + Frame.CRC_SIZE)
    return `${plain.length} bytes, a frame has at least 7`;
  const all = Uint8Array.from(plain);
  if (nodeEngine.crc32(all, 0, all.length) !== Frame.CRC_RESIDUE) return "the checksum is wrong";
  const [type, link, seq] = plain;
  const last = plain.length - Frame.CRC_SIZE;
  return {
    start,
    end,
    type,
    link,
    seq,
    payload: all.subarray(Frame.HEADER_SIZE, last),
    offsets: offsets.slice(Frame.HEADER_SIZE, last + 1),
  };
}

export function describeFrame({ start, end, type, link, seq, payload }: GoodFrame): Finding {
  const known = types[type];
  const where = `link ${link.toString(16).padStart(2, "0")}, seq ${seq}`;
  if (known === undefined)
    return notUnderstood(start, end, CLAUSE, `frame of unknown type ${type}, ${where}`);
  return understood(start, end, CLAUSE, `${known.name}, ${where}${detailOf(type, payload)}`);
}

/** What is no frame, and why. */
export function describeNoise(bytes: Uint8Array, start: number, end: number, why: string): Finding {
  return notUnderstood(start, end, CLAUSE, `no frame: ${why}${textOf(bytes, start, end)}`);
}

function detailOf(type: number, payload: Uint8Array): string {
  if (type === FrameType.DATA) return `, ${payload.length} bytes of the session`;
  if (type === FrameType.LOG) return `: ${printable(latin1Of(payload))}`;
  if (type === FrameType.RESET) return `: ${breakReason(payload[0])}`;
  if (type !== FrameType.OPEN && type !== FrameType.ACK) return "";
  const rx = decodeVarint(payload, 1, payload.length);
  const max = rx < 0 ? rx : decodeVarint(payload, 1 + varintLength(payload[1]), payload.length);
  if (max < 0) return ", payload malformed";
  return `: link version ${payload[0]}, takes ${rx} bytes unread, packets up to ${max}`;
}

/** An opening, a break, another link or a gap in the sequence begins a new stream; LOG and REPL are no part of one. */
function collect(streams: Stream[], { type, link, seq, payload, offsets }: GoodFrame, from?: Speaker): void {
  if (type === FrameType.LOG || type === FrameType.REPL) return;
  let stream = streams.at(-1);
  if (type !== FrameType.DATA || stream === undefined || stream.link !== link || stream.nextSeq !== seq) {
    const isOpen = type === FrameType.DATA && seq !== 0;
    stream = { link, isOpen, nextSeq: 0, speaker: from ?? types[type]?.speaker, bytes: [], offsets: [] };
    streams.push(stream);
  }
  if (type !== FrameType.DATA) return;
  stream.nextSeq = (seq + 1) & 255;
  stream.bytes.push(...payload);
  // What ended the payload before is followed by where this one begins.
  stream.offsets.splice(-1, 1, ...offsets);
}

function readStream({ bytes, offsets, speaker, isOpen }: Stream): Finding[] {
  if (bytes.length === 0) return [];
  const { findings } = readSession(Uint8Array.from(bytes), speaker, isOpen);
  return findings.map((finding) => ({
    ...finding,
    start: offsets[finding.start],
    end: offsets[finding.end - 1] + 1,
    meaning: `  ${finding.meaning}`,
  }));
}

/** A banner or a prompt, where it is one. */
function textOf(bytes: Uint8Array, start: number, end: number): string {
  const last = bytes[end - 1] === Slip.END ? end - 1 : end;
  const text = latin1Of(bytes.subarray(start, last));
  return /^[\x20-\x7e\r\n\t]+$/.test(text) ? ` ${JSON.stringify(text)}` : "";
}
