/**
 * The only place that knows everyone: builds the gateway bottom-up and stops it top-down (architecture §3).
 *
 *   store ─▶ timeline, log ─▶ boards ─▶ router ◀─ other gateways      everything comes through constructors; what
 *              ▲                │ links                               stands further down is called by functions
 *              │ told           ▼
 *   announcer ─┴─▶ { history, IRC, systems beyond, other gateways }   work ─▶ components      all ─▶ problems
 */
import { openPeerKeys } from "./admission/key-store.ts";
import type { CableView } from "./cables/cable.ts";
import type { Loan } from "./cables/lender.ts";
import type { Config } from "./config/schema.ts";
import { backupOf, type Wanted } from "./gateway/backup.ts";
import { BoardLinks } from "./gateway/board-links.ts";
import { Boards } from "./gateway/boards.ts";
import { KeptStore } from "./gateway/kept-store.ts";
import { Steps } from "./gateway/steps.ts";
import { upstreamsOf } from "./gateway/upstreams.ts";
import type { LetterBox } from "./gateways/letter-box.ts";
import { OtherGateways } from "./gateways/other-gateways.ts";
import type { PeersView } from "./gateways/peers-view.ts";
import { History } from "./history/history.ts";
import { historyPlace } from "./history/history-place.ts";
import { IrcBridge } from "./irc-bridge/bridge.ts";
import type { Northbound } from "./northbound/northbound.ts";
import type { DevicePeer } from "./peers/device-peer.ts";
import { RequestBook } from "./peers/request-book.ts";
import type { Clock } from "./platform/clock.ts";
import { systemClock } from "./platform/clock.ts";
import type { Log } from "./platform/log.ts";
import { RateMeter } from "./platform/rate-meter.ts";
import { Problems } from "./problems/problems.ts";
import { Announcer } from "./router/announcer.ts";
import type { LinkListener, LinkWatch, WatchTarget } from "./router/link-listener.ts";
import { PeerQueues } from "./router/peer-queues.ts";
import { type QueueView, viewQueue } from "./router/queue-view.ts";
import { queuedBoard } from "./router/queued-board.ts";
import { Router } from "./router/router.ts";
import type { DeviceView, LinkView, SessionView } from "./router/views.ts";
import { Tallies } from "./session/tallies.ts";
import type { Store } from "./store/store.ts";
import { GatewayTimeline } from "./timeline/gateway-timeline.ts";
import type { Timeline } from "./timeline/timeline.ts";
import { Components } from "./twins/components.ts";
import type { Work } from "./twins/work.ts";

export class Gateway {
  readonly tallies = new Tallies();
  readonly store: Store;
  readonly requests: RequestBook;
  readonly router: Router;
  readonly others: OtherGateways;
  readonly queues: PeerQueues;
  readonly components: Components;
  readonly irc: IrcBridge;
  readonly history: History;
  readonly northbound: Northbound;
  /** What is wrong now. */
  readonly problems: Problems;
  private readonly kept: KeptStore;
  private readonly life: GatewayTimeline;
  private readonly announcer: Announcer;
  private readonly boards: Boards;
  private readonly links: BoardLinks;
  private readonly intakeRate: RateMeter;
  /** What goes on where it was left, and what begins to speak: each bottom-up. */
  private readonly opened: Steps;
  private readonly running: Steps;

