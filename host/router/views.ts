/** What verbs, API and page are shown: plain objects, ready for JSON. */
import { Phase } from "../../shared/session/state.ts";
import type { DevicePeer } from "../peers/device-peer.ts";
import type { Connection } from "../session/connection.ts";
import type { ServerSession } from "../session/server-session.ts";
import type { DeliveredMessage } from "../store/store.ts";

export interface DeviceView {
  id: string;
  /** The one it is behind; "": it is a board of this one. Of a board elsewhere, little else is known than its messages. */
  gateway: string;
  /** Of a board behind another gateway: whether that one is. */
  connected: boolean;
  /** Since when it is, or is not, ms since 1970; 0: since before this gateway was started. */
  since: number;
  /** It is away since it has said that it goes. */
  hasLeft: boolean;
  /** Transport it speaks over now, or spoke over last. */
  via: string;
  epoch: string;
  /** The board's highest number of that epoch that is durable here. */
  watermark: number;
  board: string;
  firmware: string;
  caps: string[];
  /** Messages delivered, repeats dropped, messages that may be missing, messages the board itself refused. */
  delivered: number;
  repeats: number;
  missing: number;
  /** The most that it can have lost with its memory when it began anew. */
  mayBeMissing: number;
  lost: number;
  sessions: number;
  connections: number;
  /** Requests that wait for it. */
  queued: number;
  /** ms since 1970 of the last packet; 0 before the first. */
  lastAt: number;
  last: DeliveredMessage | null;
}

export function viewDevice(peer: DevicePeer): DeviceView {
  const { delivered, repeats, missing, mayBeMissing, sessions, connections } = peer.counts;
  return {
    id: peer.id,
    gateway: "",
    connected: peer.isConnected,
    since: peer.since,
    hasLeft: peer.hasLeft,
    via: peer.via,
    epoch: peer.epoch,
    watermark: peer.watermark,
    board: peer.hello?.board ?? "",
    firmware: peer.hello?.fw ?? "",
    caps: peer.hello?.caps ?? [],
    delivered,
    repeats,
    missing,
    mayBeMissing,
    lost: peer.lost,
    sessions,
    connections,
    queued: peer.requests.depth,
    lastAt: peer.lastAt,
    last: peer.last,
  };
}

export interface SessionView {
  /** The first 4 bytes: enough to tell sessions apart, too little to resume one. */
  id: string;
  device: string;
  state: "detached" | "opening" | "open" | "closing" | "ended";
  via: string;
  confirmed: boolean;
  received: number;
  acknowledged: number;
  /** Packets held until the board acknowledges them. */
  unacknowledged: number;
  /** Packets that came again after a resume and were skipped. */
  skipped: number;
  connections: number;
}

const stateNames = {
  [Phase.DETACHED]: "detached",
  [Phase.ENDED]: "ended",
  [Phase.HANDSHAKE]: "opening",
  [Phase.STATE]: "opening",
  [Phase.OPEN]: "open",
  [Phase.CLOSING]: "closing",
} as const;

export function viewSession(session: ServerSession, device: string): SessionView {
  const s = session.session;
  return {
    id: Buffer.from(session.id.subarray(0, 4)).toString("hex"),
    device,
    state: stateNames[s.phase as keyof typeof stateNames],
    via: session.via,
    confirmed: session.isConfirmed,
    received: s.received,
    acknowledged: s.acknowledged,
    unacknowledged: s.slot.count + (s.main?.count ?? 0),
    skipped: s.skipped,
    connections: s.opened,
  };
}

/** A serial line or a socket, with what the link counted. */
export interface LinkView {
  name: string;
  open: boolean;
  /** The other end has taken no byte for a while. */
  stalled: boolean;
  /** Frames read, foreign bytes skipped, frames of other openings; absent on a socket. */
  frames?: number;
  noise?: number;
  stale?: number;
}

export function viewLink(connection: Connection): LinkView {
  const { name, link, isStalled: stalled } = connection;
  if (link === null) return { name, open: true, stalled };
  return { name, open: link.isOpen, stalled, frames: link.frames, noise: link.noise, stale: link.stale };
}
