/**
 * The session bytes of one side as they come, cut anywhere, into messages in words (session §1–§4).
 *
 *   board     request ─▶ state ─▶ packets          gateway   reply ─▶ state ─▶ packets
 */
import { HandshakeCode } from "../../shared/session/handshake.ts";
import { decodeVarint } from "../../shared/varint.ts";
import type { SideState, Stage } from "../session/wire-shape.ts";
import { type Finding, notUnderstood } from "./findings.ts";
import { bytesOfHex, concatBytes } from "./plain-bytes.ts";
import {
  readClientStateHead,
  readNewSessionHead,
  readRefusalHead,
  readRequestHead,
  readResumedHead,
  readServerStateHead,
} from "./session-heads.ts";
import { readPacket } from "./session-words.ts";

/** Of a session's id, as listings show it: enough to tell sessions apart, too little to resume one. */
const SHOWN_ID_BYTES = 4;
/** No gateway takes larger ones: a size beyond is not waited for. */
const MAX_MESSAGE_BYTES = 16_777_216;

export type Side = "board" | "gateway";

/** A message that became whole. */
export interface Reading {
  finding: Finding;
  /** What it was read as; lost: nothing, for what came before was not understood. */
  stage: Stage | "lost";
  bytes: Uint8Array;
}

export class SideReader {
  /** The board asked for a new session, so an id follows in the reply. */
  asksNew = false;
  private stage: Reading["stage"] = "nothing";
  private index = 0;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly side: Side,
    /** Tells of the request that was read, to whoever reads the reply. */
    private readonly onRequest: (asksNew: boolean) => void,
  ) {}

  /** What comes next. */
  begin({ stage, index, partial }: SideState): void {
    this.stage = stage;
    this.index = index;
    this.rest = bytesOfHex(partial);
  }

  /** Every message that became whole, with its bytes. */
  read(bytes: Uint8Array): Reading[] {
    const all = this.rest.length === 0 ? bytes : concatBytes(this.rest, bytes);
    const found: Reading[] = [];
    let at = 0;
    while (at < all.length) {
      const finding = this.readNext(all, at);
      if (finding.isCut && all.length - at <= MAX_MESSAGE_BYTES) break;
      found.push({ finding, stage: this.stage, bytes: all.slice(at, finding.end) });
      if (finding.isUnderstood) this.advance(all, at, finding.end);
      else this.stage = "lost";
      at = finding.end;
    }
    this.rest = all.slice(at);
    return found;
  }

  /** The connection is over: bytes of a message that never became whole. */
  end(): number {
    const { length } = this.rest;
    this.begin({ stage: "nothing", index: 0, partial: "" });
    return length;
  }

  private readNext(bytes: Uint8Array, at: number): Finding {
    const { side, stage } = this;
    if (stage === "packets") return readPacket(bytes, at, this.index);
    if (stage === "request") return readRequestHead(bytes, at, SHOWN_ID_BYTES);
    if (stage === "reply") return this.readReply(bytes, at);
    if (stage === "state")
      return side === "board" ? readClientStateHead(bytes, at) : readServerStateHead(bytes, at);
    const why = stage === "lost" ? "what came before was not understood" : "no handshake was seen";
    const size = bytes.length - at;
    const text = `${size === 1 ? "1 byte" : `${size} bytes`} that cannot be read: ${why}`;
    return notUnderstood(at, bytes.length, "session §1", text);
  }

  private readReply(bytes: Uint8Array, at: number): Finding {
    if (bytes[at] !== HandshakeCode.OK && bytes[at] <= HandshakeCode.SESSION_UNKNOWN)
      return readRefusalHead(bytes, at);
    return this.asksNew ? readNewSessionHead(bytes, at, SHOWN_ID_BYTES) : readResumedHead(bytes, at);
  }

  /** bytes[at…end) was read: what follows it. */
  private advance(bytes: Uint8Array, at: number, end: number): void {
    if (this.stage === "request") {
      this.onRequest(decodeVarint(bytes, at + 1, end) === 0);
      this.stage = "state";
    } else if (this.stage === "reply") {
      this.stage = bytes[at] === HandshakeCode.OK ? "state" : "nothing";
    } else if (this.stage === "state") {
      this.index = decodeVarint(bytes, at, end);
      this.stage = "packets";
    } else if (bytes[at] !== 0) this.index++;
  }
}
