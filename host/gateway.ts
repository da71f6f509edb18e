/** The only place that knows everyone: builds the gateway bottom-up and stops it top-down (architecture §3). */
import { Code } from "../shared/session/codes.ts";
import { Admission } from "./admission/admission.ts";
import { type KeyStore, openKeys, openPeerKeys } from "./admission/key-store.ts";
import { boards, checkListener } from "./admission/listener.ts";
import { Pairing } from "./admission/pairing.ts";
import { upgradeOf } from "./backup/before-upgrade.ts";
import { nothingKept } from "./backup/format.ts";
import { backupStream } from "./backup/write-backup.ts";
import { Cable, type CableView } from "./cables/cable.ts";
import { findCable } from "./cables/find-cable.ts";
import type { Loan } from "./cables/lender.ts";
import type { Config, SerialConfig } from "./config/schema.ts";
import type { LetterBox } from "./gateways/letter-box.ts";
import { OtherGateways } from "./gateways/other-gateways.ts";
import type { PeersView } from "./gateways/peers-view.ts";
import { History } from "./history/history.ts";
import { historyPlace } from "./history/history-place.ts";
import { IrcBridge } from "./irc-bridge/bridge.ts";
import { mqttUpstreams } from "./mqtt/mqtt-upstream.ts";
import { natsUpstreams } from "./nats/nats-upstream.ts";
import { Northbound } from "./northbound/northbound.ts";
import type { DevicePeer } from "./peers/device-peer.ts";
import { DeviceTable } from "./peers/device-table.ts";
import type { PeerContext } from "./peers/peer-context.ts";
import { RequestBook } from "./peers/request-book.ts";
import { Whereabouts } from "./peers/whereabouts.ts";
import type { Clock } from "./platform/clock.ts";
import { systemClock } from "./platform/clock.ts";
import { BowlineError } from "./platform/errors.ts";
import type { Log } from "./platform/log.ts";
import { isLoopback } from "./platform/loopback.ts";
import { RateMeter } from "./platform/rate-meter.ts";
import { Problems } from "./problems/problems.ts";
import { Announcer } from "./router/announcer.ts";
import type { LinkListener, LinkWatch, WatchTarget } from "./router/link-listener.ts";
import { LinkWatches } from "./router/link-watch.ts";
import { PeerQueues } from "./router/peer-queues.ts";
import { type QueueView, viewQueue } from "./router/queue-view.ts";
import { queuedBoard } from "./router/queued-board.ts";
import type { QueuedPeer } from "./router/queued-peer.ts";
import { Router } from "./router/router.ts";
import type { DeviceView, LinkView, SessionView } from "./router/views.ts";
import { viewDevice, viewLink, viewSession } from "./router/views.ts";
import { Connection } from "./session/connection.ts";
import { Door } from "./session/door.ts";
import { SessionServer } from "./session/session-server.ts";
import { Tallies } from "./session/tallies.ts";
import type { Wire } from "./session/wire.ts";
import { diskStore, memoryStore, type OpenableStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";
import { OWN_FORMAT } from "./store/store-format.ts";
import { GatewayTimeline } from "./timeline/gateway-timeline.ts";
import type { Timeline } from "./timeline/timeline.ts";
import { heldFolder } from "./transports/held-folder.ts";
import { TcpListener } from "./transports/tcp-listener.ts";
import { readTls } from "./transports/tls-files.ts";
import type { Transport } from "./transports/transport.ts";
import { Components } from "./twins/components.ts";
import type { Work } from "./twins/work.ts";

export class Gateway {
  readonly router: Router;
  readonly store: Store;
  readonly requests: RequestBook;
  readonly others: OtherGateways;
  readonly irc: IrcBridge;
  readonly history: History;
  readonly northbound: Northbound;
  readonly queues: PeerQueues;
  readonly components: Components;
  /** What is wrong now. */
  readonly problems: Problems;
  private readonly life: GatewayTimeline;
  private readonly log: Log;
  readonly tallies = new Tallies();
  /** Set once start() has resolved, and only if the section is enabled. */
  tcpAddress: { host: string; port: number } | null = null;
  private readonly pairing: Pairing;
  private readonly keys: KeyStore;
  private readonly network: Wire;
  private readonly opening: OpenableStore;
  private readonly sessions: SessionServer;
  private readonly door: Door;
  private readonly devices: DeviceTable;
  private readonly connections = new Set<Connection>();
  private readonly cables: Cable[] = [];
  private readonly whereabouts = new Whereabouts();
  private readonly watches: LinkWatches;
  private listener: TcpListener | null = null;
  private readonly intakeRate: RateMeter;
  private readonly announcer: Announcer;

  constructor(
    private readonly config: Config,
    given: Log,
    private readonly clock: Clock = systemClock,
    /** Opening, it makes an older store its own: how far it has come, said again and again as long as it goes on. */
    onUpgrade: (words: string) => void = () => {},
  ) {
    const { data, store: settings } = config;
    this.opening =
      data === "memory"
        ? memoryStore(settings, clock)
        : diskStore(
            data,
            settings,
            clock,
            {
              onFault: (fault) => this.onStoreFault(fault),
              onReopened: () => this.catchUp(),
              onLow: (low) => this.onStoreLow(low),
            },
            upgradeOf(config, given, clock, onUpgrade),
          );
    this.store = this.opening.store;
    this.life = new GatewayTimeline(this.store, given, clock, (id) => this.others.nameOf(id));
    const { log } = this.life;
    this.log = log;
    this.announcer = new Announcer(
      this.store,
      (device) => this.devices.get(device),
      (message) => {
        this.router.messages.publish(message);
        this.others.wake();
        this.irc.wake();
        this.history.wake();
        this.northbound.wake();
      },
    );
    const place = historyPlace(data);
    this.history = new History({ settings: config.history, place, store: this.store, clock, log });
    const northern = { store: this.store, clock, log };
    const boards = () => this.devicesView();
    this.requests = new RequestBook(this.store, clock);
    const asking = {
      requests: this.requests,
      router: {
        submit: (...asked: Parameters<Router["submit"]>) => this.router.submit(...asked),
        cancel: (rq: number) => this.router.cancel(rq),
      },
    };
    this.northbound = new Northbound(config, northern, [
      ...natsUpstreams(config, { ...northern, gateway: config.gateway.id }),
      ...mqttUpstreams(config, { ...northern, gateway: config.gateway.id, boards, ...asking }),
    ]);
    this.queues = new PeerQueues(
      () => this.queuedPeers(),
      () => clock.now(),
    );
    this.intakeRate = new RateMeter(
      () => this.store.fill.written,
      () => clock.now(),
    );
    this.door = new Door(clock);
    this.keys = openKeys(config.data);
    this.pairing = new Pairing(this.keys, clock);
    const { insecure, host } = config.tcp;
    this.network = { isCable: false, isPrivate: isLoopback(host), names: [] };
    const trust = { isInsecure: insecure, isLoopback: isLoopback(host) };
    const admission = new Admission(this.keys, this.pairing, trust);
    const context: PeerContext = {
      id: config.gateway.id,
      store: this.store,
      book: this.requests,
      clock,
      log,
      onMessage: (message) => this.announcer.tell(message),
      onChange: (peer) => this.onChange(peer),
    };
    this.devices = new DeviceTable(context, admission);
    const onFault = (error: unknown) => log.error({ error: String(error) }, "a listener failed");
    this.router = new Router(this.devices, onFault, {
      addresses: () => this.others.services.boards.addresses(),
      submit: (...asked) => this.others.services.boards.submit(...asked),
      hasLeft: (rq) => this.others.services.boards.hasLeft(rq),
      cancel: (rq) => this.others.services.boards.cancel(rq),
      whenTold: (rq) => this.others.services.boards.whenTold(rq),
    });
    this.others = new OtherGateways({
      ...{ config, store: this.store, book: this.requests, clock, log, tallies: this.tallies },
      onMessage: (message) => this.announcer.tell(message),
      onCancel: (cancel, gateway) => this.work.noteCancel(cancel, gateway),
      boards: {
        submit: (...asked) => this.router.submitHere(...asked),
        cancel: (rq) => this.router.cancel(rq),
        names: () => this.devices.all().map(({ id }) => id),
      },
    });
    const isCarrying = (device: string, connection: Connection) =>
      this.devices.get(device)?.serverSession?.carrier === connection;
    this.components = new Components({
      ...{ config, store: this.store, book: this.requests, router: this.router, clock, log },
      ...{ devices: this.devices, gateway: this },
    });
    this.irc = new IrcBridge({
      ...{ config, store: this.store, book: this.requests, router: this.router, clock, log },
      devices: () => this.devicesView(),
      knows: (device) =>
        device.includes("/")
          ? this.others.services.boards.has(device)
          : this.devices.get(device) !== undefined,
      queue: () => this.queueView(),
      work: this.components.work,
    });
    this.watches = new LinkWatches(clock, isCarrying, onFault);
    this.problems = new Problems(this, {
      ...{ clock, store: settings, onFault },
      keys: [this.keys, openPeerKeys(config.data)],
    });
    this.sessions = new SessionServer(
      config.session,
      clock,
      (session) => this.devices.greet(session),
      (session, shown, wire) => admission.mayResume(session, shown, wire),
      this.tallies.boards,
    );
  }

  /** Opens the store and goes on where it was left. Rejects when it cannot be had: the gateway never does without. */
  async open(): Promise<void> {
    await this.opening.open().catch(async (error) => {
      throw await this.nameHolder(error);
    });
    await this.life.load();
    this.announcer.begin();
    await this.devices.load().catch(async (error) => {
      await this.close();
      throw error;
    });
    await this.others.open();
    const rest = async () => {
      await this.irc.open();
      await this.components.open();
      await this.northbound.load();
      await this.problems.load();
    };
    await rest().catch(async (error) => {
      await this.close();
      throw error;
    });
    this.intakeRate.start();
    this.history.start();
  }

  async start(): Promise<void> {
    this.life.begin();
    await this.others.start();
    this.queues.start();
    this.sessions.start();
    if (this.config.tcp.enabled) await this.startListener();
    for (const port of this.config.serial) if (port.enabled) this.keepPort(port);
    this.irc.start();
    this.northbound.start();
    await this.components.start();
    this.problems.start();
  }

  /** An IRC server that answers nothing may take its time: no board waits for it. */
  async stop(): Promise<void> {
    this.problems.stop();
    this.life.end();
    await Promise.all([this.irc.stop(), this.stopLinks()]);
    // What boards said until now is handed on as well, if it can be at once.
    await this.northbound.stop();
  }

  private async stopLinks(): Promise<void> {
    // What boards are asked for it by the next gateway is in the store.
    await this.components.stop();
    this.sessions.stop();
    for (const connection of this.connections) connection.stop();
    await this.listener?.stop();
    await Promise.all(this.cables.map((cable) => cable.stop()));
    await this.others.stop();
  }

  /** Writes what is on its way to the store, and gives it up. */
  async close(): Promise<void> {
    this.intakeRate.stop();
    this.queues.stop();
    this.devices.stop();
    this.timeline.stop();
    await this.history.stop();
    await this.opening.close();
  }

  private onStoreFault(fault: BowlineError | null): void {
    this.components.look();
    if (fault !== null) {
      const { code, message, mend } = fault;
      this.log.error({ about: "store", event: "fault", code, mend }, `the store takes nothing: ${message}`);
      return;
    }
    this.others.resume();
    this.irc.resume();
    this.northbound.wake();
    this.log.info({ about: "store", event: "mended" }, "the store takes messages again");
  }

  /** What a failed commit left is what is there now. */
  private async catchUp(): Promise<void> {
    await this.announcer.catchUp();
    await this.others.catchUp();
  }

  private onStoreLow(low: BowlineError | null): void {
    const about = { about: "store", event: low === null ? "mended" : "fault" };
    if (low !== null)
      this.log.warn(
        { ...about, code: low.code, mend: low.mend },
        `nothing new for other gateways: ${low.message}`,
      );
    else this.log.info(about, "the store's disk has room again");
  }

  private async nameHolder(error: unknown): Promise<unknown> {
    if (!(error instanceof BowlineError) || error.code !== "STORE_LOCKED") return error;
    return (await heldFolder(this.config.data)) ?? error;
  }

  /** Boards on a wire nobody can listen to are given keys; those that stand say hello anew, to be given theirs. */
  openPairing(ms: number): void {
    this.pairing.open(ms);
    if (!this.pairing.isOpen) return this.log.info({}, "pairing closed");
    this.log.info({ forS: Math.round(this.pairing.remainingMs / 1000) }, "pairing open");
    for (const session of [...this.sessions.all()]) if (session.wire.isCable) session.close();
  }

  pairingView(): { remainingMs: number; paired: string[] } {
    const { remainingMs, paired } = this.pairing;
    return { remainingMs, paired };
  }

  /** Takes a board's key and ends its sessions -> how many, null when it had no key. */
  revokeKey(id: string): number | null {
    if (!this.keys.remove(id)) return null;
    const theirs = [...this.sessions.all()].filter((session) => session.device === id);
    for (const session of theirs) session.end(Code.KEY_REVOKED);
    this.log.info({ device: id, sessions: theirs.length }, "key revoked");
    return theirs.length;
  }

  /** Takes the key of another gateway and ends its sessions -> how many, null when it had no key. */
  revokePeerKey(id: string): number | null {
    return this.others.gateways.revokeKey(id);
  }

  /** Shows a board that is away no more -> false when there is no such board. Rejects as DevicePeer.forget() does. */
  async forgetDevice(id: string): Promise<boolean> {
    const device = this.devices.get(id);
    await device?.forget();
    const isKnown = device !== undefined || this.others.services.boards.forget(id);
    this.northbound.look();
    return isKnown;
  }

  /** Components, and all work there is. */
  get work(): Work {
    return this.components.work;
  }

  devicesView(): DeviceView[] {
    return [...this.devices.all().map(viewDevice), ...this.others.services.boards.views()];
  }

  sessionsView(): SessionView[] {
    const owners = new Map(this.devices.all().map((device) => [device.serverSession, device.id]));
    return [...this.sessions.all()].map((session) => viewSession(session, owners.get(session) ?? ""));
  }

  linksView(): LinkView[] {
    return [...this.connections].map(viewLink);
  }

  serialView(): CableView[] {
    return this.cables.map(({ view }) => view);
  }

  /** How often each port was opened, and was not. */
  openings(): { path: string; opened: number; failed: ReadonlyMap<string, number> }[] {
    return this.cables.map(({ path, openingCounts }) => ({ path, ...openingCounts }));
  }

  /** The port that `path` leads to, closed for another program -> null when it is none of ours. Rejects as Cable.lend(). */
  async lendPort(path: string, to: string): Promise<Loan | null> {
    return (await (await findCable(this.cables, path))?.lend(to)) ?? null;
  }

  /** Every chunk of a link or of a board, as it passes. */
  watchLink(target: WatchTarget, listener: LinkListener): LinkWatch {
    return this.watches.watch(target, listener);
  }

  queueView(): QueueView {
    const { perSecond } = this.intakeRate;
    return viewQueue(
      this.store.fill,
      perSecond,
      this.devices.all(),
      this.requests.openViews(),
      this.queues.views(),
    );
  }

  /**
   * Everything that it keeps, as of this moment, as a backup has it; with the history if it is wanted. Throws
   * BACKUP_MEMORY where nothing is kept, and what keeps the history from being read.
   */
  backup(wanted: { history: boolean; configuration?: string }): AsyncIterable<Uint8Array> {
    const { data, gateway } = this.config;
    if (data === "memory") throw nothingKept();
    const { configuration } = wanted;
    // The history first: it is never ahead of the store.
    const history = wanted.history ? this.history.all() : undefined;
    try {
      return backupStream({
        ...{ gateway: gateway.id, data, format: OWN_FORMAT, store: this.opening.all() },
        ...(history !== undefined && { history }),
        ...(configuration !== undefined && { configuration }),
      });
    } catch (error) {
      void history?.close();
      throw error;
    }
  }

  /** What happened. */
  get timeline(): Timeline {
    return this.life.timeline;
  }

  /** What will not arrive at other gateways, once open() has resolved. */
  get letters(): LetterBox {
    return this.others.letters;
  }

  peersView(): PeersView {
    return this.others.view();
  }

  private queuedPeers(): QueuedPeer[] {
    const { devices, requests, clock, others } = this;
    const boards = devices.all().map((device) => queuedBoard(device, requests, () => clock.wall()));
    return [...boards, ...others.queued()];
  }

  private async startListener(): Promise<void> {
    const { host, port, tls } = this.config.tcp;
    checkListener(this.config.tcp, this.keys, boards);
    this.listener = new TcpListener({
      host,
      port,
      setting: "tcp.port",
      ...(tls?.enabled && { tls: readTls(tls, "tcp.tls") }),
      onTransport: (transport) => this.letIn(transport),
      onHandshake: (handshake) => this.door.awaitHandshake(handshake),
      isOpenTo: (address) => this.door.isOpenTo(address),
      onAcceptError: (error) =>
        this.log.error({ setting: "tcp.port", error: error.message }, "a connection was not accepted"),
    });
    this.tcpAddress = await this.listener.start();
  }

  private keepPort(port: SerialConfig): void {
    const cable = new Cable(port, {
      log: this.log,
      clock: this.clock,
      connect: (transport, log, onOver) => this.connect(transport, port, log, onOver),
    });
    this.cables.push(cable);
    cable.start();
  }

  private connect(
    transport: Transport,
    link: SerialConfig | null,
    log = this.log,
    onOver: () => void = () => {},
    startAfterMs: (connection: Connection) => number = () => 0,
  ): Connection {
    const whenOver = () => {
      this.connections.delete(connection);
      this.watches.remove(connection);
      onOver();
    };
    const { sessions, clock, tallies } = this;
    const tally = link === null ? tallies.network : tallies.cable(link.path);
    const network =
      transport.names === undefined ? this.network : { ...this.network, names: transport.names };
    const connection = new Connection(transport, sessions, clock, log, link, whenOver, network, tally);
    this.connections.add(connection);
    connection.start(startAfterMs(connection));
    this.watches.add(connection);
    return connection;
  }

  /** From the network: counted at the door, and heard when the door says. */
  private letIn(transport: Transport): void {
    const enter = (connection: Connection) => this.door.enter(connection);
    const connection = this.connect(transport, null, this.log, () => this.door.left(connection), enter);
  }

  private onChange(peer: DevicePeer): void {
    const via = peer.isConnected ? (peer.serverSession?.via ?? "") : "";
    const before = via === "" ? "" : this.whereabouts.see(peer.id, via);
    if (before !== "") this.log.info({ device: peer.id, event: "moved", via, before }, "is on another port");
    this.router.changes.publish(peer);
    this.northbound.look();
    this.components.noteBoard(peer);
  }
}
