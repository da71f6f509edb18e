/** A session on the gateway, in either role: the shared session, the connection that carries it now, and who it belongs to. */
import { Payload } from "../../shared/message.ts";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import { createHead } from "../../shared/session/handshake.ts";
import {
  bindSendBuffer,
  closeSession,
  detachSession,
  endSession,
  failConnection,
} from "../../shared/session/lifecycle.ts";
import { inFlight, pump } from "../../shared/session/pump.ts";
import { acceptPackets } from "../../shared/session/receive.ts";
import type { SendBuffer } from "../../shared/session/send-buffer.ts";
import { appendPacket, createSendBuffer, packetEnd } from "../../shared/session/send-buffer.ts";
import type { Session, SessionHandler } from "../../shared/session/state.ts";
import { createSession, Limit, Phase } from "../../shared/session/state.ts";
import { SystemCount, writeSync } from "../../shared/session/sync.ts";
import { encodeVarint, varintSize } from "../../shared/varint.ts";
import type { Clock } from "../platform/clock.ts";
import { nodeEngine } from "../platform/engine.ts";
import { canSend } from "./can-send.ts";
import type { Carrier } from "./carrier.ts";
import { nobody, type SessionOwner } from "./session-owner.ts";
import type { SessionTally } from "./session-tally.ts";
import { nowhere, type Wire } from "./wire.ts";

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
export const NOTHING = new Uint8Array(0);
/** What a session writes here it puts out before it returns, so one serves all. */
const scratch = new Uint8Array(SCRATCH_BYTES);
/** Of a session that is reading none: a connection's state is gathered in a head of its own. */
const noHead = createHead();
/** Of a session that has nothing in its slot: it is replaced before anything is put there. */
const noSlot = createSendBuffer(NOTHING, 0);
/** No packet's way to the other side and back is being timed. */
const UNTIMED = -1;
/** Bytes one speaker may have unacknowledged, unless a cable says less. */
const RX_BYTES = 262_144;

export abstract class HostSession implements SessionHandler {
  readonly session: Session;
  carrier: Carrier | null = null;
  /** The last carrier's name and address, for people and for admission. */
  via = "";
  remoteAddress = "";
  wire: Wire = nowhere;
  /** What this side takes, as its hello says: bytes before it acknowledges, largest packet. */
  rx: number;
  max: number;
  /** Bytes the other side can hold unread, once its hello has said so. */
  peerRx: number = Limit.NONE;
  /** Set once a hello was accepted, and its proof where one was demanded (D9). */
  isConfirmed = false;
  /** The packet until which bytes are not yet counted as acknowledged, and the bytes that came from there on. */
  private markIndex = -1;
  private sinceMark = 0;
  private owner: SessionOwner = nobody;
  /** This side has asked for its end. */
  isClosedHere = false;
  /** Packets that are safe, and whether the session is about to be told. */
  private safe = 0;
  private isAccepting = false;
  /** canSend() has said no: whoever asked waits to be told. */
  private isHeldBack = false;
  /** Packets that left over an earlier connection, and have to leave again over this one. */
  private dueAgain = 0;
  /** The packet that is being timed is the last before this one; when it left, ms. */
  private timedUntil = 0;
  private timedAt = UNTIMED;

  constructor(
    isClient: boolean,
    id: Uint8Array,
    settings: SessionSettings,
    protected readonly clock: Clock,
    protected readonly tally: SessionTally,
  ) {
    this.session = createSession(isClient, id, nodeEngine, this, noSlot, NOTHING, Payload.MAX_HELLO);
    this.session.scratch = scratch;
    this.session.head = noHead;
    this.session.syncIntervalMin = settings.syncIntervalMinMs;
    this.session.syncIntervalMax = settings.syncIntervalMaxMs;
    this.session.sessionExpire = settings.expireS;
    this.rx = Math.max(RX_BYTES, settings.maxPacketBytes);
    this.max = settings.maxPacketBytes;
    this.session.syncBytes = this.rx / 2;
    tally.begun(this.session);
  }

  abstract get id(): Uint8Array;

  /** What leaves is for the other side's ears alone. */
  get isSecret(): boolean {
    return false;
  }

  /** A hello was accepted: from now on packets of any size the configuration allows are taken. */
  confirm(peerRx: number): void {
    this.isConfirmed = true;
    this.peerRx = peerRx;
    this.session.window = Math.min(this.session.window, peerRx);
    this.session.maxPacket = this.max;
  }

  setOwner(owner: SessionOwner): void {
    this.owner = owner;
  }

  /** A packet came for the owner that was set meanwhile. */
  passOn(bytes: Uint8Array, start: number, end: number, index: number): void {
    this.owner.onPacket(bytes, start, end, index);
  }

  /** Sends a packet without a number from the reserved slot: hello, proof. Only before bind(). False: there is no room. */
  greet(payload: Uint8Array): boolean {
    if (this.session.slot === noSlot)
      this.session.slot = createSendBuffer(new Uint8Array(SLOT_BYTES), SLOT_BYTES);
    const taken = appendPacket(this.session.slot, payload, 0, payload.length) > 0;
    this.pump();
    return taken;
  }