  constructor(
    private readonly config: Config,
    given: Log,
    clock: Clock = systemClock,
    /** Opening, it makes an older store its own: how far it has come, said again and again as long as it goes on. */
    onUpgrade: (words: string) => void = () => {},
  ) {
    this.kept = new KeptStore({
      ...{ config, clock, log: given, onUpgrade },
      logOf: () => this.life.log,
      onFault: () => this.components.look(),
      onMended: () => this.resume(),
      onReopened: () => this.catchUp(),
    });
    const { store } = this.kept;
    this.store = store;
    this.life = new GatewayTimeline(store, given, clock, (id) => this.others.nameOf(id));
    const { log } = this.life;
    const onFault = (error: unknown) => log.error({ error: String(error) }, "a listener failed");
    this.requests = new RequestBook(store, clock);
    const shared = { config, store, book: this.requests, clock, log };

    this.announcer = new Announcer(
      store,
      (device) => this.boards.table.get(device),
      (message) => {
        this.router.messages.publish(message);
        for (const one of [this.others, this.irc, this.history, this.northbound]) one.wake();
      },
    );
    this.boards = new Boards({
      ...{ ...shared, tally: this.tallies.boards },
      onMessage: (message) => this.announcer.tell(message),
      onChange: (board) => this.onChange(board),
    });
    const { table } = this.boards;
    this.links = new BoardLinks({ ...shared, boards: this.boards, tallies: this.tallies, onFault });
    const beyond = () => this.others.services.boards;
    this.router = new Router(table, onFault, {
      addresses: () => beyond().addresses(),
      submit: (...asked) => beyond().submit(...asked),
      hasLeft: (rq) => beyond().hasLeft(rq),
      cancel: (rq) => beyond().cancel(rq),
      whenTold: (rq) => beyond().whenTold(rq),
    });
    const { router } = this;
    this.others = new OtherGateways({
      ...{ ...shared, tallies: this.tallies },
      onMessage: (message) => this.announcer.tell(message),
      onCancel: (cancel, gateway) => this.work.noteCancel(cancel, gateway),
      boards: {
        submit: (...asked) => router.submitHere(...asked),
        cancel: (rq) => router.cancel(rq),
        names: () => table.all().map(({ id }) => id),
      },
    });
    const boardQueues = () =>
      table.all().map((board) => queuedBoard(board, this.requests, () => clock.wall()));
    this.queues = new PeerQueues(
      () => [...boardQueues(), ...this.others.queued()],
      () => clock.now(),
    );
    this.intakeRate = new RateMeter(
      () => store.fill.written,
      () => clock.now(),
    );
    this.components = new Components({ ...shared, router, devices: table, gateway: this });
    this.irc = new IrcBridge({
      ...{ ...shared, router, work: this.components.work },
      devices: () => this.devicesView(),
      knows: (device) => (device.includes("/") ? beyond().has(device) : table.get(device) !== undefined),
      queue: () => this.queueView(),
    });
    this.history = new History({ ...shared, settings: config.history, place: historyPlace(config.data) });
    this.northbound = upstreamsOf(config, {
      ...{ ...shared, router, requests: this.requests, gateway: config.gateway.id },
      boards: () => this.devicesView(),
    });
    this.problems = new Problems(this, {
      ...{ clock, store: config.store, onFault },
      keys: [this.boards.keys, openPeerKeys(config.data)],
    });
    this.opened = this.openingSteps();
    this.running = this.runningSteps();
  }

  private openingSteps(): Steps {
    const { kept, life, announcer, boards, others, irc, components, northbound } = this;
    return new Steps([
      { name: "the store", stop: () => kept.close() },
      { name: "the timeline", start: () => life.load(), stop: () => this.timeline.stop() },
      { name: "what was told", start: () => announcer.begin() },
      { name: "boards", start: () => boards.table.load(), stop: () => boards.table.stop() },
      { name: "other gateways", start: () => others.open() },
      { name: "IRC", start: () => irc.open() },
      { name: "components", start: () => components.open() },
      { name: "systems beyond", start: () => northbound.load() },
      { name: "problems", start: () => this.problems.load() },
      { name: "rates", start: () => this.intakeRate.start(), stop: () => this.intakeRate.stop() },
      { name: "the history", start: () => this.history.start(), stop: () => this.history.stop() },
    ]);
  }

  private runningSteps(): Steps {
    const { life, northbound, others, queues, links, components, irc, problems } = this;
    const { sessions } = this.boards;
    return new Steps([
      { name: "the timeline", start: () => life.begin() },
      // Stopped behind those who speak: what they said until then is handed on as well, if it can be at once.
      { name: "systems beyond", start: () => northbound.start(), stop: () => northbound.stop() },
      { name: "other gateways", start: () => others.start(), stop: () => others.stop() },
      { name: "rates of queues", start: () => queues.start(), stop: () => queues.stop() },
      { name: "links of boards", start: () => links.start(), stop: () => links.stop() },
      // Ended in agreement, while there are connections. What boards are asked for is in the store for the next gateway.
      { name: "sessions of boards", start: () => sessions.start(), stop: () => sessions.stop() },
      { name: "components", start: () => components.start(), stop: () => components.stop() },
      // A server that answers nothing may take its time: no board waits for it.
      { name: "IRC", start: () => irc.start(), stop: () => irc.stop(), endsSlowly: true },
      { name: "the end of the timeline", stop: () => life.end() },
      { name: "problems", start: () => problems.start(), stop: () => problems.stop() },
    ]);
  }

