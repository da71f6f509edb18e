/** Session bytes into frames, and frames onto the wire, without touching single bytes (session part 3, espruino §9.1). */
import { encodeVarint } from "../varint.ts";
import { Frame, FrameType, Slip } from "./frame.ts";
import type { Link } from "./link.ts";
import { LinkLimit } from "./link.ts";

/** What is written between pieces of a frame, one behind the other: an END, an END escaped, an ESC escaped. */
const marks = new Uint8Array([Slip.END, Slip.ESC, Slip.ESC_END, Slip.ESC, Slip.ESC_ESC]);

/** Takes session bytes; full frames leave at once, the rest with flushLink. Nothing is taken while the link is closed. */
export function sendBytes(l: Link, bytes: Uint8Array, start: number, end: number, now: number): void {
  if (!l.isOpen) return;
  let at = start;
  while (at < end) {
    const room = l.maxPayload - l.size;
    const take = end - at < room ? end - at : room;
    l.engine.copy(l.out, Frame.HEADER_SIZE + l.size, bytes, at, at + take);
    l.size += take;
    at += take;
    if (l.size === l.maxPayload) flushLink(l, now);
  }
}

/** Sends what waits, all in one frame. */
export function flushLink(l: Link, now: number): void {
  const size = l.size;
  if (size === 0) return;
  l.size = 0;
  const seq = l.txSeq;
  l.txSeq = (seq + 1) & 255;
  writeFrame(l, FrameType.DATA, l.id, seq, size, now);
}

/** OPEN or OPEN_ACK: what this side can take. */
export function sendOpen(l: Link, type: number, now: number): void {
  "cold";
  flushLink(l, now); // what waits stands where this frame is put together
  l.out[Frame.HEADER_SIZE] = Frame.LINK_VERSION;
  let at = encodeVarint(l.out, Frame.HEADER_SIZE + 1, l.rx);
  at = encodeVarint(l.out, at, l.max);
  writeFrame(l, type, l.id, 0, at - Frame.HEADER_SIZE, now);
}

/** RESET of link `id`. */
export function sendReset(l: Link, id: number, reason: number, now: number): void {
  "cold";
  flushLink(l, now);
  l.out[Frame.HEADER_SIZE] = reason;
  writeFrame(l, FrameType.RESET, id, 0, 1, now);
}

/** Text for people, cut at one frame; not part of the session. */
export function sendLog(l: Link, text: Uint8Array, now: number): void {
  "cold";
  flushLink(l, now);
  const size = text.length < l.maxPayload ? text.length : l.maxPayload;
  l.engine.copy(l.out, Frame.HEADER_SIZE, text, 0, size);
  writeFrame(l, FrameType.LOG, l.id, 0, size, now);
}

/** Gateway: the board is to give its port back to the prompt; the last frame until it opens again. */
export function sendRepl(l: Link, now: number): void {
  "cold";
  flushLink(l, now);
  writeFrame(l, FrameType.REPL, l.id, 0, 0, now);
}

/** The frame in `out` with `size` bytes of payload, escaped. Two stoppers behind it let both searches always find. */
function writeFrame(l: Link, type: number, id: number, seq: number, size: number, now: number): void {
  const out = l.out;
  const handler = l.handler;
  out[0] = type;
  out[1] = id;
  out[2] = seq;
  let end = Frame.HEADER_SIZE + size;
  const crc = l.engine.crc32(out, 0, end);
  out[end] = crc & 255;
  out[end + 1] = (crc >>> 8) & 255;
  out[end + 2] = (crc >>> 16) & 255;
  out[end + 3] = (crc >>> 24) & 255;
  end += 4;
  out[end] = Slip.END;
  out[end + 1] = Slip.ESC;
  if (type !== FrameType.DATA || now - l.sentAt >= LinkLimit.SILENCE) handler.onWrite(marks, 0, 1);
  l.sentAt = now;
  let at = 0;
  let nextEnd = out.indexOf(Slip.END, 0);
  let nextEsc = out.indexOf(Slip.ESC, 0);
  while (nextEnd < end || nextEsc < end) {
    const isEnd = nextEnd < nextEsc;
    const next = isEnd ? nextEnd : nextEsc;
    if (next > at) handler.onWrite(out, at, next);
    handler.onWrite(marks, isEnd ? 1 : 3, isEnd ? 3 : 5);
    at = next + 1;
    if (isEnd) nextEnd = out.indexOf(Slip.END, at);
    else nextEsc = out.indexOf(Slip.ESC, at);
  }
  handler.onWrite(out, at, end + 1);
}