  /** Whether the other side has all that greet() sent. */
  get isHeard(): boolean {
    return this.session.slot.count === 0;
  }

  /** Of a connection that has just begun: packets that leave again, and packets that come again and are here already. */
  get again(): { sent: number; repeats: number } {
    const { main, received, recvStart } = this.session;
    return { sent: main?.count ?? 0, repeats: received - recvStart };
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

  /** Whether a packet of `size` bytes would leave at once. After a no, onWritable() tells when to ask again. */
  canSend(size: number): boolean {
    const can = canSend(this.session, this.carrier, size);
    if (!can) this.isHeldBack = true;
    return can;
  }

  /** What canSend() looks at has changed. */
  tellWritable(): void {
    if (!this.isHeldBack) return;
    this.isHeldBack = false;
    this.owner.onWritable();
  }

  /** The transport takes bytes again. */
  unblock(): void {
    this.session.blocked = false;
    pump(this.session);
    this.tellWritable();
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
    this.isClosedHere = true;
    closeSession(this.session, this.clock.now());
    this.carrier?.settle();
  }

  /** Ends it without asking the other side: superseded, refused, expired. */
  end(code: Code): void {
    endSession(this.session, code, this.clock.now());
  }

  /** Ends it, and says so: the other side learns of it now and not when it resumes. */
  finish(code: Code): void {
    if (this.session.phase === Phase.OPEN) writeSync(this.session, SystemCount.CLOSE, this.clock.now());
    this.end(code);
  }

  /** Ends it with `payload` as the last packet, which leaves behind all that was put out before. */
  endWith(payload: Uint8Array, code: Code): void {
    if (this.session.phase === Phase.OPEN) {
      const packet = new Uint8Array(varintSize(payload.length) + payload.length);
      packet.set(payload, encodeVarint(packet, 0, payload.length));
      this.onOutput(packet, 0, packet.length);
    }
    this.end(code);
  }

  /** The connection that carried it is gone. */
  detach(carrier: Carrier, why = ""): void {
    if (this.carrier !== carrier) return; // a late word of a connection that was replaced (D10)
    this.carrier = null;
    this.tally.lost(this.session);
    detachSession(this.session, this.clock.now());
    this.shrink();
    this.owner.onDisconnected(why);
  }

  onOutput(bytes: Uint8Array, start: number, end: number): void {
    this.carrier?.output(bytes, start, end);
    if (bytes === scratch) return;
    if (this.dueAgain > 0) this.countAgain(bytes, start, end);
    if (this.timedAt === UNTIMED) this.beginTiming();
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
    if (this.timedAt !== UNTIMED && this.session.acknowledged >= this.timedUntil) this.endTiming();
    this.owner.onAcknowledged(count);
    if (!this.isHeldBack) return;
    pump(this.session); // what is already in the buffer goes first
    this.tellWritable();
  }

  onOpen(isResumed: boolean): void {
    this.session.head = noHead;
    if (isResumed) {
      this.tally.resumes.ok++;
      this.tally.resumeSeconds.add((this.clock.now() - this.session.since) / 1000);
    }
    this.owner.onConnected();
  }

  onDisconnect(code: Code): void {
    const carrier = this.carrier;
    this.carrier = null;
    if (code === Code.DEAD) this.tally.heartbeatMisses++;
    this.tally.lost(this.session);
    this.shrink();
    this.owner.onDisconnected(codeName(code));
    carrier?.drop(code);
  }

  onClosed(code: Code): void {
    this.tally.ended(this.session, code);
    this.over(code);
    this.owner.onClosed(code);
  }

  /** It has ended: whoever keeps it forgets it. */
  protected abstract over(code: Code): void;

  /** `carrier` carries it from now on; the shared session is about to be told. */
  protected carryBy(carrier: Carrier): void {
    this.carrier = carrier;
    this.via = carrier.name;
    this.remoteAddress = carrier.remoteAddress;
    this.wire = carrier.wire;
    this.session.head = createHead();
    this.dueAgain += inFlight(this.session);
    this.timedAt = UNTIMED;
  }

  /** The run of packets that is put out begins with some that left before. */
  private countAgain(bytes: Uint8Array, start: number, end: number): void {
    const due = this.dueAgain;
    let at = start;
    while (at < end && this.dueAgain > 0) {
      at = packetEnd(bytes, at);
      this.dueAgain--;
    }
    this.tally.resentPackets += due - this.dueAgain;
    this.tally.resentBytes += at - start;
  }

  /** The last of what was just put out: one packet at a time, so that it costs nothing per packet. */
  private beginTiming(): void {
    this.timedUntil = this.session.acknowledged + inFlight(this.session);
    this.timedAt = this.clock.now();
  }

  private endTiming(): void {
    this.tally.rttSeconds.add((this.clock.now() - this.timedAt) / 1000);
    this.timedAt = UNTIMED;
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
