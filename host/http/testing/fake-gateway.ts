/** A gateway without boards, links or clocks: a test says what it holds and what becomes of requests. */
import { randomBytes } from "node:crypto";
import type { UpstreamView } from "../../northbound/upstream.ts";
import type { Outcome, RequestView } from "../../peers/request-book.ts";
import type { LinkListener, LinkWatch, WatchTarget } from "../../router/link-listener.ts";
import { PeerQueues } from "../../router/peer-queues.ts";
import type { QueuedPeer } from "../../router/queued-peer.ts";
import { Topic } from "../../router/router.ts";
import type { DeviceView, LinkView, SessionView } from "../../router/views.ts";
import { Tallies } from "../../session/tallies.ts";
import { StoreTally } from "../../store/store-tally.ts";
import type {
  DeliveredMessage,
  IrcLineView,
  IrcView,
  PeerQueueView,
  PeersView,
  SerialView,
  ShownLetter,
} from "../api.ts";
import type { GatewayApi, MessageReader, PortLoan } from "../gateway-api.ts";
import { FakeHistory } from "./fake-history.ts";
import { FakeProblems, FakeTimeline } from "./fake-timeline.ts";
import { FakeWork } from "./fake-work.ts";

type Answer = (
  address: string,
  message: { ot: string },
  timeoutMs: number,
  signal: AbortSignal,
) => Promise<Outcome>;

/** A configured port as it is while it waits; `seen` says what differs. */
export function serialView(path: string, seen: Partial<SerialView> = {}): SerialView {
  const counts = { openings: 0, reopened: 0, reset: 0, rebound: 0 };
  return {
    path,
    open: false,
    waitingFor: "",
    mend: "",
    state: "waiting",
    lent: null,
    ...counts,
    latencyMs: null,
    ...seen,
  };
}

/** A system that messages are handed on to; `seen` says what differs. */
export function upstreamView(name: string, seen: Partial<UpstreamView> = {}): UpstreamView {
  const counts = { behind: 3, oldestAt: 0, inFlight: 1, sent: 40, repeated: 2, missed: 0, refused: 0 };
  const kept = { ...counts, fault: "", mend: "", aside: [] };
  return {
    ...kept,
    ...{ name, kind: "webhook", target: "http://home.example/", state: "connected" },
    ...seen,
  };
}

export class FakeGateway implements GatewayApi {
  readonly messages = new Topic<DeliveredMessage>(rethrow);
  readonly changes = new Topic<{ readonly id: string }>(rethrow);
  readonly router: GatewayApi["router"] = {
    messages: this.messages,
    changes: this.changes,
    submit: async (address, message, timeoutMs, { key, signal }) => {
      const rq = this.asked.length + 1;
      const controller = new AbortController();
      signal?.addEventListener("abort", () => controller.abort());
      const outcome = this.answer(address, message, timeoutMs, controller.signal);
      const view: RequestView = { rq, device: address, ot: message.ot, state: "waiting" };
      this.asked.push({ view, outcome, controller, key, message: JSON.stringify(message) });
      outcome.then(
        (end) => Object.assign(view, { ...end, state: end.outcome }),
        () => {},
      );
      return { rq, outcome };
    },
    cancel: (rq) => {
      this.cancelled.push(rq);
      this.asked[rq - 1]?.controller.abort();
      return rq <= this.asked.length;
    },
  };
  readonly requests: GatewayApi["requests"] = {
    view: (rq) => this.asked[rq - 1]?.view,
    views: () => this.asked.map(({ view }) => view),
    byKey: (wanted) => this.asked.find(({ key }) => key === wanted)?.view.rq,
    outcome: (rq) => this.asked[rq - 1]?.outcome,
    asks: (rq, device, message) =>
      this.asked[rq - 1]?.view.device === device && this.asked[rq - 1]?.message === JSON.stringify(message),
    whenAccepted: async () => {},
  };
  private readonly asked: {
    view: RequestView;
    outcome: Promise<Outcome>;
    controller: AbortController;
    key: string | undefined;
    message: string;
  }[] = [];
  /** Requests that were to be withdrawn. */
  readonly cancelled: number[] = [];
  readonly store = new FakeStore();
  upstreams: UpstreamView[] = [];
  readonly northbound = { views: () => this.upstreams };
  readonly tallies = new Tallies();
  openings = () => this.serial.map(({ path, openings }) => ({ path, opened: openings, failed: new Map() }));
  tcpAddress: { host: string; port: number } | null = { host: "127.0.0.1", port: 7700 };
  devices: DeviceView[] = [];
  sessions: SessionView[] = [];
  links: LinkView[] = [];
  serial: SerialView[] = [];
  /** Whoever listens to a link now, and to which. */
  readonly watches: { target: WatchTarget; listener: LinkListener; watch: LinkWatch; calls: string[] }[] = [];
  /** What becomes of a request. */
  answer: Answer = () => Promise.resolve({ outcome: "expired" });

