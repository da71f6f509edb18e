/** The shapes that the HTTP API answers with (interface: HTTP API). */
import type { ShownLetter } from "../gateways/letter-box.ts";
import type { Reloaded } from "../gateways/other-gateways.ts";
import type { PeersView } from "../gateways/peers-view.ts";
import type { HistoryView, SeriesList, SeriesPoints, SeriesView } from "../history/series.ts";
import type { ReloadedSpecs } from "../hub/reloaded-specs.ts";
import type { IrcLineView, IrcView } from "../irc-bridge/views.ts";
import type { UpstreamView } from "../northbound/upstream.ts";
import type { ProblemLevel } from "../problems/problem.ts";
import type { Missed } from "../router/link-listener.ts";
import type { PacketList, Purged } from "../router/peer-queues.ts";
import type { QueueView } from "../router/queue-view.ts";
import type { PeerQueueView } from "../router/queued-peer.ts";
import type { DeviceView, LinkView, SessionView } from "../router/views.ts";
import type { PortLoan } from "./gateway-api.ts";
import type { Role } from "./token.ts";

export type {
  HistoryView,
  IrcLineView,
  IrcView,
  PacketList,
  PeerQueueView,
  PeersView,
  Purged,
  QueueView,
  SeriesList,
  SeriesPoints,
  SeriesView,
  ShownLetter,
};

export type DeliveredMessage = NonNullable<DeviceView["last"]>;

/** GET /api/v1/irc/lines. */
export interface IrcLineList {
  lines: IrcLineView[];
}

/** GET /api/v1/queue/dead. */
export interface LetterList {
  dead: ShownLetter[];
}

/** How full the store is, and what it gave up or refused. */
export interface StoreFill {
  messages: number;
  bytes: number;
  maxBytes: number;
  written: number;
  oldest: number;
  /** ms since 1970; 0 when it is empty. */
  oldestAt: number;
  dropped: number;
  refused: number;
  pending: number;
  /** It is full, and messages wait until there is room (store.whenFull: refuse). */
  isHeld: boolean;
  /** Why it takes nothing at present; "" when it does. */
  fault: string;
  /** Why nothing new is kept in it for other gateways at present; "" when there is room. */
  low: string;
}

/** First and only line of the answer to POST /api/v1/ports/lend. */
export type LentPort = Omit<PortLoan, "giveBack">;

export interface SerialView {
  path: string;
  open: boolean;
  /** Why it is not open; "" when it is. */
  waitingFor: string;
  /** What mends that; "" where nothing is known to. */
  mend: string;
  /**
   * `open`: nothing was heard yet; `silent`: something is done about it; `stalled`: the board takes nothing; `lent`:
   * another program has it from us.
   */
  state: "waiting" | "open" | "speaking" | "silent" | "stalled" | "lent";
  /** To whom it is lent, and since when, ms since 1970. */
  lent: { to: string; since: number } | null;
  openings: number;
  /** Steps taken against silence: port reopened, board reset, USB device rebound. */
  reopened: number;
  reset: number;
  rebound: number;
  /** How long the adapter holds bytes back; null where it has no such timer. */
  latencyMs: number | null;
}

/** Who answers; what the gateway does not know of itself. */
export interface About {
  id: string;
  version: string;
  store: "memory" | "disk";
}

/** POST /api/v1/peers/reload. */
export interface ReloadView {
  /** Host ids of gateways. */
  peers: Reloaded;
  /** Specs that have workers; absent: there is no hub. */
  monique?: ReloadedSpecs;
  /** Sections that differ as well, and take effect with the next start only. */
  restart: string[];
}

/** GET and POST /api/v1/pairing. */
export interface PairingView {
  /** 0 when it is closed. */
  remainingMs: number;
  /** Boards that were given a key since it was opened. */
  paired: string[];
}

/** GET /api/v1/devices, /sessions and /ports. */
export interface DeviceList {
  devices: DeviceView[];
}
export interface UpstreamList {
  northbound: UpstreamView[];
}
export interface SessionList {
  sessions: SessionView[];
}
export interface PortList {
  serial: SerialView[];
  links: LinkView[];
}

/** GET /api/v1/messages. `next` is where to go on, `oldest` the first number still held. */
export interface MessagePage {
  messages: DeliveredMessage[];
  next: number;
  oldest: number;
}

/** GET /api/v1/status. */
export interface StatusView {
  gateway: string;
  version: string;
  /** Changes when messages are numbered anew, so that what a client remembers is void. */
  epoch: string;
  /** The gateway's clock, ms since 1970: what happened is told by it, and that of a phone may be another. */
  at: number;
  uptimeS: number;
  /** Of the token that was shown: read may look, control may also make requests, run tasks and kill them. */
  role: Role;
  /** How many there are of each level. */
  problems: Record<ProblemLevel, number>;
  store: StoreFill & { kind: About["store"]; next: number };
  /** Where boards on the network connect to; null when they may not. */
  tcp: { host: string; port: number } | null;
}

/** First event of GET /api/v1/events: `event: gateway`. */
export interface GatewayEvent {
  gateway: string;
  version: string;
  epoch: string;
  next: number;
  oldest: number;
}

/** `event: gap`: these messages were given up before the client read them. */
export interface GapEvent {
  from: number;
  to: number;
}

/** `event: tasks`: so many more are other than before, and are not told one by one. */
export interface TasksEvent {
  skipped: number;
}

/** First event of GET /api/v1/links/NAME/chunks and /api/v1/devices/ID/chunks: `event: watching`. */
export interface WatchingEvent {
  gateway: string;
  version: string;
  /** Connections that are followed now: 0 while the board is away. */
  links: number;
}

/** `event: chunk`, of a connection that an `event: link` told of (LinkBegin). */
export interface ChunkEvent {
  connection: number;
  t: number;
  from: "board" | "gateway";
  /** base64 */
  data: string;
}

/** `event: missed`. */
export interface MissedEvent extends Missed {
  connection: number;
  t: number;
}

/** `event: over`. */
export interface OverEvent {
  connection: number;
  t: number;
  reason: string;
}
