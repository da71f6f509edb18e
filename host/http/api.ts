/** What the HTTP room needs of the gateway, and the shapes it answers with (interface: HTTP API). */
import type { ShownLetter } from "../gateways/letter-box.ts";
import type { Reloaded } from "../gateways/other-gateways.ts";
import type { PeersView } from "../gateways/peers-view.ts";
import type {
  HistoryQuery,
  HistoryView,
  Row,
  RowQuery,
  SeriesList,
  SeriesPoints,
  SeriesView,
} from "../history/series.ts";
import type { ReloadedSpecs } from "../hub/reloaded-specs.ts";
import type { IrcAgain, IrcAsk } from "../irc-bridge/own-questions.ts";
import type { IrcLineView, IrcView } from "../irc-bridge/views.ts";
import type { UpstreamView } from "../northbound/upstream.ts";
import type { Outcome, RequestView } from "../peers/request-book.ts";
import type { ProblemLevel, ProblemsView } from "../problems/problem.ts";
import type { LinkListener, LinkWatch, Missed, WatchTarget } from "../router/link-listener.ts";
import type { PacketList, Purged } from "../router/peer-queues.ts";
import type { QueueView } from "../router/queue-view.ts";
import type { PeerQueueView, QueuedPeer } from "../router/queued-peer.ts";
import type { DeviceView, LinkView, SessionView } from "../router/views.ts";
import type { Tallies } from "../session/tallies.ts";
import type { StoreTally } from "../store/store-tally.ts";
import type { Happening, TimelinePage } from "../timeline/happening.ts";
import type { TimelineQuery } from "../timeline/timeline.ts";
import type { Role } from "./token.ts";
import type { WorkApi } from "./work-api.ts";

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

/** Subscribes a listener; returns what ends the subscription. */
interface Source<T> {
  subscribe(listener: (value: T) => void): () => void;
}

/** The part of the store that is read. */
export interface MessageReader {
  read(from: number, limit: number, device?: string): Promise<DeliveredMessage[]>;
  readonly epoch: string;
  readonly next: number;
  readonly fill: StoreFill;
  readonly tally: StoreTally;
}

/** A Gateway fits. */
export interface GatewayApi {
  readonly router: {
    readonly messages: Source<DeliveredMessage>;
    readonly changes: Source<{ readonly id: string }>;
    submit(
      address: string,
      message: { ot: string },
      timeoutMs: number,
      options: { key?: string; signal?: AbortSignal },
    ): Promise<{ rq: number; outcome: Promise<Outcome> }>;
    cancel(rq: number): boolean;
  };
  readonly requests: {
    view(rq: number): RequestView | undefined;
    views(): RequestView[];
    byKey(key: string): number | undefined;
    outcome(rq: number): Promise<Outcome> | undefined;
    asks(rq: number, device: string, message: object): boolean;
    whenAccepted(rq: number): Promise<void>;
  };
  readonly store: MessageReader;
  queueView(): QueueView;
  /** Each throws PEER_UNKNOWN. */
  readonly queues: {
    all(): QueuedPeer[];
    view(peer: string): PeerQueueView;
    packets(peer: string, limit: number): PacketList;
    purge(peer: string, lane: number | null): Purged;
  };
  /** What will not arrive, of one gateway or of all. Each throws PEER_UNKNOWN. */
  readonly letters: {
    /** The newest first. */
    list(peer?: string): ShownLetter[];
    /** Forgets them -> how many. */
    clear(peer?: string): number;
  };
  peersView(): PeersView;
  /** Values over time. Each rejects with HISTORY_OFF, HISTORY_OPENING, SERIES_UNKNOWN, or what keeps it from being read. */
  readonly history: {
    view(): HistoryView;
    series(device?: string): SeriesView[];
    points(query: HistoryQuery): Promise<SeriesPoints>;
    rows(query: RowQuery): AsyncIterable<Row>;
  };
  /** Systems that messages are handed on to. */
  readonly northbound: { views(): UpstreamView[] };
  readonly irc: {
    view(): IrcView;
    readonly lines: Source<IrcLineView>;
    /** The newest first. Throws NETWORK_UNKNOWN. */
    lastLines(network: string | undefined, limit: number): IrcLineView[];
    /** Resolves with the Datum that answers. Rejects with NETWORK_UNKNOWN, IRC_OFFLINE, NO_ANSWER, … */
    ask(ask: IrcAsk, signal: AbortSignal): Promise<object>;
    /** Throws NETWORK_UNKNOWN, IRC_OFFLINE. */
    again(again: IrcAgain): void;
  };
  /** What happened. */
  readonly timeline: Source<Happening> & {
    page(query: TimelineQuery): TimelinePage;
    get(n: number): Happening | undefined;
  };
  /** What is wrong now. */
  readonly problems: Source<ProblemsView> & {
    view(): ProblemsView;
    /** Somebody is shown them, until the returned function is called. */
    attend(): () => void;
  };
  /** Components, tasks and kills. */
  readonly work: WorkApi;
  /** What sessions and links count, and how often ports were opened. */
  readonly tallies: Tallies;
  openings(): { path: string; opened: number; failed: ReadonlyMap<string, number> }[];
  readonly tcpAddress: { host: string; port: number } | null;
  devicesView(): DeviceView[];
  /** Shows a board that is away no more, until it speaks again -> whether there was one. Rejects with DEVICE_BUSY. */
  forgetDevice(id: string): Promise<boolean>;
  sessionsView(): SessionView[];
  linksView(): LinkView[];
  serialView(): SerialView[];
  pairingView(): PairingView;
  /** Opens the pairing of boards for so long; 0 closes it. */
  openPairing(ms: number): void;
  /** Takes a board's key -> how many sessions ended, null when it had none. */
  revokeKey(id: string): number | null;
  /** Takes the key of another gateway, by host id or name -> how many sessions ended, null when it had none. */
  revokePeerKey(id: string): number | null;
  watchLink(target: WatchTarget, listener: LinkListener): LinkWatch;
  /** The port that `path` leads to, closed for another program -> null when there is none. Rejects with PORT_LENT, PORT_STUCK. */
  lendPort(path: string, to: string): Promise<PortLoan | null>;
}

/** A port that the gateway has closed for another program. */
export interface PortLoan {
  /** As the configuration has it. */
  path: string;
  baud: number;
  /** The gateway opens it again. */
  giveBack(): void;
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