  queueView = () => ({
    store: { ...this.store.fill, bytesPerS: 0, fullInS: null },
    boards: [],
    peers: [...this.queueFill, ...this.queues.views()],
  });
  /** What is shown of queues that are none. */
  queueFill: PeerQueueView[] = [];
  /** Boards and gateways with a queue. */
  queued: QueuedPeer[] = [];
  readonly queues = new PeerQueues(
    () => this.queued,
    () => 0,
  );
  ircView: IrcView = {
    ...{ enabled: false, address: "bowline@fake", key: null, networks: [], routes: [] },
    commands: { accepted: 0, refused: 0, open: 0, people: 0, silenced: 0 },
  };
  /** The newest first. */
  readonly ircLines: IrcLineView[] = [];
  readonly ircTopic = new Topic<IrcLineView>(rethrow);
  /** What was asked over IRC. */
  readonly ircAsked: object[] = [];
  readonly irc: GatewayApi["irc"] = {
    view: () => this.ircView,
    lines: this.ircTopic,
    lastLines: (network, limit) =>
      this.ircLines.filter((line) => (network ?? line.network) === line.network).slice(0, limit),
    ask: async (asked) => {
      this.ircAsked.push(asked);
      return { ot: asked.message.ot, src: asked.to, re: "1", on: true };
    },
    again: (again) => {
      this.ircAsked.push(again);
    },
  };
  readonly work = new FakeWork();
  readonly timeline = new FakeTimeline(rethrow);
  readonly problems = new FakeProblems(rethrow);
  readonly history = new FakeHistory();
  dead: ShownLetter[] = [];
  readonly letters = {
    list: (peer?: string) => this.dead.filter(({ name }) => peer === undefined || name === peer),
    clear: () => this.dead.splice(0).length,
  };
  peers: PeersView = { gateway: { id: "1", name: "pi-kitchen", listen: null }, peers: [] };
  peersView = () => this.peers;
  devicesView = () => this.devices;
  async forgetDevice(id: string): Promise<boolean> {
    const before = this.devices.length;
    this.devices = this.devices.filter((device) => device.id !== id);
    return this.devices.length < before;
  }
  sessionsView = () => this.sessions;
  linksView = () => this.links;
  serialView = () => this.serial;

  pairing = { remainingMs: 0, paired: [] as string[] };
  /** Sessions of the boards that have a key. */
  keys = new Map<string, number>();
  pairingView = () => this.pairing;
  openPairing(ms: number): void {
    this.pairing = { ...this.pairing, remainingMs: ms };
  }
  revokeKey(id: string): number | null {
    const sessions = this.keys.get(id) ?? null;
    this.keys.delete(id);
    return sessions;
  }

  /** Sessions of the gateways that have a key. */
  peerKeys = new Map<string, number>();
  revokePeerKey(id: string): number | null {
    const sessions = this.peerKeys.get(id) ?? null;
    this.peerKeys.delete(id);
    return sessions;
  }

  watchLink(target: WatchTarget, listener: LinkListener): LinkWatch {
    const calls: string[] = [];
    const note = (call: string) => () => void calls.push(call);
    const watch = { followed: 0, pause: note("pause"), resume: note("resume"), stop: note("stop") };
    this.watches.push({ target, listener, watch, calls });
    return watch;
  }

