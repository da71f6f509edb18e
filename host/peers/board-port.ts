/**
 * A session as the queue to its board sees it: what leaves is copied into a send buffer of the session's own, which a new
 * connection rewinds and the end of the session throws away (session §3).
 */
import { EMPTY_MESSAGE } from "../../shared/message.ts";
import { appendPacket, createSendBuffer, type SendBuffer } from "../../shared/session/send-buffer.ts";
import type { Packet } from "../queue/packet.ts";
import type { SessionPort } from "../queue/session-queue.ts";

/** Packets to one board that are not acknowledged, in bytes; what is beyond waits without a number. */
export const BUFFER_BYTES = 16384;
/** The largest packet that ever fits, in bytes. */
export const MOST_BYTES = BUFFER_BYTES - 3;
/** A buffer begins with room for a few requests, and grows to twice what it may hold. */
const FIRST_BYTES = 512;
const NOTHING = new Uint8Array(0);
const EMPTY = Buffer.from(EMPTY_MESSAGE);

/** What it needs of a session. */
export interface SendingSession {
  readonly carrier: object | null;
  /** The board has all that was sent from the reserved slot: the hello. */
  readonly isHeard: boolean;
  bind(buffer: SendBuffer): void;
  /** Whether a packet of `size` bytes would leave at once. */
  canSend(size: number): boolean;
  /** Something was appended to the bound buffer. */
  pump(): void;
}

export class BoardPort implements SessionPort {
  private readonly buffer = createSendBuffer(NOTHING, BUFFER_BYTES);

  constructor(
    private readonly session: SendingSession,
    /** Of a board that named no epoch nobody could tell whether it was sent something before it has the hello. */
    private readonly isNameless: boolean,
  ) {
    session.bind(this.buffer);
  }

  /** The board is there, and may be sent something. */
  get isReady(): boolean {
    const { session } = this;
    return session.carrier !== null && (!this.isNameless || session.isHeard);
  }

  canWrite(bytes: number): boolean {
    return this.isReady && this.session.canSend(bytes);
  }

  /** The whole of it: a number stands for one packet of the session (session part 4). */
  write(packet: Packet): void {
    const payload = packet.isVoid ? EMPTY : packet.body.bytes;
    reserve(this.buffer, payload.length + 9); // with the longest packetSize there is
    const held = appendPacket(this.buffer, payload, 0, payload.length);
    if (held < 0) throw new RangeError(`packet ${packet.number} of ${payload.length} bytes: no room for it`);
    this.session.pump();
  }
}

/** Room for `size` more bytes, behind what is held or once that has moved to the front. */
function reserve(buffer: SendBuffer, size: number): void {
  const { length } = buffer.bytes;
  const needed = 2 * Math.min(BUFFER_BYTES, buffer.tail - buffer.head + size);
  if (needed <= length) return;
  const grown = new Uint8Array(Math.max(FIRST_BYTES, 2 ** Math.ceil(Math.log2(needed))));
  grown.set(buffer.bytes);
  buffer.bytes = grown;
}
