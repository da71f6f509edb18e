/** A board or a gateway as people see and handle what waits for it. */
import type { Outcome, Packet } from "../queue/packet.ts";
import type { PeerQueue } from "../queue/peer-queue.ts";
import { fillOf, type PlaceName, placeOf, type QueueFill } from "../queue/queue-fill.ts";
import type { QueueRates } from "../queue/queue-meter.ts";
import { nothingYet } from "../queue/queue-options.ts";

export interface QueuedPeer {
  kind: "board" | "gateway";
  /** Of a gateway its host id. */
  id: string;
  /** What it is called here. */
  name: string;
  /** Null: nothing was ever sent to it. */
  queue: PeerQueue | null;
  limits: QueueBounds;
  /** Gateways behind it, by their names here. */
  leadsTo: readonly string[];
  /** Null: it is no message, but a word of the session, which nobody withdraws. */
  describe(packet: Packet): PacketWords | null;
  /** Nobody wants it any more: it ends, with all that it means, unless it is on the wire. */
  withdraw(packet: Packet): void;
}

interface QueueBounds {
  maxPackets: number;
  /** Null: what it may hold is bounded by the packets. */
  maxBytes: number | null;
}

/** What a packet is, for people. */
interface PacketWords {
  /** A frame's command, a request's type, … */
  what: string;
  /** Who made it, a host id, and the number it has from there; of a board's "" and its number in the stream, 0 for none yet. */
  origin: string;
  seq: number;
  /** ms until nobody wants it any more; null: never. */
  leftMs: number | null;
}

export interface WaitingPacket extends PacketWords {
  place: PlaceName;
  lane: number;
  ageMs: number;
  bytes: number;
  /** Bytes of it have left, in this session or one before. */
  hasLeft: boolean;
}

/** GET /api/v1/queue/PEER. */
export interface PeerQueueView extends QueueFill {
  kind: QueuedPeer["kind"];
  id: string;
  name: string;
  limits: QueueBounds;
  /** So far, and what became of them: all but `delivered` are drops. */
  added: number;
  refused: number;
  outcomes: Record<Outcome, number>;
  /** Packets a second, over the last minute. */
  inPerS: number;
  outPerS: number;
  /** Seconds until it is full if it goes on so; null: not within a year. */
  fullInS: number | null;
}

const YEAR_S = 31_536_000;

export function viewQueued(
  { kind, id, name, queue, limits }: QueuedPeer,
  rates: QueueRates,
  now: number,
): PeerQueueView {
  const fill = fillOf(queue, now);
  const { added, refused, outcomes } = queue?.counts ?? nothingYet();
  const fullInS = Math.min(
    untilFull(limits.maxPackets, fill.packets, rates.packetsPerS),
    untilFull(limits.maxBytes ?? Infinity, fill.bytes, rates.bytesPerS),
  );
  return {
    ...{ kind, id, name, ...fill, limits, added, refused, outcomes: { ...outcomes } },
    ...{ inPerS: roundRate(rates.inPerS), outPerS: roundRate(rates.outPerS) },
    fullInS: fullInS < YEAR_S ? Math.round(fullInS) : null,
  };
}

/** Null: it is nothing that people handle. */
export function viewPacket(peer: QueuedPeer, packet: Packet, now: number): WaitingPacket | null {
  const place = placeOf(packet.place);
  const words = place === null ? null : peer.describe(packet);
  if (place === null || words === null) return null;
  const { lane, size: bytes, hasLeft, addedAt } = packet;
  return { place, lane, ...words, ageMs: Math.round(now - addedAt), bytes, hasLeft };
}

function untilFull(most: number, held: number, perS: number): number {
  return perS > 0 ? Math.max(0, most - held) / perS : Infinity;
}

/** Two digits behind the point, and never 0 for what is more. */
function roundRate(perS: number): number {
  return perS > 0 ? Math.max(0.01, Math.round(perS * 100) / 100) : 0;
}