  /** Ports that are lent now, and what became of those that were asked for. */
  readonly loans = new Map<string, string>();
  readonly lendings: ("asked" | "lent" | "given back")[] = [];
  /** Resolves once a port that is to be lent is closed. */
  closing: Promise<void> = Promise.resolve();

  async lendPort(path: string, to: string): Promise<PortLoan | null> {
    if (!this.serial.some((port) => port.path === path)) return null;
    this.lendings.push("asked");
    await this.closing;
    this.lendings.push("lent");
    this.loans.set(path, to);
    const giveBack = () => {
      this.loans.delete(path);
      this.lendings.push("given back");
    };
    return { path, baud: 115200, giveBack };
  }

  /** A message arrives. */
  deliver(message: Record<string, unknown>, device = "sim-1"): DeliveredMessage {
    const delivered = this.store.append(device, message);
    const at = this.devices.findIndex(({ id }) => id === device);
    if (at >= 0) {
      const delivery = { delivered: this.devices[at].delivered + 1, last: delivered, lastAt: delivered.at };
      this.devices[at] = { ...this.devices[at], ...delivery };
    }
    this.history.note(delivered);
    this.messages.publish(delivered);
    return delivered;
  }

  /** A line goes over an IRC connection. */
  hearIrc(way: IrcLineView["way"], text: string, network = "lab"): void {
    const line = { network, n: this.ircLines.length + 1, at: Date.now(), way, text };
    this.ircLines.unshift(line);
    this.ircTopic.publish(line);
  }

  /** A board comes, goes or changes. */
  change(id: string, fields: Partial<DeviceView> = {}): void {
    const known = this.devices.find((device) => device.id === id) ?? deviceView(id);
    const others = this.devices.filter((device) => device.id !== id);
    this.devices = [...others, { ...known, ...fields }].sort((a, b) => (a.id < b.id ? -1 : 1));
    this.changes.publish({ id });
  }
}

class FakeStore implements MessageReader {
  readonly tally = new StoreTally();
  readonly epoch = randomBytes(8).toString("hex");
  private messages: DeliveredMessage[] = [];
  private dropped = 0;

  append(device: string, message: Record<string, unknown>): DeliveredMessage {
    const n = this.next;
    const delivered = { n, device, epoch: "9f3c", seq: n, at: Date.now(), message };
    this.messages.push(delivered);
    return delivered;
  }

  /** Gives up what is before number n. */
  dropBefore(n: number): void {
    const kept = this.messages.filter((message) => message.n >= n);
    this.dropped += this.messages.length - kept.length;
    this.messages = kept;
  }

  async read(from: number, limit: number, device?: string): Promise<DeliveredMessage[]> {
    const wanted = this.messages.filter(
      (message) => message.n >= from && (device ?? message.device) === message.device,
    );
    return wanted.slice(0, limit);
  }

  get next(): number {
    return this.dropped + this.messages.length + 1;
  }

  get fill() {
    const { length } = this.messages;
    const oldest = this.next - length;
    const bounds = { maxBytes: 1e6, written: 100 * this.next, oldestAt: this.messages[0]?.at ?? 0 };
    const { dropped } = this;
    return {
      messages: length,
      bytes: 100 * length,
      oldest,
      dropped,
      ...bounds,
      refused: 0,
      pending: 0,
      isHeld: false,
      fault: "",
      low: "",
    };
  }
}

export function deviceView(id: string): DeviceView {
  return {
    id,
    gateway: "",
    connected: true,
    since: 0,
    hasLeft: false,
    via: "tcp 127.0.0.1:50000",
    epoch: "9f3c",
    watermark: 0,
    board: "PICO_R1_3",
    firmware: "bowline 0.1.0",
    caps: [],
    delivered: 0,
    repeats: 0,
    missing: 0,
    mayBeMissing: 0,
    lost: 0,
    sessions: 1,
    connections: 1,
    queued: 0,
    lastAt: 0,
    last: null,
  };
}

function rethrow(error: unknown): never {
  throw error;
}
