/**
 * All gateways that this one speaks with, and the frames between them: what is for another is handed on, in custody, over
 * the next hop; what is for this one goes to whoever serves its command (iotgw §9, mesh hop).
 */
import type { PeerConfig, PeersConfig } from "../config/schema.ts";
import { Command, commandName, Reqtype } from "../iotgw/commands.ts";
import type { FrameView } from "../iotgw/decode-frame.ts";
import { decodeNak, encodeNak } from "../iotgw/ending.ts";
import { Delivery, type Frame, type Ref, TTL_NONE, ttlOf } from "../iotgw/frame.ts";
import { badFrame, FrameFault } from "../iotgw/frame-fault.ts";
import { encodeNumbered } from "../iotgw/numbered.ts";
import { patchHops } from "../iotgw/patch-frame.ts";
import { WireError, wireErrorName } from "../iotgw/wire-error.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { Lane, type Outcome, type Packet } from "../queue/packet.ts";
import type { RecordChange, Store } from "../store/store.ts";
import type { Arrived, Effect } from "./frame-intake.ts";
import { MeshPeer, type OnOutcome, type Prepared } from "./mesh-peer.ts";
import { type MessageId, parseEpoch } from "./message-id.ts";
import { Numbers } from "./numbers.ts";
import { type Kept, loadSpool } from "./spool.ts";

/** Gateways that a frame may pass: more than any table of ours has. */
const MAX_HOPS = 16;
/** Bytes of frames that wait, for all peers together (iotgw §13). */
const MAX_BYTES = 512 << 20;
const TICK_MS = 250;

/** A frame to another gateway, before it has a number. */
export interface Outgoing {
  dst: bigint;
  cmd: Command;
  reqtype: Reqtype;
  lane: Lane;
  /** ms; Infinity: its life has no end. */
  ttlMs: number;
  content: Uint8Array;
  ref?: Ref;
  /** In replies. */
  error?: number;
  /** Not kept for a gateway that is away: it ends `rejected` after a few seconds. */
  isDirect?: boolean;
  /** false: once it left, a lost session ends it, outcome unknown. */
  isRequeued?: boolean;
  onOutcome?: OnOutcome;
}

/** An outgoing frame with its number, about to be committed. */
export interface Numbered extends Prepared {
  id: MessageId;
}

/** Serves one command of frames that are for this gateway. */
export type Server = (arrived: Arrived, from: MeshPeer) => Effect;

/** Hears how a frame of this gateway ended elsewhere. */
export type EndServer = (id: MessageId, code: WireError, text: string) => Effect;

/** What becomes of frames that an earlier life of this gateway made. */
export type KeptServer = (id: MessageId, view: FrameView) => OnOutcome;

export interface MeshOptions {
  hostId: bigint;
  store: Store;
  clock: Clock;
  log: Log;
  maxFrame: number;
  maxHops?: number;
  onChange(peer: MeshPeer): void;
  /** A frame will not arrive, and nobody withdrew it. */
  onDead(peer: MeshPeer, packet: Packet, outcome: Outcome): void;
}

