/** What waits for boards and gateways, found by their names, looked into, and withdrawn. */
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { suggest } from "../platform/suggest.ts";
import { leavingOrder } from "../queue/leaving-order.ts";
import { Lane } from "../queue/packet.ts";
import { placeOf } from "../queue/queue-fill.ts";
import { QueueMeter } from "../queue/queue-meter.ts";
import {
  type PeerQueueView,
  type QueuedPeer,
  viewPacket,
  viewQueued,
  type WaitingPacket,
} from "./queued-peer.ts";

/** Names told when one is not known. */
const SHOWN_NAMES = 10;
const still = { inPerS: 0, outPerS: 0, packetsPerS: 0, bytesPerS: 0 };

/** GET /api/v1/queue/PEER/packets. */
export interface PacketList {
  /** In the order in which they leave; as many as were asked for. */
  packets: WaitingPacket[];
  /** Of all. */
  total: number;
}

/** POST /api/v1/queue/PEER/purge. */
export interface Purged {
  name: string;
  /** Not one byte of these left, or will. */
  withdrawn: number;
  /** These left whole once, in a session that was lost: they go no more, and may have arrived. */
  maybeDelivered: number;
  /** These are on the wire: it is too late. */
  left: number;
}

export class PeerQueues {
  private readonly meter: QueueMeter;

  constructor(
    /** All that there are now. */
    private readonly peers: () => QueuedPeer[],
    /** Of the queues' clock, ms. */
    private readonly now: () => number,
  ) {
    const queues = () => peers().flatMap(({ queue }) => (queue === null ? [] : [queue]));
    this.meter = new QueueMeter(queues, now);
  }

  start(): void {
    this.meter.start();
  }

  stop(): void {
    this.meter.stop();
  }

  /** All there are. */
  all(): QueuedPeer[] {
    return this.peers();
  }

  /** All gateways, and boards for which something waits. */
  views(): PeerQueueView[] {
    return this.peers()
      .filter(({ kind, queue }) => kind === "gateway" || (queue !== null && queue.count > 0))
      .map((peer) => this.viewOf(peer));
  }

  /** Each throws PEER_UNKNOWN. */
  view(name: string): PeerQueueView {
    return this.viewOf(this.find(name));
  }

  packets(name: string, limit: number): PacketList {
    const peer = this.find(name);
    const packets: WaitingPacket[] = [];
    const now = this.now();
    for (const packet of peer.queue === null ? [] : leavingOrder(peer.queue)) {
      if (packets.length >= limit) break;
      const view = viewPacket(peer, packet, now);
      if (view !== null) packets.push(view);
    }
    return { packets, total: peer.queue?.count ?? 0 };
  }

  /**
   * Withdraws what has not left. Without a lane lane 0 is spared: what withdraws or ends something elsewhere is not to be
   * lost with what it is about.
   */
  purge(name: string, lane: number | null): Purged {
    const peer = this.find(name);
    const purged: Purged = { name: peer.name, withdrawn: 0, maybeDelivered: 0, left: 0 };
    // Whoever is told that one ended may add others, which are not meant.
    for (const packet of [...(peer.queue?.packets() ?? [])]) {
      const isMeant = lane === null ? packet.lane !== Lane.CONTROL : packet.lane === lane;
      if (!isMeant || placeOf(packet.place) === null || peer.describe(packet) === null) continue;
      peer.withdraw(packet);
      if (packet.outcome === null) purged.left++;
      else if (packet.outcome === "unknown") purged.maybeDelivered++;
      else purged.withdrawn++;
    }
    return purged;
  }

  private viewOf(peer: QueuedPeer): PeerQueueView {
    const rates = peer.queue === null ? still : this.meter.ratesOf(peer.queue);
    return viewQueued(peer, rates, this.now());
  }

  /** A board, a gateway by its name, or by its host id. */
  private find(name: string): QueuedPeer {
    const peers = this.peers();
    const found =
      peers.find(({ kind, id }) => kind === "board" && id === name) ??
      peers.find((peer) => peer.name === name) ??
      peers.find(({ id }) => id === name);
    if (found !== undefined) return found;
    const attempt = `looking for what waits for ${name}`;
    const [gateway] = name.split("/");
    const way = peers.find((peer) => peer.name === gateway || peer.leadsTo.includes(gateway));
    if (way !== undefined) {
      const text = `${attempt}: it waits with all else that goes by way of ${way.name}`;
      throw new BowlineError("PEER_UNKNOWN", text, ExitCode.notFound, `bowline queue ${way.name}`);
    }
    const known = peers.map((peer) => peer.name);
    const nearest = suggest(name, known);
    const question = nearest === undefined ? "" : `; did you mean ${nearest}?`;
    const seen = known.length === 0 ? "there is none" : `known: ${known.slice(0, SHOWN_NAMES).join(", ")}`;
    const text = `${attempt}: no board and no gateway is called so${question}; ${seen}`;
    throw new BowlineError("PEER_UNKNOWN", text, ExitCode.notFound, "bowline devices, bowline peers");
  }
}
