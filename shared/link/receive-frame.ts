/**
 * Chunks of a port into frames, without touching single bytes (session part 3, espruino §9.1).
 *
 * A stopper behind the data lets every search find something, for on the board a search in vain costs five times as
 * much. The CRC is tried over the raw bytes first: when it is right there was nothing to unescape.
 */
import { decodeVarint, Varint, varintLength } from "../varint.ts";
import { Break, Frame, FrameType, isFrameType, Slip } from "./frame.ts";
import type { Link } from "./link.ts";
import { LinkLimit } from "./link.ts";
import { sendOpen, sendReset } from "./send-frame.ts";

/**
 * A chunk came from the port at `now`. On the board it is the string of the 'data' event, at most 64 bytes long, which
 * set() takes as it is; a longer chunk, in Node, is read in pieces.
 */
export function receiveChunk(l: Link, chunk: Uint8Array, now: number): void {
  l.heardAt = now;
  const most = l.chunkSize;
  if (chunk.length <= most) return readChunk(l, chunk, now);
  for (let at = 0; at < chunk.length; at += most) {
    readChunk(l, chunk.subarray(at, at + most < chunk.length ? at + most : chunk.length), now);
  }
}

function readChunk(l: Link, chunk: Uint8Array, now: number): void {
  const size = chunk.length;
  if (l.fill + size >= l.buffer.length) {
    moveToFront(l);
    // What is left of the buffer is more than the largest frame: this one has no end.
    if (l.fill + size >= l.buffer.length) {
      dropPartial(l, Break.OVERSIZE, now);
      l.skipping = true;
    }
  }
  const searched = l.fill;
  l.buffer.set(chunk, searched);
  l.fill = searched + size;
  readFrames(l, searched, now);
}

/** Does what is due: the board's OPEN, and giving up a frame that got stuck halfway. */
export function tickLink(l: Link, now: number): void {
  if (l.fill > l.from && now >= l.heardAt + l.interByteTimeout) dropPartial(l, Break.TIMEOUT, now);
  if (l.isBoard && !l.isOpen && now >= l.openAt) {
    l.openAt = now + LinkLimit.OPEN_INTERVAL;
    sendOpen(l, FrameType.OPEN, now);
  }
}

/** ms at which tickLink has something to do; Infinity when nothing is waited for. */
export function linkDeadline(l: Link): number {
  const partialAt = l.fill > l.from ? l.heardAt + l.interByteTimeout : Infinity;
  const openAt = l.isBoard && !l.isOpen ? l.openAt : Infinity;
  return partialAt < openAt ? partialAt : openAt;
}

/** Breaks an open link: the port lost bytes, the session went silent, or the owner asks. The other side is told. */
export function breakLink(l: Link, reason: number, now: number): void {
  "cold";
  if (!l.isOpen) return;
  l.size = 0;
  sendReset(l, l.id, reason, now);
  loseLink(l, reason, now);
}

/** Board: begins a fresh opening; the OPEN leaves at once, or after openDelay. */
export function openLink(l: Link, now: number): void {
  "cold";
  l.isOpen = false;
  l.id = (l.id + 1) & 255;
  if (l.id === Slip.END || l.id === Slip.ESC) l.id++; // it would be escaped in every frame
  l.size = 0;
  l.openAt = now + l.openDelay;
  if (l.openDelay === 0) tickLink(l, now);
}

function readFrames(l: Link, searched: number, now: number): void {
  const buffer = l.buffer;
  const fill = l.fill;
  let from = searched;
  buffer[fill] = Slip.END;
  for (;;) {
    const end = buffer.indexOf(Slip.END, from);
    if (end >= fill) break;
    from = end + 1;
    const start = l.from;
    l.from = from;
    if (end > start) readFrame(l, start, end, now);
  }
  if (l.from === fill) {
    l.from = 0;
    l.fill = 0;
  }
}

function readFrame(l: Link, start: number, rawEnd: number, now: number): void {
  const buffer = l.buffer;
  if (l.skipping) {
    l.skipping = false;
    l.noise += rawEnd - start;
    return;
  }
  let end = rawEnd;
  let isGood =
    end - start >= Frame.HEADER_SIZE + Frame.CRC_SIZE &&
    l.engine.crc32(buffer, start, end) === Frame.CRC_RESIDUE;
  if (!isGood) {
    end = removeEscapes(l, start, rawEnd);
    isGood =
      end - start >= Frame.HEADER_SIZE + Frame.CRC_SIZE &&
      end < rawEnd &&
      l.engine.crc32(buffer, start, end) === Frame.CRC_RESIDUE;
  }
  const type = buffer[start];
  const id = buffer[start + 1];
  if (!isGood) {
    // Without a type and a link byte of ours it is noise; the gap it may leave will show.
    // (Behind a frame of one byte stands its END, which may be a link byte as well.)
    if (l.isOpen && rawEnd - start > 1 && id === l.id && isFrameType(type)) breakLink(l, Break.CHECKSUM, now);
    else l.noise += rawEnd - start;
    return;
  }
  l.frames++;
  end -= Frame.CRC_SIZE;
  if (type === FrameType.DATA) readData(l, id, start, end, now);
  else readControl(l, type, id, start + Frame.HEADER_SIZE, end, now);
}

