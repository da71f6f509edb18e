/**
 * Another gateway, whatever sessions carry it: what waits for it, how far its frames have come, and the session it has
 * now (iotgw X.1).
 */
import { codeName } from "../../shared/session/code-names.ts";
import type { Code } from "../../shared/session/codes.ts";
import type { PeerConfig } from "../config/schema.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { decodeCredit } from "../iotgw/credit.ts";
import { decodeFrame, type FrameView } from "../iotgw/decode-frame.ts";
import { Delivery, RouteFlag } from "../iotgw/frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import type { Introduction } from "../iotgw/introduce.ts";
import { originEpoch } from "../iotgw/origin-epoch.ts";
import { hasRouteFlag } from "../iotgw/patch-frame.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { Memblock } from "../queue/memblock.ts";
import { Lane, type Outcome, Packet, type PacketOwner } from "../queue/packet.ts";
import { PeerQueue } from "../queue/peer-queue.ts";
import type { Refusal } from "../queue/queue-limits.ts";
import type { SessionQueue } from "../queue/session-queue.ts";
import type { HostSession } from "../session/host-session.ts";
import type { SessionOwner } from "../session/session-owner.ts";
import type { RecordChange, Store } from "../store/store.ts";
import { CreditBook } from "./credit-book.ts";
import { type Arrived, type Effect, FrameIntake, type IntakeOwner } from "./frame-intake.ts";
import { FRAGMENT_BYTES, FrameWriter } from "./frame-writer.ts";
import type { GatewayPeer, Have, Introduced } from "./gateway-peer.ts";
import { formatMessageId, type MessageId } from "./message-id.ts";
import { PendingFrames, type Unsure } from "./pending-frames.ts";
import { Rqids } from "./rqids.ts";
import type { Kept, Spool } from "./spool.ts";

/** ms without a connection after which what is sent directly finds no way (iotgw §13). */
const UNREACHABLE_MS = 5000;
const NO_MORE = { packets: 0, bytes: 0 };
/** Beyond the limits of a peer, for what ends something elsewhere: one that takes no answers can ask for ever. */
const ENDING = { packets: 10_000, bytes: 64 << 20 };
/** What waits in a session's lanes; a quarter for each. */
const WINDOW = { packets: 128, bytes: 131_072 };

/** What became of a frame that was handed over. `maybeDelivered`: it left whole once. */
export type OnOutcome = (outcome: Outcome, maybeDelivered: boolean, packet: Packet) => void;

export interface FrameOptions {
  id: MessageId;
  /** Not kept for a peer that is away for long. */
  isDirect?: boolean;
  /** ms; Infinity: its life has no end. */
  remainingMs: number;
  isRequest: boolean;
  isRequeued?: boolean;
  onOutcome: OnOutcome;
}

/** A frame that is about to be committed. One of the three is called, once. */
export interface Prepared {
  changes: RecordChange[];
  packet: Packet;
  /** It is safe: it goes, behind all that were prepared before it. */
  onCommitted(): void;
  /** Its commit failed. Should it be in the store all the same, it goes: whoever sent what caused it takes it for done. */
  onFailed(): void;
  /** Its commit failed, and whoever asked for it was told so: it never goes. */
  onRefused(): void;
}

/** What a packet of its queue is. */
export interface Tag {
  key: string;
  isDirect: boolean;
  id: MessageId;
  isRequest: boolean;
  onOutcome: OnOutcome;
  /** Another peer has it now. */
  isMoved?: boolean;
}

export interface PeerServices {
  /** Of this peer, over all its generations. */
  spool: Spool;
  /** Of this gateway. */
  hostId: bigint;
  store: Store;
  clock: Clock;
  log: Log;
  maxFrame: number;
  /** A numbered frame that is new. */
  receive(from: MeshPeer, arrived: Arrived): Effect;
  /** One that was had before. */
  onRepeat(arrived: Arrived): void;
  /** A frame of an earlier life of the gateway. */
  onKept(peer: MeshPeer, id: MessageId, view: FrameView): OnOutcome;
  onPressure(peer: MeshPeer, isHigh: boolean): void;
  onChange(peer: MeshPeer): void;
  onRemoved(peer: MeshPeer): void;
  /** It has a new session. */
  onWelcome(peer: MeshPeer): void;
}