  /** Opens the store and goes on where it was left. Rejects when it cannot be had: the gateway never does without. */
  async open(): Promise<void> {
    await this.kept.open();
    await this.opened.start();
  }

  start(): Promise<void> {
    return this.running.start();
  }

  stop(): Promise<void> {
    return this.running.stop();
  }

  /** Writes what is on its way to the store, and gives it up. */
  close(): Promise<void> {
    return this.opened.stop();
  }

  /** The store takes something again. */
  private resume(): void {
    this.components.look();
    this.others.resume();
    this.irc.resume();
    this.northbound.wake();
  }

  /** What a failed commit left is what is there now. */
  private async catchUp(): Promise<void> {
    await this.announcer.catchUp();
    await this.others.catchUp();
  }

  private onChange(board: DevicePeer): void {
    this.router.changes.publish(board);
    this.northbound.look();
    this.components.noteBoard(board);
  }

  /** Where boards are listened for; null: nowhere. */
  get tcpAddress(): { host: string; port: number } | null {
    return this.links.address;
  }

  /** Components, and all work there is. */
  get work(): Work {
    return this.components.work;
  }

  /** What happened. */
  get timeline(): Timeline {
    return this.life.timeline;
  }

  /** What will not arrive at other gateways, once open() has resolved. */
  get letters(): LetterBox {
    return this.others.letters;
  }

  devicesView(): DeviceView[] {
    return [...this.boards.views(), ...this.others.services.boards.views()];
  }

  sessionsView(): SessionView[] {
    return this.boards.sessionViews();
  }

  linksView(): LinkView[] {
    return this.links.views();
  }

  serialView(): CableView[] {
    return this.links.cableViews();
  }

  openings(): ReturnType<BoardLinks["openings"]> {
    return this.links.openings();
  }

  peersView(): PeersView {
    return this.others.view();
  }

  queueView(): QueueView {
    const { intakeRate, store, boards, requests, queues } = this;
    const open = requests.openViews();
    return viewQueue(store.fill, intakeRate.perSecond, boards.table.all(), open, queues.views());
  }

  pairingView(): ReturnType<Boards["pairingView"]> {
    return this.boards.pairingView();
  }

  openPairing(ms: number): void {
    this.boards.openPairing(ms);
  }

  /** Takes a board's key and ends its sessions -> how many, null when it had no key. */
  revokeKey(id: string): number | null {
    return this.boards.revokeKey(id);
  }

  /** Takes the key of another gateway and ends its sessions -> how many, null when it had no key. */
  revokePeerKey(id: string): number | null {
    return this.others.gateways.revokeKey(id);
  }

  /** Shows a board that is away no more -> false when there is no such board. Rejects as DevicePeer.forget() does. */
  async forgetDevice(id: string): Promise<boolean> {
    const device = this.boards.table.get(id);
    await device?.forget();
    const isKnown = device !== undefined || this.others.services.boards.forget(id);
    this.northbound.look();
    return isKnown;
  }

  /** The port that `path` leads to, closed for another program -> null when it is none of ours. Rejects as Cable.lend(). */
  lendPort(path: string, to: string): Promise<Loan | null> {
    return this.links.lend(path, to);
  }

  /** Every chunk of a link or of a board, as it passes. */
  watchLink(target: WatchTarget, listener: LinkListener): LinkWatch {
    return this.links.watches.watch(target, listener);
  }

  /** Everything that it keeps, as of this moment, as a backup has it. Throws as backupOf() does. */
  backup(wanted: Wanted): AsyncIterable<Uint8Array> {
    return backupOf(this.config, this.kept, this.history, wanted);
  }
}
