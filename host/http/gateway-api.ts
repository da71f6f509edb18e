/** What the HTTP room needs of the gateway; a Gateway fits. */
import type { ShownLetter } from "../gateways/letter-box.ts";
import type { PeersView } from "../gateways/peers-view.ts";
import type {
  HistoryQuery,
  HistoryView,
  Row,
  RowQuery,
  SeriesPoints,
  SeriesView,
} from "../history/series.ts";
import type { IrcAgain, IrcAsk } from "../irc-bridge/own-questions.ts";
import type { IrcLineView, IrcView } from "../irc-bridge/views.ts";
import type { UpstreamView } from "../northbound/upstream.ts";
import type { Outcome, RequestView } from "../peers/request-book.ts";
import type { ProblemsView } from "../problems/problem.ts";
import type { LinkListener, LinkWatch, WatchTarget } from "../router/link-listener.ts";
import type { PacketList, Purged } from "../router/peer-queues.ts";
import type { QueueView } from "../router/queue-view.ts";
import type { PeerQueueView, QueuedPeer } from "../router/queued-peer.ts";
import type { DeviceView, LinkView, SessionView } from "../router/views.ts";
import type { Tallies } from "../session/tallies.ts";
import type { StoreTally } from "../store/store-tally.ts";
import type { Happening, TimelinePage } from "../timeline/happening.ts";
import type { TimelineQuery } from "../timeline/timeline.ts";
import type { DeliveredMessage, PairingView, SerialView, StoreFill } from "./api.ts";
import type { WorkApi } from "./work-api.ts";

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