export class MeshPeer implements GatewayPeer, SessionOwner, PacketOwner, IntakeOwner {
  readonly queue: PeerQueue;
  readonly intake: FrameIntake;
  readonly counts = { sessions: 0, connections: 0, faults: 0, received: 0 };
  readonly ending = { ...ENDING };
  private introduced: Introduced | null = null;
  private session: HostSession | null = null;
  private awaySince: number;
  private frames: FrameWriter | null = null;
  private writer: SessionQueue | null = null;
  /** In the order of their numbers, until all before them are safe. */
  private readonly pending: PendingFrames;
  /** Requests that wait, or are on the wire. */
  private readonly requests = new Map<string, Packet>();
  private credit = new CreditBook();
  /** Of requests that came in this session and are not answered, their rqid. */
  private rqids = new Rqids();

  constructor(
    readonly hostId: bigint,
    private readonly services: PeerServices,
  ) {
    const { store, clock, maxFrame } = services;
    this.awaySince = clock.now();
    this.pending = new PendingFrames(
      (packet) => this.enqueue(packet),
      (packet) => this.abandon(packet),
    );
    this.intake = new FrameIntake(store, this, maxFrame);
    this.queue = new PeerQueue({
      now: () => clock.now(),
      limits: { maxFrame },
      window: WINDOW,
      fragmentBytes: FRAGMENT_BYTES,
      onPressure: (isHigh) => services.onPressure(this, isHigh),
    });
  }

  /** Goes on with what an earlier gateway kept for it, in its order, before anything else is prepared. */
  restore({ key, frame, remainingMs, ageMs }: Kept): void {
    const { services } = this;
    services.spool.skip(key);
    const view = decodeFrame(frame, 0, frame.length, services.maxFrame);
    const epoch = view instanceof FrameFault ? view : originEpoch(view);
    if (view instanceof FrameFault || epoch instanceof FrameFault) {
      // Of another release. It stays where it is, for whoever can read it.
      services.log.error({ peer: `${this.hostId}`, key }, "a frame that was kept is not understood");
      return;
    }
    const id = { ...view.msgId!, epoch, lane: view.qos!.lane };
    const isRequest = view.reqtype === Reqtype.REQUEST;
    const onOutcome = services.onKept(this, id, view);
    const isDirect = view.qos!.delivery === Delivery.DIRECT;
    const packet = this.packetOf(frame, { key, id, isDirect, isRequest, onOutcome }, remainingMs, true);
    packet.markSent(); // nobody knows: it may have left
    packet.addedAt = services.clock.now() - ageMs;
    this.enqueue(packet);
  }

  /** What it calls itself; "" before it said so. */
  get name(): string {
    return this.introduced?.said.name ?? "";
  }

  /** The largest frame it takes, in bytes, as far as is known. */
  get maxFrame(): number {
    return Math.min(this.services.maxFrame, this.introduced?.said.maxFrame ?? Infinity);
  }

  get isConnected(): boolean {
    return this.session?.carrier != null;
  }

  get hostSession(): HostSession | null {
    return this.session;
  }

  get hasSession(): boolean {
    return this.session !== null;
  }

  /** It has a connection, or lost it just now. */
  get isReachable(): boolean {
    return this.isConnected || this.services.clock.now() - this.awaySince < UNREACHABLE_MS;
  }

  /** Ends what is over, and what is not kept for a peer that is away. */
  tick(): void {
    this.queue.tick();
    if (this.isReachable) return;
    for (const packet of this.queue.packets())
      if ((packet.tag as Tag | undefined)?.isDirect) this.queue.finish(packet, "rejected");
  }

  /** Whether a frame of so many bytes would find room, with all that is about to be committed. */
  hasRoom(bytes: number, { packets, bytes: more } = NO_MORE): boolean {
    const { queue, pending } = this;
    const { maxPackets, maxBytes } = queue.limits;
    const count = queue.count + pending.count;
    return count < maxPackets + packets && queue.bytes + pending.bytes + bytes <= maxBytes + more;
  }

  /** The same of one that ends something elsewhere. */
  hasRoomToEnd(bytes: number): boolean {
    return this.hasRoom(bytes, this.ending);
  }

  /** Takes over a frame whose number is the next: what it changes in the store is to be committed in this turn. */
  prepare(
    frame: Uint8Array,
    { id, remainingMs, isRequest, isRequeued = true, isDirect = false, onOutcome }: FrameOptions,
  ): Prepared {
    const change = this.services.spool.keep(id.lane, frame, this.services.clock.wall(), remainingMs);
    const packet = this.packetOf(
      frame,
      { key: change.key, id, isDirect, isRequest, onOutcome },
      remainingMs,
      isRequeued,
    );
    const entry = this.pending.add(packet);
    return {
      changes: [change],
      packet,
      onCommitted: () => this.pending.settle(entry, true),
      onFailed: () => this.pending.doubt(entry),
      onRefused: () => {
        this.services.store.putLater([{ key: change.key, value: null }]);
        this.pending.settle(entry, false);
      },
    };
  }

