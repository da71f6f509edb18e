/**
 * The frames that wait for another gateway: each kept in the store until it comes to an outcome, in the order of their
 * numbers, found and withdrawn by their ids (iotgw X.1).
 */
import { Reqtype } from "../iotgw/commands.ts";
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
import type { RecordChange, Store } from "../store/store.ts";
import { FRAGMENT_BYTES } from "./frame-writer.ts";
import { formatMessageId, type MessageId } from "./message-id.ts";
import { PendingFrames, type Unsure } from "./pending-frames.ts";
import type { Kept, Spool } from "./spool.ts";

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

export interface PeerFramesOptions {
  /** Of the peer, over all its generations. */
  spool: Spool;
  /** The peer's, and this gateway's. */
  peer: bigint;
  hostId: bigint;
  store: Store;
  clock: Clock;
  log: Log;
  maxFrame: number;
  /** A frame of an earlier life of the gateway. */
  onKept(id: MessageId, view: FrameView): OnOutcome;
  onPressure(isHigh: boolean): void;
}

export class PeerFrames implements PacketOwner {
  readonly queue: PeerQueue;
  readonly ending = { ...ENDING };
  /** In the order of their numbers, until all before them are safe. */
  private readonly pending: PendingFrames;
  /** Requests that wait, or are on the wire. */
  private readonly requests = new Map<string, Packet>();

  constructor(private readonly options: PeerFramesOptions) {
    const { clock, maxFrame, onPressure } = options;
    this.pending = new PendingFrames(
      (packet) => this.enqueue(packet),
      (packet) => this.abandon(packet),
    );
    this.queue = new PeerQueue({
      now: () => clock.now(),
      limits: { maxFrame },
      window: WINDOW,
      fragmentBytes: FRAGMENT_BYTES,
      onPressure,
    });
  }

  /** Goes on with what an earlier gateway kept for it, in its order, before anything else is prepared. */
  restore({ key, frame, remainingMs, ageMs }: Kept): void {
    const { options } = this;
    options.spool.skip(key);
    const view = decodeFrame(frame, 0, frame.length, options.maxFrame);
    const epoch = view instanceof FrameFault ? view : originEpoch(view);
    if (view instanceof FrameFault || epoch instanceof FrameFault) {
      // Of another release. It stays where it is, for whoever can read it.
      options.log.error({ peer: `${options.peer}`, key }, "a frame that was kept is not understood");
      return;
    }
    const id = { ...view.msgId!, epoch, lane: view.qos!.lane };
    const isRequest = view.reqtype === Reqtype.REQUEST;
    const onOutcome = options.onKept(id, view);
    const isDirect = view.qos!.delivery === Delivery.DIRECT;
    const packet = this.packetOf(frame, { key, id, isDirect, isRequest, onOutcome }, remainingMs, true);
    packet.markSent(); // nobody knows: it may have left
    packet.addedAt = options.clock.now() - ageMs;
    this.enqueue(packet);
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
    const change = this.options.spool.keep(id.lane, frame, this.options.clock.wall(), remainingMs);
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
        this.options.store.putLater([{ key: change.key, value: null }]);
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
    const remainingMs = packet.deadline - this.options.clock.now();
    const { isRequeued } = packet;
    return {
      key,
      frame: packet.body.bytes,
      options: { id, remainingMs, isRequest, isRequeued, isDirect, onOutcome },
    };
  }

  /** The peer is not to be had: what is not kept for one that is away ends. */
  endDirect(): void {
    for (const packet of this.queue.packets())
      if ((packet.tag as Tag | undefined)?.isDirect) this.queue.finish(packet, "rejected");
  }

  /** The peer is no longer configured: everything ends at once (G5). */
  remove(): void {
    this.pending.withdraw();
    this.queue.remove();
  }

  /** A frame without a number: it is not kept, and ends with its session. */
  sendBare(frame: Uint8Array): void {
    const options = { lane: Lane.CONTROL, owner: this, isRequeued: false };
    const packet = Packet.of(Memblock.transfer(frame)!, options);
    if (this.queue.addCommitted(packet) !== null) packet.release();
  }

  /** What was to be said in a session that is over holds for that one alone: its counts would stop the next. */
  forgetBare(): void {
    for (const packet of this.queue.packets())
      if (packet.tag === undefined) this.queue.finish(packet, "dropped-by-policy");
  }

  /** What the peer says it has need not be sent again, whatever became of its acknowledgement. */
  forgetDelivered({ haveEpoch, have }: Introduction): void {
    if (haveEpoch === 0n) return;
    for (const packet of this.queue.packets()) {
      if (packet.tag === undefined || hasRouteFlag(packet.body.bytes, RouteFlag.MOVED)) continue;
      const { id } = packet.tag as Tag;
      if (id.origin === this.options.hostId && id.epoch === haveEpoch && id.seq <= have[id.lane])
        this.queue.finish(packet, "delivered");
    }
  }

  /** It was taken before it was known how little the peer takes. */
  refuseAbove(maxFrame: number): void {
    this.queue.limits.maxFrame = maxFrame;
    for (const packet of this.queue.packets())
      if (packet.size > maxFrame) this.queue.finish(packet, "rejected");
  }

  onOutcome(packet: Packet, outcome: Outcome): void {
    if (packet.tag === undefined) return packet.release();
    const { key, id, isRequest, onOutcome } = packet.tag as Tag;
    if (isRequest) this.requests.delete(formatMessageId(id));
    if ((packet.tag as Tag).isMoved) return packet.release();
    this.options.store.putLater([{ key, value: null }]);
    onOutcome(outcome, packet.maybeDelivered, packet);
    packet.release();
  }

  private packetOf(frame: Uint8Array, tag: Tag, remainingMs: number, isRequeued: boolean): Packet {
    const deadline = this.options.clock.now() + remainingMs;
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
}

/** Of a packet that its queue does not take. */
function outcomeOf(refusal: Refusal): Outcome {
  if (refusal === "PEER_REMOVED") return "peer-removed";
  if (refusal === "EXPIRED") return "expired";
  return refusal === "TOO_BIG" ? "rejected" : "cancelled";
}
