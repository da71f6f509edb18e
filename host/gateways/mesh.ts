/**
 * All gateways that this one speaks with, and the frames between them: what is for another is handed on, in custody, over
 * the next hop; what is for this one goes to whoever serves its command (iotgw §9, mesh hop).
 */
import type { PeerConfig, PeersConfig } from "../config/schema.ts";
import { Command, commandName, Reqtype } from "../iotgw/commands.ts";
import type { FrameView } from "../iotgw/decode-frame.ts";
import { decodeNak, encodeNak } from "../iotgw/ending.ts";
import { badFrame, FrameFault } from "../iotgw/frame-fault.ts";
import { WireError } from "../iotgw/wire-error.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { Lane, type Outcome, type Packet } from "../queue/packet.ts";
import type { RecordChange, Store } from "../store/store.ts";
import type { Dead } from "./dead-letters.ts";
import type { Arrived, Effect } from "./frame-intake.ts";
import { MeshPeer } from "./mesh-peer.ts";
import { type MessageId, parseEpoch } from "./message-id.ts";
import { Numbers } from "./numbers.ts";
import { encodeOutgoing, isBounded, noRoute, type Outgoing, queueFull, tooBig } from "./outgoing.ts";
import type { OnOutcome, Prepared } from "./peer-frames.ts";
import type { Unsure } from "./pending-frames.ts";
import { Relay } from "./relay.ts";
import { reroute } from "./reroute.ts";
import { type Kept, loadSpool, Spool } from "./spool.ts";

/** Gateways that a frame may pass: more than any table of ours has. */
const MAX_HOPS = 16;
/** Bytes of frames that wait, for all peers together (iotgw §13). */
const MAX_BYTES = 512 << 20;
const TICK_MS = 250;

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
  onDead(hostId: bigint, dead: Dead): void;
}