function readData(l: Link, id: number, start: number, end: number, now: number): void {
  if (!l.isOpen || id !== l.id) {
    l.stale++;
    if (l.isBoard || now < l.resetAt) return;
    l.resetAt = now + LinkLimit.RESET_INTERVAL;
    sendReset(l, id, Break.SEQUENCE, now); // a gateway that was restarted: the board is to open again
  } else if (l.buffer[start + 2] !== l.rxSeq) breakLink(l, Break.SEQUENCE, now);
  else {
    l.rxSeq = (l.rxSeq + 1) & 255;
    l.hasData = true;
    l.handler.onData(l.buffer, start + Frame.HEADER_SIZE, end);
  }
}

function readControl(l: Link, type: number, id: number, start: number, end: number, now: number): void {
  "cold";
  if (type === FrameType.OPEN && !l.isBoard) return readOpen(l, id, start, end, now);
  if (type === FrameType.ACK && l.isBoard && !l.isOpen && id === l.id && readLimits(l, start, end))
    return opened(l);
  if (type === FrameType.RESET && l.isOpen && id === l.id)
    return loseLink(l, end > start ? l.buffer[start] : 0, now);
  if (type === FrameType.LOG && !l.isBoard && l.handler.onLog) return l.handler.onLog(l.buffer, start, end);
  if (type === FrameType.REPL && l.isBoard && l.handler.onRepl) return l.handler.onRepl();
  l.stale++;
}

function readOpen(l: Link, id: number, start: number, end: number, now: number): void {
  "cold";
  if (l.isOpen && id === l.id && !l.hasData) return sendOpen(l, FrameType.ACK, now); // our OPEN_ACK was lost
  if (!readLimits(l, start, end)) {
    l.stale++;
    return;
  }
  if (l.isOpen) {
    l.isOpen = false;
    l.handler.onBroken(Break.ASKED);
  }
  l.id = id;
  opened(l);
}

/** Both ends: everything counts from 0, and nothing queued before goes out. */
function opened(l: Link): void {
  "cold";
  l.isOpen = true;
  l.rxSeq = 0;
  l.txSeq = 0;
  l.size = 0;
  l.hasData = false;
  if (!l.isBoard) sendOpen(l, FrameType.ACK, l.heardAt);
  l.handler.onOpened();
}

function readLimits(l: Link, start: number, end: number): boolean {
  "cold";
  const buffer = l.buffer;
  if (start >= end || buffer[start] !== Frame.LINK_VERSION) return false;
  const rx = decodeVarint(buffer, start + 1, end);
  if (rx < 1) return false;
  const max = decodeVarint(buffer, start + 1 + varintLength(buffer[start + 1]), end);
  if (max === Varint.MORE || max < 1) return false;
  l.peerRx = rx;
  l.peerMax = max;
  return true;
}

function loseLink(l: Link, reason: number, now: number): void {
  "cold";
  l.isOpen = false;
  l.size = 0;
  l.handler.onBroken(reason);
  if (l.isBoard && !l.isOpen) openLink(l, now);
}

/** Gives up what is there of a frame: it breaks the link if it looks like ours, else it was noise. */
function dropPartial(l: Link, reason: number, now: number): void {
  "cold";
  const size = l.fill - l.from;
  const isOurs = size > 1 && l.buffer[l.from + 1] === l.id && isFrameType(l.buffer[l.from]);
  l.noise += size;
  l.from = 0;
  l.fill = 0;
  if (isOurs && !l.skipping) breakLink(l, reason, now);
  l.skipping = false;
}

function moveToFront(l: Link): void {
  l.engine.copy(l.buffer, 0, l.buffer, l.from, l.fill);
  l.fill -= l.from;
  l.from = 0;
}

/** Undoes the escapes of buffer[start…end) in place; returns the new end, which is `end` itself if there were none or a wrong one. */
function removeEscapes(l: Link, start: number, end: number): number {
  const buffer = l.buffer;
  buffer[end] = Slip.ESC; // stopper in the place of Slip.END
  let at = buffer.indexOf(Slip.ESC, start);
  let to = at;
  while (at < end) {
    const escaped = buffer[at + 1];
    const run = at + 2;
    if (run > end || (escaped !== Slip.ESC_END && escaped !== Slip.ESC_ESC)) {
      to = end;
      break;
    }
    buffer[to++] = escaped === Slip.ESC_END ? Slip.END : Slip.ESC;
    at = buffer.indexOf(Slip.ESC, run);
    if (at > run) l.engine.copy(buffer, to, buffer, run, at);
    to += at - run;
  }
  buffer[end] = Slip.END;
  return to;
}