export class Mesh {
  private readonly peers = new Map<bigint, MeshPeer>();
  /** Which peer leads to a gateway that is none. */
  private routes: ReadonlyMap<bigint, bigint> = new Map();
  private readonly servers = new Map<number, Server>();
  private readonly kept = new Map<number, KeptServer>();
  /** What an earlier gateway kept for peers that are not made yet. */
  private readonly orphans = new Map<bigint, Kept[]>();
  /** Peers for which nearly as much waits as may. */
  private readonly full = new Set<MeshPeer>();
  private ended: EndServer = () => ({});
  private readonly numbers: Numbers;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: MeshOptions) {
    this.numbers = new Numbers(options.store);
  }

  get hostId(): bigint {
    return this.options.hostId;
  }

  /** Says who serves a command, before load(). */
  serve(cmd: Command, server: Server, kept?: KeptServer): void {
    this.servers.set(cmd, server);
    if (kept !== undefined) this.kept.set(cmd, kept);
  }

  /** Says who hears that a frame of this gateway will not arrive, before load(). */
  serveEnds(ended: EndServer): void {
    this.ended = ended;
  }

  /** Reads from an open store where an earlier gateway was; peers are made after it. */
  async load(): Promise<void> {
    const { store, clock } = this.options;
    await this.numbers.load();
    for await (const kept of loadSpool(store, clock.wall())) {
      const of = this.orphans.get(kept.hostId);
      if (of === undefined) this.orphans.set(kept.hostId, [kept]);
      else of.push(kept);
    }
  }

  start(): void {
    this.timer = setInterval(() => {
      for (const peer of this.peers.values()) peer.tick();
      this.tellCredit();
    }, TICK_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** A peer is configured (again). What an earlier gateway kept for it waits. */
  add(hostId: bigint, config: PeerConfig | null): MeshPeer {
    const { store, clock, log, maxFrame, onChange } = this.options;
    const peer = new MeshPeer(hostId, {
      ...{ hostId: this.hostId, store, clock, log, maxFrame, onChange },
      receive: (from, arrived) => this.receive(from, arrived),
      onKept: (to, id, view) => this.onKept(to, id, view),
      onPressure: (full, isHigh) => {
        if (isHigh) this.full.add(full);
        else this.full.delete(full);
        this.tellCredit();
      },
      onRemoved: (gone) => this.onRemoved(gone),
    });
    if (config !== null) peer.configure(config);
    this.peers.set(hostId, peer);
    for (const kept of this.orphans.get(hostId) ?? []) peer.restore(kept);
    this.orphans.delete(hostId);
    return peer;
  }

  /** All peers that are configured were made: what was kept for others ends, as if they were removed now (G5). */
  endOrphans(): void {
    for (const hostId of [...this.orphans.keys()]) this.add(hostId, null).remove();
  }

  /** The store was opened anew, and takes nothing yet: frames whose commit failed may be there all the same. */
  async catchUp(): Promise<void> {
    const { store, clock } = this.options;
    const unsure = this.all().flatMap((peer) => peer.unsure());
    if (unsure.length === 0) return;
    const there = new Set<string>();
    for await (const { key } of loadSpool(store, clock.wall())) there.add(key);
    for (const { key, settle } of unsure) settle(there.has(key));
  }

  /** The store takes something again: what it refused meanwhile is not there. */
  resume(): void {
    for (const { settle } of this.all().flatMap((peer) => peer.unsure())) settle(false);
  }

  setRoutes(routes: ReadonlyMap<bigint, bigint>): void {
    this.routes = routes;
  }

  /** The gateways behind one, as the routes have them. */
  behind(hostId: bigint): bigint[] {
    return [...this.routes].filter(([, via]) => via === hostId).map(([dst]) => dst);
  }

  get(hostId: bigint): MeshPeer | undefined {
    return this.peers.get(hostId);
  }

  all(): MeshPeer[] {
    return [...this.peers.values()];
  }

  /** The peer over which a gateway is reached. */
  nextHop(dst: bigint): MeshPeer | undefined {
    const direct = this.peers.get(dst);
    if (direct !== undefined) return direct;
    const via = this.routes.get(dst);
    return via === undefined ? undefined : this.peers.get(via);
  }

  /** A request that waits here, or is on the wire. */
  findRequest(id: MessageId): Packet | undefined {
    for (const peer of this.peers.values()) {
      const packet = peer.findRequest(id);
      if (packet !== undefined) return packet;
    }
    return undefined;
  }

  private get waitingBytes(): number {
    let bytes = 0;
    for (const { queue } of this.peers.values()) bytes += queue.bytes;
    return bytes;
  }

  /**
   * Gives a frame its number: its changes are to be committed in this turn, and it goes once they are. Throws NO_ROUTE,
   * QUEUE_FULL, TOO_BIG.
   */
  prepare(outgoing: Outgoing): Numbered {
    const {
      dst,
      cmd,
      reqtype,
      lane,
      ttlMs,
      content,
      ref,
      error = 0,
      isRequeued = true,
      isDirect = false,
    } = outgoing;
    const { hostId, store, maxFrame } = this.options;
    const attempt = `sending ${commandName(cmd)} to gateway ${dst}`;
    const next = this.nextHop(dst);
    if (next !== undefined && isDirect && !next.isReachable)
      throw new BowlineError(
        "NO_ROUTE",
        `${attempt}: gateway ${next.hostId} is away`,
        ExitCode.refused,
        "bowline peers",
      );
    if (next === undefined)
      throw new BowlineError(
        "NO_ROUTE",
        `${attempt}: it is no peer, and no route leads to it`,
        ExitCode.notFound,
        "bowline peers",
      );
    if (store.low !== null && reqtype === Reqtype.REQUEST) throw store.low;
    // What ends something is always taken, and there is no more of it than of what it ends.
    const isBounded = reqtype !== Reqtype.REPLY && lane !== Lane.CONTROL;
    if (isBounded && !(next.hasRoom(content.length) && this.waitingBytes < MAX_BYTES)) {
      const { count, bytes } = next.queue;
      const seen = `${count} frames with ${bytes} bytes wait for it`;
      throw new BowlineError("QUEUE_FULL", `${attempt}: ${seen}`, ExitCode.busy, "bowline queue");
    }
    const epoch = parseEpoch(store.epoch);
    const seq = this.numbers.take();
    const frame: Frame = {
      ...{ reqtype, cmd, cmdVersion: 1, error, rqid: 0, crc: false },
      msgId: { origin: hostId, seq },
      route: { src: hostId, dst, hopsLeft: this.options.maxHops ?? MAX_HOPS, hopsDone: 0, flags: 0 },
      qos: { lane, delivery: isDirect ? Delivery.DIRECT : Delivery.CUSTODY, ttlMs: ttlOf(ttlMs) },
      ...(ref !== undefined && { ref }),
    };
    const bytes = encodeNumbered(frame, epoch, content);
    if (bytes.length > maxFrame)
      throw new BowlineError(
        "TOO_BIG",
        `${attempt}: it has ${bytes.length} bytes, ${maxFrame} allowed`,
        ExitCode.usage,
      );
    const id = { origin: hostId, epoch, lane, seq };
    const isRequest = reqtype === Reqtype.REQUEST;
    const onOutcome: OnOutcome = (outcome, maybeDelivered, packet) => {
      this.tellDead(next, outcome, packet);
      outgoing.onOutcome?.(outcome, maybeDelivered, packet);
    };
    return {
      id,
      ...next.prepare(bytes, { id, remainingMs: ttlMs, isRequest, isRequeued, isDirect, onOutcome }),
    };
  }

  /** Resolves once the frame is safe in the store, with `changes`; rejects with the store's fault, or as prepare() throws. */
  async send(outgoing: Outgoing, changes: RecordChange[] = []): Promise<Numbered> {
    const numbered = this.prepare(outgoing);
    const { store } = this.options;
    await new Promise<void>((resolve, reject) => {
      store.put([...changes, ...numbered.changes], {
        onCommitted: () => {
          numbered.onCommitted();
          resolve();
        },
        onFailed: (fault) => {
          numbered.onRefused();
          reject(fault);
        },
      });
    });
    return numbered;
  }

  /** Tells the origin of a frame how it ended; nothing when no way leads there. */
  prepareNak(id: MessageId, code: WireError, text: string): Effect {
    const { origin, epoch, seq, lane } = id;
    if (origin === this.hostId) return this.ended(id, code, text);
    try {
      return this.prepare({
        ...{ dst: origin, cmd: Command.NAK, reqtype: Reqtype.ASYNC, lane: Lane.CONTROL, ttlMs: Infinity },
        content: encodeNak({ lane, code, text }),
        ref: { origin, epoch, seq },
      });
    } catch (error) {
      this.options.log.warn(
        { origin: `${origin}`, error: String(error) },
        "a gateway is not told how its frame ended",
      );
      return {};
    }
  }

  /** A peer for which too much waits holds all others back: what they send may be for it. */
  private tellCredit(): void {
    for (const peer of this.peers.values()) {
      const isHeld = [...this.full].some((full) => full !== peer);
      peer.hold(isHeld);
    }
  }

  private onRemoved(peer: MeshPeer): void {
    this.full.delete(peer);
    if (this.peers.get(peer.hostId) === peer) this.peers.delete(peer.hostId);
    this.options.onChange(peer);
  }

  private receive(from: MeshPeer, arrived: Arrived): Effect {
    const { frame, id } = arrived;
    const dst = frame.route?.dst ?? this.hostId;
    if (dst !== this.hostId) return this.relay(from, arrived, dst);
    if (frame.cmd === Command.NAK) return this.readNak(from, arrived);
    const server = this.servers.get(frame.cmd);
    if (server !== undefined) return server(arrived, from);
    if (frame.reqtype !== Reqtype.REQUEST) return {};
    return this.prepareNak(id, WireError.BADCMD, `${commandName(frame.cmd)} is not served here`);
  }

  private readNak(from: MeshPeer, { frame, bytes, contentStart, end }: Arrived): Effect {
    const nak = decodeNak(bytes, contentStart, end);
    if (nak instanceof FrameFault || frame.ref === undefined) {
      from.onFault(nak instanceof FrameFault ? nak : badFrame("NAK: without REF"));
      return {};
    }
    return this.ended({ ...frame.ref, lane: nak.lane }, nak.code, nak.text);
  }

  /** To the next hop, never back to where it came from. */
  private relay(from: MeshPeer, arrived: Arrived, dst: bigint): Effect {
    const { frame, id, bytes, start, end } = arrived;
    const { hopsLeft, hopsDone } = frame.route!;
    const next = this.nextHop(dst);
    const refuse = (code: WireError, text: string) => this.refuse(from, arrived, code, text);
    if (next === undefined || next === from)
      return refuse(WireError.NO_ROUTE, `no way leads to gateway ${dst}`);
    // A circle. One that does not lead through the origin ends where the number comes for the second time, as a repeat.
    if (id.origin === this.hostId) return refuse(WireError.HOP_LIMIT, "the routes lead in a circle");
    if (hopsLeft <= 1) return refuse(WireError.HOP_LIMIT, `${hopsDone + 1} gateways passed`);
    const remainingMs = frame.qos!.ttlMs === TTL_NONE ? Infinity : frame.qos!.ttlMs;
    if (remainingMs === 0) return refuse(WireError.EXPIRED, "on its way");
    // A notification has nobody who could be told: its custody was given over with its acknowledgement.
    if (frame.reqtype === Reqtype.REQUEST && !next.hasRoom(end - start))
      return refuse(WireError.QUEUE_FULL, `too much waits for gateway ${dst}`);
    if (frame.cmd === Command.CANCEL && this.withdraw(next, frame.ref, bytes, arrived)) return {};
    const isDirect = frame.qos!.delivery === Delivery.DIRECT;
    if (isDirect && !next.isReachable) return refuse(WireError.NO_ROUTE, `gateway ${next.hostId} is away`);
    const copy = new Uint8Array(bytes.subarray(start, end));
    patchHops(copy, hopsLeft - 1, hopsDone + 1);
    const isRequest = frame.reqtype === Reqtype.REQUEST;
    return next.prepare(copy, {
      id,
      remainingMs,
      isRequest,
      isDirect,
      onOutcome: this.onRelayed(next, id, isRequest),
    });
  }

  /** The request that a CANCEL names still waits here: it goes no further, and its origin is told. */
  private withdraw(next: MeshPeer, ref: Ref | undefined, bytes: Uint8Array, arrived: Arrived): boolean {
    if (ref === undefined) return false;
    const packet = next.findRequest({ ...ref, lane: bytes[arrived.contentStart] });
    // One that was kept by an earlier life may have left in it.
    const hasLeft = packet?.hasLeft !== false;
    packet?.setInvalid();
    return !hasLeft;
  }

  private refuse(from: MeshPeer, { frame, id }: Arrived, code: WireError, text: string): Effect {
    const { log } = this.options;
    const told = { from: `${from.hostId}`, origin: `${id.origin}`, seq: id.seq, cmd: commandName(frame.cmd) };
    log.warn({ ...told, code: wireErrorName(code, frame.cmd) }, `a frame is not handed on: ${text}`);
    return frame.reqtype === Reqtype.REQUEST ? this.prepareNak(id, code, text) : {};
  }

  /** What becomes of a frame that is handed on. */
  private onRelayed(to: MeshPeer, id: MessageId, isRequest: boolean): OnOutcome {
    return (outcome, maybeDelivered, packet) => {
      this.tellDead(to, outcome, packet);
      const code = nakOf(outcome);
      if (!isRequest || code === null || maybeDelivered) return;
      const { changes = [], onCommitted = () => {} } = this.prepareNak(id, code, `at gateway ${this.hostId}`);
      if (changes.length > 0) this.options.store.keep(changes, onCommitted);
    };
  }

  private onKept(to: MeshPeer, id: MessageId, view: FrameView): OnOutcome {
    if (id.origin !== this.hostId) return this.onRelayed(to, id, view.reqtype === Reqtype.REQUEST);
    const onOutcome = this.kept.get(view.cmd)?.(id, view);
    return (outcome, maybeDelivered, packet) => {
      this.tellDead(to, outcome, packet);
      onOutcome?.(outcome, maybeDelivered, packet);
    };
  }

  private tellDead(peer: MeshPeer, outcome: Outcome, packet: Packet): void {
    if (outcome !== "delivered" && outcome !== "cancelled") this.options.onDead(peer, packet, outcome);
  }
}

/** Which peer leads to a gateway that is none. */
export function routesOf({ routes }: PeersConfig): ReadonlyMap<bigint, bigint> {
  return new Map(routes.map(({ to, via }) => [BigInt(to), BigInt(via)]));
}

/** What the origin of a request is told, when it surely was not delivered. */
function nakOf(outcome: Outcome): WireError | null {
  switch (outcome) {
    case "rejected":
      return WireError.NO_ROUTE;
    case "expired":
      return WireError.EXPIRED;
    case "cancelled":
      return WireError.CANCELLED;
    case "peer-removed":
      return WireError.PEER_REMOVED;
    case "dropped-by-policy":
      return WireError.QUEUE_FULL;
    default:
      return null;
  }
}
