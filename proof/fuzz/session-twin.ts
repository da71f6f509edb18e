/**
 * What a session has to make of a whole stream, read the plain way: the naive twin of shared/session/receive.ts, which
 * reads the same bytes cut anywhere (session §1–§4, D3–D5, D14, D16).
 */
import { Code } from "../../shared/session/codes.ts";
import { Handshake, HandshakeCode } from "../../shared/session/handshake.ts";
import { Limit, Phase } from "../../shared/session/state.ts";
import { SystemCount } from "../../shared/session/sync.ts";
import { decodeVarint, Varint, varintLength } from "../../shared/varint.ts";

const LONGEST_EXPIRE_S = 255;

/** How the session stands before the stream. */
export interface Situation {
  name: string;
  isClient: boolean;
  phase: Phase;
  /** The client does not have an id yet. */
  asksNew: boolean;
  received: number;
  outstanding: number;
  errors: number;
}

/** What it came to. */
export class Result {
  phase: Phase = Phase.DETACHED;
  /** New packets, and a checksum of them all. */
  packets = 0;
  checksum = 0;
  skipped = 0;
  acknowledged = 0;
  opened = 0;
  disconnected: Code | 0 = 0;
  closed: Code | 0 = 0;

  addPacket(bytes: Uint8Array, start: number, end: number): void {
    this.packets++;
    let sum = Math.imul(this.checksum ^ (end - start), 0x01000193);
    for (let i = start; i < end; i++) sum = Math.imul(sum ^ bytes[i], 0x01000193);
    this.checksum = sum;
  }

  /** The first difference to `other`, in words; "" when there is none. */
  differs(other: Result): string {
    for (const key of resultKeys)
      if (this[key] !== other[key]) return `${key} is ${this[key]}, expected ${other[key]}`;
    return "";
  }
}

const resultKeys = Object.keys(new Result()) as (keyof Result)[];

export class SessionTwin {
  readonly result = new Result();
  private at = 0;
  private readIndex = 0;
  private received: number;
  private outstanding: number;
  private errors: number;
  private sessionExpire = LONGEST_EXPIRE_S;

  constructor(
    private readonly situation: Situation,
    private readonly bytes: Uint8Array,
    private readonly length: number,
    private readonly maxPacket: number,
  ) {
    this.received = this.readIndex = situation.received;
    this.outstanding = situation.outstanding;
    this.errors = situation.errors;
    this.result.phase = situation.phase;
  }

  read(): Result {
    while (this.result.phase >= Phase.HANDSHAKE && this.readNext()) {}
    return this.result;
  }

  /** Reads one message; false when it is not all there. */
  private readNext(): boolean {
    if (this.at >= this.length) return false;
    if (this.result.phase === Phase.HANDSHAKE) return this.readReply();
    if (this.result.phase === Phase.STATE) return this.readState();
    return this.readPacket();
  }

  private readReply(): boolean {
    const code = this.bytes[this.at++];
    if (code === HandshakeCode.VERSION_UNSUPPORTED) return this.end(Code.VERSION_UNSUPPORTED);
    if (code === HandshakeCode.SESSION_UNKNOWN) return this.end(Code.SESSION_UNKNOWN);
    if (code !== HandshakeCode.OK) return this.fail(Code.HANDSHAKE_CODE);
    if (this.situation.asksNew) {
      const size = this.number();
      if (size === Varint.MORE) return false;
      if (size === Varint.RANGE) return this.fail(Code.VARINT_RANGE);
      if (size < 1 || size > Handshake.MAX_SESSION_ID) return this.fail(Code.SESSION_ID_SIZE);
      if (this.at + size > this.length) return false;
      this.at += size;
    }
    this.result.phase = Phase.STATE;
    return true;
  }

  private readState(): boolean {
    const fields: number[] = [];
    for (let n = this.situation.isClient ? 3 : 1; n > 0; n--) {
      const field = this.number();
      if (field === Varint.MORE) return false;
      if (field === Varint.RANGE) return this.fail(Code.VARINT_RANGE);
      fields.push(field);
    }
    const [start, min, max] = fields;
    if (this.situation.isClient) {
      if (this.at >= this.length) return false;
      const expire = this.bytes[this.at++];
      if (max < 1 || min > max) return this.fail(Code.STATE_RANGE);
      this.sessionExpire = expire;
    }
    this.result.phase = Phase.OPEN;
    if (start > this.received) return this.fail(Code.PACKET_GAP);
    this.readIndex = start;
    this.result.opened++;
    return true;
  }

  private readPacket(): boolean {
    const begin = this.at;
    const size = this.number();
    if (size === Varint.RANGE) return this.fail(Code.VARINT_RANGE);
    if (size > this.maxPacket) return this.fail(Code.PACKET_TOO_LARGE);
    if (size === Varint.MORE || this.at + (size === 0 ? 1 : size) > this.length) {
      this.at = begin;
      return false;
    }
    if (size === 0) return this.readSync(this.bytes[this.at++]);
    const data = this.at;
    this.at += size;
    if (this.result.phase !== Phase.OPEN) return true; // closing: it belongs to another session
    if (this.readIndex++ < this.received) this.result.skipped++;
    else {
      this.received++;
      this.errors = 0;
      this.result.addPacket(this.bytes, data, this.at);
    }
    return true;
  }

  private readSync(count: number): boolean {
    if (count === SystemCount.CLOSE) return this.end(Code.CLOSED);
    if (count > Limit.RECEIVE_COUNT) return this.fail(Code.RECEIVE_COUNT_RESERVED);
    if (this.result.phase !== Phase.OPEN || count === 0) return true;
    if (count > this.outstanding) return this.fail(Code.ACK_BEYOND_SENT);
    this.outstanding -= count;
    this.result.acknowledged += count;
    this.errors = 0;
    return true;
  }

  /** A fault of the other side: this connection is over; a gap, the third fault, or one while closing ends the session. */
  private fail(code: Code): true {
    const isLast = code === Code.PACKET_GAP || this.errors + 1 >= Limit.ERRORS;
    if (isLast) return this.end(code);
    this.result.disconnected = code;
    if (this.result.phase === Phase.CLOSING) {
      this.result.phase = Phase.ENDED;
      this.result.closed = Code.CLOSED;
    } else if (this.sessionExpire === 0) {
      this.result.phase = Phase.ENDED; // it dies with its connection (D12)
      this.result.closed = Code.EXPIRED;
    } else this.result.phase = Phase.DETACHED;
    return true;
  }

  private end(code: Code): true {
    this.result.phase = Phase.ENDED;
    this.result.disconnected = this.result.closed = code;
    return true;
  }

  private number(): number {
    const value = decodeVarint(this.bytes, this.at, this.length);
    if (value !== Varint.MORE) this.at += varintLength(this.bytes[this.at]);
    return value;
  }
}