export class Mesh {
  private readonly peers = new Map<bigint, MeshPeer>();
  /** Which peer leads to a gateway that is none. */
  private routes: ReadonlyMap<bigint, bigint> = new Map();
  private readonly servers = new Map<number, Server>();
  private readonly kept = new Map<number, KeptServer>();
  private readonly repeated = new Map<number, (arrived: Arrived) => void>();
  /** What an earlier gateway kept for peers that are not made yet. */
  private readonly orphans = new Map<bigint, Kept[]>();
  /** By peer: one that is taken out and comes back keeps its frames behind those that are still on their way out. */
  private readonly spools = new Map<bigint, Spool>();
  /** Peers that were removed while frames to them were being committed: these come to an outcome all the same. */
  private leaving: MeshPeer[] = [];
  /** Peers for which nearly as much waits as may. */
  private readonly full = new Set<MeshPeer>();
  private ended: EndServer = () => ({});
  private introduced: (peer: MeshPeer) => void = () => {};
  private readonly numbers: Numbers;
  private readonly relay: Relay;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly options: MeshOptions) {
    this.numbers = new Numbers(options.store);
    this.relay = new Relay(this, options.store, options.log);
  }

  get hostId(): bigint {
    return this.options.hostId;
  }

  /** Says who serves a command, before load(). */
  serve(cmd: Command, server: Server, kept?: KeptServer): void {
    this.servers.set(cmd, server);
    if (kept !== undefined) this.kept.set(cmd, kept);
  }

  /** Says who hears of requests that came again, before load(). */
  serveRepeats(cmd: Command, repeated: (arrived: Arrived) => void): void {
    this.repeated.set(cmd, repeated);
  }

  /** Says who hears that a frame of this gateway will not arrive, before load(). */
  serveEnds(ended: EndServer): void {
    this.ended = ended;
  }

  /** Says who hears that a new session with a peer was introduced. */
  serveIntroductions(introduced: (peer: MeshPeer) => void): void {
    this.introduced = introduced;
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
    const spool = this.spools.get(hostId) ?? new Spool(hostId);
    this.spools.set(hostId, spool);
    const peer = new MeshPeer(hostId, {
      spool,
      ...{ hostId: this.hostId, store, clock, log, maxFrame, onChange },
      receive: (from, arrived) => this.receive(from, arrived),
      onRepeat: (arrived) => this.onRepeat(arrived),
      onKept: (to, id, view) => this.onKept(to, id, view),
      onPressure: (full, isHigh) => {
        if (isHigh) this.full.add(full);
        else this.full.delete(full);
        this.tellCredit();
      },
      onRemoved: (gone) => this.onRemoved(gone),
      onWelcome: (welcomed) => this.introduced(welcomed),
    });
    if (config !== null) peer.configure(config);
    this.peers.set(hostId, peer);
    for (const kept of this.orphans.get(hostId) ?? []) peer.frames.restore(kept);
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
    const unsure = this.unsure();
    if (unsure.length === 0) return;
    const there = new Set<string>();
    for await (const { key } of loadSpool(store, clock.wall())) there.add(key);
    for (const { key, settle } of unsure) settle(there.has(key));
  }

  /** The store takes something again: what it refused meanwhile is not there. */
  resume(): void {
    for (const { settle } of this.unsure()) settle(false);
    this.leaving = this.leaving.filter(({ frames }) => frames.isCommitting);
  }

  private unsure(): Unsure[] {
    return [...this.peers.values(), ...this.leaving].flatMap((peer) => peer.frames.unsure());
  }

  /** The ways are others now; what waits goes by them, unless it had left by the old. */
  setRoutes(routes: ReadonlyMap<bigint, bigint>): void {
    this.routes = routes;
    const moved = reroute(this.all(), (dst) => this.nextHop(dst), this.options.store);
    if (moved > 0) this.options.log.info({ frames: moved }, "frames that waited go another way");
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

  /** The highest number that came here, over whichever hop, of the origin, epoch and lane of this one. */
  youngest(like: MessageId): number {
    return Math.max(0, ...this.all().map(({ intake }) => intake.marks.highest(like)));
  }

  /** A request that waits here, or is on the wire. */
  findRequest(id: MessageId): Packet | undefined {
    for (const peer of this.peers.values()) {
      const packet = peer.frames.findRequest(id);
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
    const { dst, reqtype, lane, ttlMs, isRequeued, isDirect } = outgoing;
    const { hostId, store, maxHops = MAX_HOPS } = this.options;
    const next = this.nextHop(dst);
    if (next === undefined || (isDirect && !next.isReachable)) throw noRoute(outgoing, next !== undefined);
    if (store.low !== null && reqtype === Reqtype.REQUEST) throw store.low;
    const { length } = outgoing.content;
    const hasRoom = isBounded(outgoing)
      ? next.hasRoom(length) && this.waitingBytes < MAX_BYTES
      : next.frames.hasRoomToEnd(length);
    if (!hasRoom) throw queueFull(outgoing, next.queue);
    const epoch = parseEpoch(store.epoch);
    const seq = this.numbers.take();
    const bytes = encodeOutgoing(outgoing, { hostId, epoch, seq, maxHops });
    if (bytes.length > next.maxFrame) throw tooBig(outgoing, bytes.length, next.maxFrame);
    const id = { origin: hostId, epoch, lane, seq };
    const isRequest = reqtype === Reqtype.REQUEST;
    const onOutcome: OnOutcome = (outcome, maybeDelivered, packet) => {
      this.tellDead(next, outcome, packet);
      outgoing.onOutcome?.(outcome, maybeDelivered, packet);
    };
    return {
      id,
      ...next.frames.prepare(bytes, { id, remainingMs: ttlMs, isRequest, isRequeued, isDirect, onOutcome }),
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
    this.leaving = [...this.leaving, peer].filter(({ frames }) => frames.isCommitting);
    this.options.onChange(peer);
  }

  private receive(from: MeshPeer, arrived: Arrived): Effect {
    const { frame, id } = arrived;
    const dst = frame.route?.dst ?? this.hostId;
    if (dst !== this.hostId) return this.relay.handOn(from, arrived, dst);
    if (frame.cmd === Command.NAK) return this.readNak(from, arrived);
    const server = this.servers.get(frame.cmd);
    if (server !== undefined) return server(arrived, from);
    if (frame.reqtype !== Reqtype.REQUEST) return {};
    return this.prepareNak(id, WireError.BADCMD, `${commandName(frame.cmd)} is not served here`);
  }

  /** A request for this gateway that comes again has not been answered, as far as who made it knows. */
  private onRepeat(arrived: Arrived): void {
    const { frame } = arrived;
    if (frame.reqtype !== Reqtype.REQUEST || (frame.route?.dst ?? this.hostId) !== this.hostId) return;
    this.repeated.get(frame.cmd)?.(arrived);
  }

  private readNak(from: MeshPeer, { frame, bytes, contentStart, end }: Arrived): Effect {
    const nak = decodeNak(bytes, contentStart, end);
    if (nak instanceof FrameFault || frame.ref === undefined) {
      from.onFault(nak instanceof FrameFault ? nak : badFrame("NAK: without REF"));
      return {};
    }
    return this.ended({ ...frame.ref, lane: nak.lane }, nak.code, nak.text);
  }

  private onKept(to: MeshPeer, id: MessageId, view: FrameView): OnOutcome {
    if (id.origin !== this.hostId) return this.relay.onRelayed(to, id, view.reqtype === Reqtype.REQUEST);
    const onOutcome = this.kept.get(view.cmd)?.(id, view);
    return (outcome, maybeDelivered, packet) => {
      this.tellDead(to, outcome, packet);
      onOutcome?.(outcome, maybeDelivered, packet);
    };
  }

  tellDead({ hostId }: MeshPeer, outcome: Outcome, { body, maybeDelivered }: Packet): void {
    if (outcome === "delivered" || outcome === "cancelled") return;
    this.options.onDead(hostId, { frame: body.bytes, outcome, maybeDelivered });
  }

  /** A frame is not handed on, and who made it is not told. */
  tellRefused(dst: bigint, frame: Uint8Array): void {
    this.options.onDead(dst, { frame, outcome: "rejected", maybeDelivered: false });
  }
}

/** Which peer leads to a gateway that is none. */
export function routesOf({ routes }: PeersConfig): ReadonlyMap<bigint, bigint> {
  return new Map(routes.map(({ to, via }) => [BigInt(to), BigInt(via)]));
}
