/**
 * Another gateway, whatever sessions carry it: the session it has now, and its frames both ways, those that wait for it
 * (peer-frames.ts) and those that come (frame-intake.ts).
 */
import { codeName } from "../../shared/session/code-names.ts";
import type { Code } from "../../shared/session/codes.ts";
import type { PeerConfig } from "../config/schema.ts";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { decodeCredit } from "../iotgw/credit.ts";
import type { FrameView } from "../iotgw/decode-frame.ts";
import { FrameFault } from "../iotgw/frame-fault.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { PeerQueue } from "../queue/peer-queue.ts";
import type { SessionQueue } from "../queue/session-queue.ts";
import type { HostSession } from "../session/host-session.ts";
import type { SessionOwner } from "../session/session-owner.ts";
import type { Store } from "../store/store.ts";
import { CreditBook } from "./credit-book.ts";
import { type Arrived, type Effect, FrameIntake, type IntakeOwner } from "./frame-intake.ts";
import { FrameWriter } from "./frame-writer.ts";
import type { GatewayPeer, Have, Introduced } from "./gateway-peer.ts";
import type { MessageId } from "./message-id.ts";
import { type OnOutcome, PeerFrames } from "./peer-frames.ts";
import { Rqids } from "./rqids.ts";
import type { Spool } from "./spool.ts";

/** ms without a connection after which what is sent directly finds no way (iotgw §13). */
const UNREACHABLE_MS = 5000;

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

export class MeshPeer implements GatewayPeer, SessionOwner, IntakeOwner {
  /** What waits for it. */
  readonly frames: PeerFrames;
  readonly intake: FrameIntake;
  readonly counts = { sessions: 0, connections: 0, faults: 0, received: 0 };
  private introduced: Introduced | null = null;
  private session: HostSession | null = null;
  private awaySince: number;
  private writer: FrameWriter | null = null;
  private lanes: SessionQueue | null = null;
  private credit = new CreditBook();
  /** Of requests that came in this session and are not answered, their rqid. */
  private rqids = new Rqids();

  constructor(
    readonly hostId: bigint,
    private readonly services: PeerServices,
  ) {
    const { store, clock, log, maxFrame, spool } = services;
    this.awaySince = clock.now();
    this.intake = new FrameIntake(store, this, maxFrame);
    this.frames = new PeerFrames({
      ...{ spool, peer: hostId, hostId: services.hostId, store, clock, log, maxFrame },
      onKept: (id, view) => services.onKept(this, id, view),
      onPressure: (isHigh) => services.onPressure(this, isHigh),
    });
  }

  get queue(): PeerQueue {
    return this.frames.queue;
  }

  /** Whether a frame of so many bytes would find room, with all that is about to be committed. */
  hasRoom(bytes: number): boolean {
    return this.frames.hasRoom(bytes);
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
    if (!this.isReachable) this.frames.endDirect();
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
    this.closeWriter();
    this.frames.forgetBare();
    this.frames.forgetDelivered(said);
    this.frames.refuseAbove(this.maxFrame);
    session.setOwner(this);
    this.writer = new FrameWriter(session, this.services.clock, this.rqids, this.credit);
    this.writer.start();
    this.lanes = this.queue.openSession(this.writer);
    this.begin();
    this.services.onWelcome(this);
  }

  configure({ limits: { maxPackets, maxBytes } }: PeerConfig): void {
    Object.assign(this.queue.limits, { maxPackets, maxBytes });
  }

  /** It is no longer configured: everything of it ends at once (G5). */
  remove(): void {
    this.frames.remove();
    this.services.onRemoved(this);
  }

  // ── its session ─────────────────────────────────────────────────────────────────────────────────────────────

  onPacket(bytes: Uint8Array, start: number, end: number, index: number): void {
    this.intake.take(this.session!, bytes, start, end, index);
  }

  onAcknowledged(count: number): void {
    if (count === 0) return;
    this.writer?.acknowledged(count);
    this.lanes?.acknowledged(count);
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
    this.writer?.renew();
    this.services.onChange(this);
    this.lanes?.pump();
  }

  onDisconnected(why: string): void {
    this.say({ event: "down", why }, "disconnected");
    this.awaySince = this.services.clock.now();
    this.services.onChange(this);
  }

  onWritable(): void {
    this.lanes?.pump();
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
    if (reply !== null) this.frames.sendBare(reply);
  }

  onNumbered(lane: number, bytes: number): void {
    this.credit.onReceived(lane, bytes);
  }

  /** Somewhere behind this gateway too much waits (true), or there is room: the peer is told how much more it may send. */
  hold(isFull: boolean): void {
    if (this.session === null) return;
    const frame = isFull ? this.credit.hold() : this.credit.goOn();
    if (frame !== null) this.frames.sendBare(frame);
  }

  onFault({ text }: FrameFault): void {
    this.counts.faults++;
    this.services.log.warn({ peer: `${this.hostId}`, reason: text }, "a frame is not understood");
  }

  private readCredit(view: FrameView): void {
    const lanes = decodeCredit(view.bytes, view.bodyStart, view.end);
    if (lanes instanceof FrameFault) return this.onFault(lanes);
    this.credit.onGranted(lanes);
    this.lanes?.pump();
  }

  private closeWriter(): void {
    if (this.lanes !== null) this.queue.closeSession(this.lanes);
    this.writer = this.lanes = null;
  }
}