  /** Frames to it are being committed, or it is not known whether they are in the store. */
  get isCommitting(): boolean {
    return this.pending.count > 0;
  }

  /** Frames whose commit failed, and that hold up those behind them until it is known whether they are in the store. */
  unsure(): Unsure[] {
    return this.pending.unsure().map((entry) => ({
      key: (entry.packet.tag as Tag).key,
      settle: (isThere) => this.pending.settle(entry, isThere),
    }));
  }

  /** The request with this id that waits here, or is on the wire. */
  findRequest(id: MessageId): Packet | undefined {
    return this.requests.get(formatMessageId(id));
  }

  /** A frame of which no byte has left, for another peer; null: it has left, or is over. */
  takeOut(packet: Packet): { key: string; frame: Uint8Array; options: FrameOptions } | null {
    const tag = packet.tag as Tag | undefined;
    if (tag === undefined || packet.hasLeft) return null;
    tag.isMoved = true;
    if (!packet.setInvalid()) {
      tag.isMoved = false;
      return null;
    }
    const { key, id, isDirect, isRequest, onOutcome } = tag;
    const remainingMs = packet.deadline - this.services.clock.now();
    const { isRequeued } = packet;
    return {
      key,
      frame: packet.body.bytes,
      options: { id, remainingMs, isRequest, isRequeued, isDirect, onOutcome },
    };
  }

  haveUpTo(epoch: bigint | null): Have {
    return this.intake.marks.haveUpTo(epoch);
  }

  welcome(session: HostSession, introduced: Introduced): void {
    const { said } = introduced;
    this.introduced = introduced;
    this.session = session;
    this.counts.sessions++;
    this.rqids = new Rqids();
    this.credit = new CreditBook();
    this.intake.begin();
    this.forgetBare();
    this.forgetDelivered(said);
    this.refuseAbove(this.maxFrame);
    session.setOwner(this);
    this.frames = new FrameWriter(session, this.services.clock, this.rqids, this.credit);
    this.frames.start();
    this.writer = this.queue.openSession(this.frames);
    this.begin();
    this.services.onWelcome(this);
  }

  configure({ limits: { maxPackets, maxBytes } }: PeerConfig): void {
    Object.assign(this.queue.limits, { maxPackets, maxBytes });
  }

  /** It is no longer configured: everything of it ends at once (G5). */
  remove(): void {
    this.pending.withdraw();
    this.queue.remove();
    this.services.onRemoved(this);
  }

