/** The only place that knows everyone: builds the gateway bottom-up and stops it top-down (architecture §3). */
import { randomBytes } from "node:crypto";
import { Admission } from "./admission/admission.ts";
import { type KeyStore, openKeys } from "./admission/key-store.ts";
import { Pairing } from "./admission/pairing.ts";
import { Cable, type CableView } from "./cables/cable.ts";
import type { Config, SerialConfig } from "./config/schema.ts";
import type { DevicePeer, PeerContext } from "./peers/device-peer.ts";
import { DeviceTable } from "./peers/device-table.ts";
import { Whereabouts } from "./peers/whereabouts.ts";
import type { Clock } from "./platform/clock.ts";
import { systemClock } from "./platform/clock.ts";
import { BowlineError, ExitCode } from "./platform/errors.ts";
import type { Log } from "./platform/log.ts";
import { isLoopback } from "./platform/loopback.ts";
import { type LinkListener, type LinkWatch, LinkWatches, type WatchTarget } from "./router/link-watch.ts";
import { Router } from "./router/router.ts";
import type { DeviceView, LinkView, SessionView } from "./router/views.ts";
import { viewDevice, viewLink, viewSession } from "./router/views.ts";
import { Connection } from "./session/connection.ts";
import type { LinkSettings } from "./session/gateway-link.ts";
import { SessionServer } from "./session/session-server.ts";
import type { Wire } from "./session/wire.ts";
import { MemoryStore } from "./store/memory-store.ts";
import type { MessageStore, StoreFill } from "./store/store.ts";
import { TcpListener } from "./transports/tcp-listener.ts";
import type { Transport } from "./transports/transport.ts";

export class Gateway {
  readonly router: Router;
  readonly store: MessageStore;
  /** Set once start() has resolved, and only if the section is enabled. */
  tcpAddress: { host: string; port: number } | null = null;
  readonly pairing: Pairing;
  private readonly keys: KeyStore;
  private readonly network: Wire;
  private readonly sessions: SessionServer;
  private readonly devices: DeviceTable;
  private readonly connections = new Set<Connection>();
  private readonly cables: Cable[] = [];
  private readonly whereabouts = new Whereabouts();
  private readonly watches: LinkWatches;
  private listener: TcpListener | null = null;
  /** Seconds, so that a gateway without a durable counter does not take a late reply for one to a new request. */
  private requestNumber: number;

  constructor(
    private readonly config: Config,
    private readonly log: Log,
    private readonly clock: Clock = systemClock,
  ) {
    this.requestNumber = Math.floor(clock.wall() / 1000) % 1e9;
    this.store = new MemoryStore(config.store.maxMessages, config.store.maxBytes);
    this.keys = openKeys(config.data);
    this.pairing = new Pairing(this.keys, clock);
    const { insecure, host } = config.tcp;
    this.network = { isCable: false, isPrivate: isLoopback(host), names: [] };
    const trust = { isInsecure: insecure, isLoopback: isLoopback(host) };
    const admission = new Admission(this.keys, this.pairing, trust);
    const context: PeerContext = {
      id: config.gateway.id,
      // The store is memory, so this life of the gateway's memory is the process.
      epoch: randomBytes(8).toString("hex"),
      store: this.store,
      clock,
      log,
      nextRequestNumber: () => ++this.requestNumber,
      onMessage: (message) => this.router.messages.publish(message),
      onChange: (peer) => this.onChange(peer),
    };
    this.devices = new DeviceTable(context, admission);
    const onFault = (error: unknown) => log.error({ error: String(error) }, "a listener failed");
    this.router = new Router(this.devices, onFault);
    const isCarrying = (device: string, connection: Connection) =>
      this.devices.get(device)?.serverSession?.carrier === connection;
    this.watches = new LinkWatches(clock, isCarrying, onFault);
    this.sessions = new SessionServer(
      config.session,
      clock,
      (session) => this.devices.greet(session),
      (session, shown, wire) => admission.mayResume(session, shown, wire),
    );
  }

  async start(): Promise<void> {
    this.sessions.start();
    if (this.config.tcp.enabled) await this.startListener();
    for (const port of this.config.serial) if (port.enabled) this.keepPort(port);
  }

  async stop(): Promise<void> {
    this.devices.stop();
    this.sessions.stop();
    for (const connection of this.connections) connection.stop();
    await this.listener?.stop();
    await Promise.all(this.cables.map((cable) => cable.stop()));
  }

  devicesView(): DeviceView[] {
    return this.devices.all().map(viewDevice);
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

  /** Every chunk of a link or of a board, as it passes. */
  watchLink(target: WatchTarget, listener: LinkListener): LinkWatch {
    return this.watches.watch(target, listener);
  }

  get storeFill(): StoreFill {
    return this.store.fill;
  }

  private async startListener(): Promise<void> {
    const { host, port } = this.config.tcp;
    this.checkKeys();
    this.listener = new TcpListener({
      host,
      port,
      setting: "tcp.port",
      onTransport: (transport) => this.connect(transport, null),
      onAcceptError: (error) =>
        this.log.error({ setting: "tcp.port", error: error.message }, "a connection was not accepted"),
    });
    this.tcpAddress = await this.listener.start();
  }

  /** Beyond loopback somebody must be known who may speak; and a key that cannot be used is told at once, not at night. */
  private checkKeys(): void {
    const { host, port, insecure } = this.config.tcp;
    for (const { id } of this.keys.list()) this.keys.get(id);
    if (isLoopback(host) || insecure || !this.keys.isEmpty) return;
    const text = `listening on ${host}:${port} for boards: none has a key, so nobody could speak; allowed: a loopback address, or a key for a board`;
    throw new BowlineError(
      "TCP_INSECURE",
      text,
      ExitCode.usage,
      "bowline key add ID; or set tcp.host to 127.0.0.1; or tcp.insecure to true, and anyone may speak",
    );
  }

  private keepPort(port: SerialConfig): void {
    const cable = new Cable(port, {
      log: this.log,
      connect: (transport, log, onOver) => this.connect(transport, port, log, onOver),
    });
    this.cables.push(cable);
    cable.start();
  }

  private connect(
    transport: Transport,
    link: LinkSettings | null,
    log = this.log,
    onOver: () => void = () => {},
  ): Connection {
    const whenOver = () => {
      this.connections.delete(connection);
      this.watches.remove(connection);
      onOver();
    };
    const { sessions, clock, network } = this;
    const connection = new Connection(transport, sessions, clock, log, link, whenOver, network);
    this.connections.add(connection);
    connection.start();
    this.watches.add(connection);
    return connection;
  }

  private onChange(peer: DevicePeer): void {
    const via = peer.isConnected ? (peer.serverSession?.via ?? "") : "";
    const before = via === "" ? "" : this.whereabouts.see(peer.id, via);
    if (before !== "") this.log.info({ device: peer.id, via, before }, "is on another port");
    this.router.changes.publish(peer);
  }
}
