/** How full the gateway is: its store, and what waits for boards and gateways. */
import type { DevicePeer } from "../peers/device-peer.ts";
import type { RequestView } from "../peers/request-book.ts";
import type { StoreFill } from "../store/store.ts";
import type { PeerQueueView } from "./queued-peer.ts";

export interface QueueView {
  store: StoreFill & {
    /** What came in lately, bytes a second, and at that rate the seconds until it is full; null: not within a year. */
    bytesPerS: number;
    fullInS: number | null;
  };
  /** Boards for which something waits. */
  boards: BoardQueue[];
  /** All gateways, and boards with something in their queue. */
  peers: PeerQueueView[];
}

export interface BoardQueue {
  device: string;
  /** Requests whose bytes have not left; packets that the board has not acknowledged; requests without an outcome. */
  queued: number;
  unacknowledged: number;
  open: number;
  /** ms since 1970 by which the most urgent must be answered; 0 for none. */
  deadline: number;
}

const YEAR_S = 31_536_000;

export function viewQueue(
  fill: StoreFill,
  bytesPerS: number,
  devices: readonly DevicePeer[],
  /** Those without an outcome. */
  requests: readonly RequestView[],
  peers: PeerQueueView[],
): QueueView {
  const room = Math.max(0, fill.maxBytes - fill.bytes);
  const fullInS = bytesPerS > 0 && room / bytesPerS < YEAR_S ? Math.round(room / bytesPerS) : null;
  const boards = devices.map((device) => viewBoard(device, requests));
  return {
    store: { ...fill, bytesPerS: Math.round(bytesPerS), fullInS },
    boards: boards.filter(({ queued, unacknowledged, open }) => queued + unacknowledged + open > 0),
    peers,
  };
}

function viewBoard(device: DevicePeer, requests: readonly RequestView[]): BoardQueue {
  const open = requests.filter((request) => request.device === device.id);
  return {
    device: device.id,
    queued: device.requests.depth,
    unacknowledged: device.unacknowledged,
    open: open.length,
    deadline: open.reduce(
      (first, { deadline = 0 }) => (first === 0 ? deadline : Math.min(first, deadline)),
      0,
    ),
  };
}
