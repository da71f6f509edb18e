/** The port that other gateways connect to: each connection is counted at the door, and gets a session of the gateways' own. */
import type { KeyStore } from "../admission/key-store.ts";
import { checkListener, gateways } from "../admission/listener.ts";
import type { PeersConfig } from "../config/schema.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { isLoopback } from "../platform/loopback.ts";
import { Connection } from "../session/connection.ts";
import { Door } from "../session/door.ts";
import type { LinkTally } from "../session/link-tally.ts";
import type { SessionServer } from "../session/session-server.ts";
import { TcpListener } from "../transports/tcp-listener.ts";
import { readTls } from "../transports/tls-files.ts";
import type { Transport } from "../transports/transport.ts";

const SETTING = "peers.listen";

export interface PeerListenerOptions {
  config: PeersConfig["listen"];
  keys: KeyStore;
  sessions: SessionServer;
  clock: Clock;
  log: Log;
  tally: LinkTally;
  /** A connection is over. */
  onOver(): void;
}

export class PeerListener {
  /** Set once start() has resolved. */
  address: { host: string; port: number } | null = null;
  private readonly door: Door;
  private readonly connections = new Set<Connection>();
  private listener: TcpListener | null = null;

  constructor(private readonly options: PeerListenerOptions) {
    this.door = new Door(options.clock);
  }

  /** Rejects with PEERS_INSECURE, TLS_… or PORT_…: nothing listens then. */
  async start(): Promise<void> {
    const { config, keys, log } = this.options;
    const { host, port, tls } = config;
    checkListener(config, keys, gateways);
    this.listener = new TcpListener({
      ...{ host, port, setting: `${SETTING}.port` },
      ...(tls?.enabled && { tls: readTls(tls, `${SETTING}.tls`) }),
      onTransport: (transport) => this.letIn(transport),
      onHandshake: (handshake) => this.door.awaitHandshake(handshake),
      isOpenTo: (address) => this.door.isOpenTo(address),
      onAcceptError: (error) =>
        log.error({ setting: SETTING, error: error.message }, "a connection was not accepted"),
    });
    this.address = await this.listener.start();
  }

  async stop(): Promise<void> {
    this.address = null;
    for (const connection of this.connections) connection.stop();
    await this.listener?.stop();
    this.listener = null;
  }

  private letIn(transport: Transport): void {
    const { config, sessions, clock, log, tally, onOver } = this.options;
    const { names = [] } = transport;
    const isPrivate = isLoopback(config.host) || config.tls?.enabled === true;
    const wire = { isCable: false, isPrivate, names };
    const whenOver = () => {
      this.connections.delete(connection);
      this.door.left(connection);
      onOver();
    };
    const connection = new Connection(transport, sessions, clock, log, null, whenOver, wire, tally);
    this.connections.add(connection);
    connection.start(this.door.enter(connection));
  }
}
