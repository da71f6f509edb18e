/** A session on the gateway: the shared session, the connection that carries it now, and who it belongs to. */
import { Payload } from "../../shared/message.ts";
import { Code } from "../../shared/session/codes.ts";
import { createHead } from "../../shared/session/handshake.ts";
import {
  attachSession,
  bindSendBuffer,
  closeSession,
  detachSession,
  endSession,
  failConnection,
} from "../../shared/session/lifecycle.ts";
import { pump } from "../../shared/session/pump.ts";
import { acceptPackets } from "../../shared/session/receive.ts";
import type { SendBuffer } from "../../shared/session/send-buffer.ts";
import { appendPacket, createSendBuffer } from "../../shared/session/send-buffer.ts";
import type { Session, SessionHandler } from "../../shared/session/state.ts";
import { createSession, Limit } from "../../shared/session/state.ts";
import type { Clock } from "../platform/clock.ts";
import { nodeEngine } from "../platform/engine.ts";
import { nowhere, type Wire } from "./wire.ts";

/** Who a session belongs to: first whoever waits for its hello, then the peer that sent it. */
export interface SessionOwner {
  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void;
  onAcknowledged(count: number): void;
  /** The session has a connection (again), or has lost it. */
  onConnected(): void;
  onDisconnected(): void;
  onClosed(code: Code): void;
}

/** Owns a session that has nothing more to say, or whose hello has not come. */
export const nobody: SessionOwner = {
  onPacket() {},
  onAcknowledged() {},
  onConnected() {},
  onDisconnected() {},
  onClosed() {},
};

/** The connection as its session sees it. */
export interface Carrier {
  readonly name: string;
  readonly remoteAddress: string;
  readonly wire: Wire;
  output(bytes: Uint8Array, start: number, end: number): void;
  /** What was put out leaves with the end of this turn, and the timer is set anew. */
  settle(): void;
  /** It leaves now. */
  settleNow(): void;
  drop(code: Code): void;
}

export interface SessionSettings {
  syncIntervalMinMs: number;
  syncIntervalMaxMs: number;
  expireS: number;
  maxPacketBytes: number;
}

/** Room for the longest answer to a request: an id and four numbers. */
const SCRATCH_BYTES = 64;
/** Bytes for the hello, and for numbers that go out empty behind it (session part 4). */
const SLOT_BYTES = 600;
const NOTHING = new Uint8Array(0);
/** What a session writes here it puts out before it returns, so one serves all. */
const scratch = new Uint8Array(SCRATCH_BYTES);
/** Of a session that is reading none: a connection's state is gathered in a head of its own. */
const noHead = createHead();
/** Of a session that has nothing in its slot: it is replaced before anything is put there. */
const noSlot = createSendBuffer(NOTHING, 0);
/** Bytes one speaker may have unacknowledged, unless a cable says less. */
const RX_BYTES = 262_144;

export class ServerSession implements SessionHandler {
  readonly session: Session;
  carrier: Carrier | null = null;
  /** The last carrier's name and address, for people and for admission. */
  via = "";
  remoteAddress = "";
  wire: Wire = nowhere;
  /** What this side takes, as its hello says: bytes before it acknowledges, largest packet. */
  rx: number;
  max: number;
  /** Bytes the board can hold unread, once its hello has said so. */
  peerRx: number = Limit.NONE;
  /** Set once a hello was accepted, and its proof where one was demanded (D9). */
  isConfirmed = false;
  /** Its hello gives the board a key (session part 4). */
  isGivingKey = false;
  /** The board that its hello names, proved or not; "" before. */
  device = "";
  /** The packet until which bytes are not yet counted as acknowledged, and the bytes that came from there on. */
  private markIndex = -1;
  private sinceMark = 0;
  /** The highest counter a resume has shown (D7). */
  resumes = 0;
  /** The id, a character a byte: as bytes it would take ten times the memory, and is hardly asked for. */
  private readonly idText: string;
  private owner: SessionOwner = nobody;
  /** Packets that are safe, and whether the session is about to be told. */
  private safe = 0;
  private isAccepting = false;

  constructor(
    id: Uint8Array,
    /** Which of the server's sessions it is: a later one has the higher number. */
    readonly order: number,
    settings: SessionSettings,
    private readonly clock: Clock,
    private readonly onEnded: (session: ServerSession, code: Code) => void,
  ) {
    this.idText = Buffer.from(id).toString("latin1");
    this.session = createSession(false, id, nodeEngine, this, noSlot, NOTHING, Payload.MAX_HELLO);
    this.session.scratch = scratch;
    this.session.head = noHead;
    this.session.syncIntervalMin = settings.syncIntervalMinMs;
    this.session.syncIntervalMax = settings.syncIntervalMaxMs;
    this.session.sessionExpire = settings.expireS;
    this.rx = Math.max(RX_BYTES, settings.maxPacketBytes);
    this.max = settings.maxPacketBytes;
    this.session.syncBytes = this.rx / 2;
  }

