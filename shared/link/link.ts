/**
 * One end of the serial link: makes a noisy wire either exact or broken (session part 3).
 *
 *   board      CLOSED ──OPEN, again every second──▶ OPEN_ACK of our link byte ──▶ OPEN
 *   gateway    CLOSED ──OPEN, answered by OPEN_ACK──────────────────────────────▶ OPEN
 *   both       OPEN ──gap, bad CRC, oversize, stuck frame, lost bytes──RESET──▶ CLOSED     (the board opens again)
 *
 * There is no retransmission here: what a broken link loses, the session sends again over the next one.
 */
import type { Engine } from "../engine.ts";
import { Frame } from "./frame.ts";

export interface LinkHandler {
  /** Bytes for the port, after all those before. */
  onWrite(bytes: Uint8Array, start: number, end: number): void;
  /** The wire is exact from here on: a connection for the session. */
  onOpened(): void;
  /** An open link broke, for a Break reason (or the one the other side's RESET gave): the connection is lost. */
  onBroken(reason: number): void;
  /** Bytes of the session. */
  onData(bytes: Uint8Array, start: number, end: number): void;
  /** Gateway: text of the board for people. */
  onLog?(bytes: Uint8Array, start: number, end: number): void;
  /** Board: give the port back to the prompt. */
  onRepl?(): void;
}

export interface Link {
  /** Bytes read and not yet understood: buffer[from…fill), searched for END up to `searched`. */
  buffer: Uint8Array;
  fill: number;
  from: number;
  isOpen: boolean;
  /** The byte that tells this opening of the link from others. */
  id: number;
  rxSeq: number;
  txSeq: number;
  /** Bytes of a chunk that fit behind the largest frame. */
  chunkSize: number;
  /** The frame being put together: header, `size` bytes of payload, room for CRC and two stoppers. */
  out: Uint8Array;
  size: number;
  maxPayload: number;
  engine: Engine;
  handler: LinkHandler;
  isBoard: boolean;
  /** What OPEN or OPEN_ACK says of this side, and said of the other: bytes it can hold, largest packet. */
  rx: number;
  max: number;
  peerRx: number;
  peerMax: number;
  /** ms: a partial frame older than this is given up. */
  interByteTimeout: number;
  heardAt: number;
  sentAt: number;
  /** Board: how long it waits after a break before it opens again; its owner may set this in onBroken. */
  openDelay: number;
  /** Board: when OPEN goes out next. Gateway: the earliest RESET for a link we do not know. */
  openAt: number;
  resetAt: number;
  /** Data came over this opening, so the same OPEN again means a board that began anew. */
  hasData: boolean;
  /** A frame too long for the buffer: skip to its END. */
  skipping: boolean;
  /** Counted, never silent: foreign bytes, frames of other links, frames read. */
  noise: number;
  stale: number;
  frames: number;
}

export const enum LinkLimit {
  /** ms between two OPENs, and between two RESETs of a link we do not know. */
  OPEN_INTERVAL = 1000,
  RESET_INTERVAL = 200,
  /** ms of silence after which an END goes before a frame, to part it from noise (espruino §9.1). */
  SILENCE = 1000,
  /**
   * Packets and bytes a session may have unacknowledged on a serial link. Frames carry up to 256 bytes, so both
   * together keep at most 64 + 64 frames unacknowledged: half of the 256 after which a sequence number comes round.
   */
  PACKETS_IN_FLIGHT = 64,
  BYTES_IN_FLIGHT = 16384,
}

/** `buffer` holds at least one escaped frame and a chunk; `id` is the first link byte of a board. */
export function createLink(
  isBoard: boolean,
  id: number,
  engine: Engine,
  handler: LinkHandler,
  buffer: Uint8Array,
  maxPayload: number,
): Link {
  "cold";
  return {
    buffer: buffer,
    fill: 0,
    from: 0,
    isOpen: false,
    id: id,
    rxSeq: 0,
    txSeq: 0,
    // A frame may have every byte escaped; one byte is for the stopper.
    chunkSize: buffer.length - 1 - 2 * (Frame.HEADER_SIZE + maxPayload + Frame.CRC_SIZE),
    out: new Uint8Array(Frame.HEADER_SIZE + maxPayload + Frame.CRC_SIZE + 2),
    size: 0,
    maxPayload: maxPayload,
    engine: engine,
    handler: handler,
    isBoard: isBoard,
    rx: 512,
    max: 256,
    peerRx: 0,
    peerMax: 0,
    interByteTimeout: 300,
    heardAt: 0,
    sentAt: -LinkLimit.SILENCE,
    openDelay: 0,
    openAt: 0,
    resetAt: 0,
    hasData: false,
    skipping: false,
    noise: 0,
    stale: 0,
    frames: 0,
  };
}