  // ── its session ─────────────────────────────────────────────────────────────────────────────────────────────

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    this.intake.take(this.session!, bytes, start, end, index);
  }

  onAcknowledged(count: number): void {
    if (count === 0) return;
    this.frames?.acknowledged(count);
    this.writer?.acknowledged(count);
  }

  /** Its session goes on. */
  onConnected(): void {
    const { sent, repeats } = this.session?.again ?? { sent: 0, repeats: 0 };
    const again = { ...(sent > 0 && { sentAgain: sent }), ...(repeats > 0 && { repeats }) };
    this.say({ event: "resumed", via: this.session?.via, ...again }, "session resumed");
    this.begin();
  }

  private begin(): void {
    this.counts.connections++;
    this.frames?.renew();
    this.services.onChange(this);
    this.writer?.pump();
  }

  onDisconnected(why: string): void {
    this.say({ event: "down", why }, "disconnected");
    this.awaySince = this.services.clock.now();
    this.services.onChange(this);
  }

  onWritable(): void {
    this.writer?.pump();
  }

  onClosed(code: Code): void {
    this.say({ event: "over", code: codeName(code) }, "session over");
    this.session = null;
    this.closeWriter();
    this.services.onChange(this);
  }

  private say(fields: object, text: string): void {
    this.services.log.info({ peer: `${this.hostId}`, ...fields }, text);
  }

  // ── its frames ──────────────────────────────────────────────────────────────────────────────────────────────

  receive(arrived: Arrived): Effect {
    this.counts.received++;
    const { frame, id } = arrived;
    if (frame.reqtype === Reqtype.REQUEST) this.rqids.set(id, frame.rqid);
    return this.services.receive(this, arrived);
  }

  onRepeat(arrived: Arrived): void {
    this.services.onRepeat(arrived);
  }

  hear(view: FrameView): void {
    if (view.cmd === Command.CREDIT) this.readCredit(view);
    // One that asks for ever, and takes no answer, gets no more of them.
    if (view.cmd !== Command.INTRODUCE || !this.hasRoom(0)) return;
    const reply = this.introduced?.again(view.bytes, view.start, view.end) ?? null;
    if (reply !== null) this.sendBare(reply);
  }

  onNumbered(lane: number, bytes: number): void {
    this.credit.onReceived(lane, bytes);
  }

  /** Somewhere behind this gateway too much waits (true), or there is room: the peer is told how much more it may send. */
  hold(isFull: boolean): void {
    if (this.session === null) return;
    const frame = isFull ? this.credit.hold() : this.credit.goOn();
    if (frame !== null) this.sendBare(frame);
  }

  onFault({ text }: FrameFault): void {
    this.counts.faults++;
    this.services.log.warn({ peer: `${this.hostId}`, reason: text }, "a frame is not understood");
  }

  onOutcome(packet: Packet, outcome: Outcome): void {
    if (packet.tag === undefined) return packet.release();
    const { key, id, isRequest, onOutcome } = packet.tag as Tag;
    if (isRequest) this.requests.delete(formatMessageId(id));
    if ((packet.tag as Tag).isMoved) return packet.release();
    this.services.store.putLater([{ key, value: null }]);
    onOutcome(outcome, packet.maybeDelivered, packet);
    packet.release();
  }

  private packetOf(frame: Uint8Array, tag: Tag, remainingMs: number, isRequeued: boolean): Packet {
    const deadline = this.services.clock.now() + remainingMs;
    const lane = tag.id.lane as Lane;
    const packet = Packet.of(Memblock.transfer(frame)!, { lane, deadline, owner: this, tag, isRequeued });
    if (tag.isRequest) this.requests.set(formatMessageId(tag.id), packet);
    return packet;
  }

  /** It is not in the store, and never will be. */
  private abandon(packet: Packet): void {
    this.requests.delete(formatMessageId((packet.tag as Tag).id));
    packet.release();
  }

  private enqueue(packet: Packet): void {
    const refusal = this.queue.addCommitted(packet);
    if (refusal === null) return;
    packet.outcome = outcomeOf(refusal);
    this.onOutcome(packet, packet.outcome);
  }

  /** A frame without a number: it is not kept, and ends with its session. */
  private sendBare(frame: Uint8Array): void {
    const options = { lane: Lane.CONTROL, owner: this, isRequeued: false };
    const packet = Packet.of(Memblock.transfer(frame)!, options);
    if (this.queue.addCommitted(packet) !== null) packet.release();
  }

  /** What was to be said in a session that is over holds for that one alone: its counts would stop the next. */
  private forgetBare(): void {
    this.closeWriter();
    for (const packet of this.queue.packets())
      if (packet.tag === undefined) this.queue.finish(packet, "dropped-by-policy");
  }

  private readCredit(view: FrameView): void {
    const lanes = decodeCredit(view.bytes, view.bodyStart, view.end);
    if (lanes instanceof FrameFault) return this.onFault(lanes);
    this.credit.onGranted(lanes);
    this.writer?.pump();
  }

  /** What the peer says it has need not be sent again, whatever became of its acknowledgement. */
  private forgetDelivered({ haveEpoch, have }: Introduction): void {
    if (haveEpoch === 0n) return;
    for (const packet of this.queue.packets()) {
      if (packet.tag === undefined || hasRouteFlag(packet.body.bytes, RouteFlag.MOVED)) continue;
      const { id } = packet.tag as Tag;
      if (id.origin === this.services.hostId && id.epoch === haveEpoch && id.seq <= have[id.lane])
        this.queue.finish(packet, "delivered");
    }
  }

  /** It was taken before it was known how little the peer takes. */
  private refuseAbove(maxFrame: number): void {
    this.queue.limits.maxFrame = maxFrame;
    for (const packet of this.queue.packets())
      if (packet.size > maxFrame) this.queue.finish(packet, "rejected");
  }

  private closeWriter(): void {
    if (this.writer !== null) this.queue.closeSession(this.writer);
    this.writer = this.frames = null;
  }
}

/** Of a packet that its queue does not take. */
function outcomeOf(refusal: Refusal): Outcome {
  if (refusal === "PEER_REMOVED") return "peer-removed";
  if (refusal === "EXPIRED") return "expired";
  return refusal === "TOO_BIG" ? "rejected" : "cancelled";
}