  get id(): Uint8Array {
    return Buffer.from(this.idText, "latin1");
  }

  /** A cable takes less than a socket. */
  limitTo(rx: number, max: number): void {
    this.rx = Math.min(this.rx, rx);
    this.max = Math.min(this.max, max);
    this.session.syncBytes = this.rx / 2;
  }

  /** A hello was accepted: from now on packets of any size the configuration allows are taken. */
  confirm(peerRx: number): void {
    this.isConfirmed = true;
    this.peerRx = peerRx;
    this.session.window = Math.min(this.session.window, peerRx);
    this.session.maxPacket = this.max;
  }

  /** What leaves carries the key, or may carry it again: nobody else is to hear it. */
  get isSecret(): boolean {
    return this.isGivingKey && this.session.acknowledged === 0;
  }

  setOwner(owner: SessionOwner): void {
    this.owner = owner;
  }

  /** Sends a packet without a number from the reserved slot: hello. */
  greet(payload: Uint8Array): void {
    if (this.session.slot === noSlot)
      this.session.slot = createSendBuffer(new Uint8Array(SLOT_BYTES), SLOT_BYTES);
    appendPacket(this.session.slot, payload, 0, payload.length);
    this.pump();
  }

  /** Whether the other side has all that greet() sent. */
  get isHeard(): boolean {
    return this.session.slot.count === 0;
  }

  /** From now on `buffer` holds the numbered packets. */
  bind(buffer: SendBuffer): void {
    bindSendBuffer(this.session, buffer);
    this.carrier?.settle();
  }

  /** Something was appended to the bound buffer. */
  pump(): void {
    pump(this.session);
    this.carrier?.settle();
  }

  /**
   * `count` packets of this session, counted from its beginning, are as safe as the store makes them. Many that were
   * committed together are counted together.
   */
  accept(count: number): void {
    this.safe = count;
    // Within a chunk no clock is read: what is owed is looked at when the whole of it has been, and then all settles.
    if (this.session.receiving) return acceptPackets(this.session, count, 0);
    if (this.isAccepting) return;
    this.isAccepting = true;
    queueMicrotask(() => {
      this.isAccepting = false;
      acceptPackets(this.session, this.safe, this.clock.now());
      // All of the commit was counted before: nothing more comes in this turn, and the slab is free for the next session.
      this.carrier?.settleNow();
    });
  }

  close(): void {
    closeSession(this.session, this.clock.now());
    this.carrier?.settle();
  }

  /** Ends it without asking the other side: superseded, refused, expired. */
  end(code: Code): void {
    endSession(this.session, code, this.clock.now());
  }

  /** `carrier` has asked for it. */
  attach(carrier: Carrier, isNew: boolean): void {
    this.carrier = carrier;
    this.via = carrier.name;
    this.remoteAddress = carrier.remoteAddress;
    this.wire = carrier.wire;
    this.session.head = createHead();
    attachSession(this.session, isNew, this.clock.now());
  }

  /** The connection that carried it is gone. */
  detach(carrier: Carrier): void {
    if (this.carrier !== carrier) return; // a late word of a connection that was replaced (D10)
    this.carrier = null;
    detachSession(this.session, this.clock.now());
    this.shrink();
    this.owner.onDisconnected();
  }

  onOutput(bytes: Uint8Array, start: number, end: number): void {
    this.carrier?.output(bytes, start, end);
  }

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    const { recvStart, counted } = this.session;
    // Never more than what is on its way: the bytes behind a packet count until that packet is acknowledged.
    if (recvStart + counted > this.markIndex) {
      this.markIndex = index;
      this.sinceMark = 0;
    }
    this.sinceMark += end - start;
    this.owner.onPacket(bytes, start, end, index);
    // The packet itself is kept: it was received. One that is larger than the window may be sent alone (D6).
    if (this.isConfirmed && this.sinceMark > this.rx + this.max)
      failConnection(this.session, Code.WINDOW_IGNORED, this.clock.now());
  }

  onAcknowledged(count: number): void {
    this.owner.onAcknowledged(count);
  }

  onOpen(): void {
    this.session.head = noHead;
    this.session.id = NOTHING; // it was told with the answer to the first request
    this.owner.onConnected();
  }

  onDisconnect(code: Code): void {
    const carrier = this.carrier;
    this.carrier = null;
    this.shrink();
    this.owner.onDisconnected();
    carrier?.drop(code);
  }

  onClosed(code: Code): void {
    this.onEnded(this, code);
    this.owner.onClosed(code);
  }

  /** Without a connection it keeps no buffers but those that hold something: it may wait for minutes, and many may. */
  private shrink(): void {
    const { session } = this;
    session.head = noHead;
    session.partial = NOTHING;
    session.from = session.have = 0;
    if (session.slot.count === 0) session.slot = noSlot;
  }
}
