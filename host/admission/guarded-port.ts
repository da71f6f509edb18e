/** A port that strangers connect to, boards or other gateways: nobody listens where none could speak, and each is counted at its door. */
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { Door } from "../session/door.ts";
import { TcpListener } from "../transports/tcp-listener.ts";
import { readTls, type TlsPaths } from "../transports/tls-files.ts";
import type { Transport } from "../transports/transport.ts";
import type { KeyStore } from "./key-store.ts";
import { checkListener, type Listened, type ListenerTrust } from "./listener.ts";

export interface GuardedPortOptions {
  settings: Omit<ListenerTrust, "tls"> & { tls?: (TlsPaths & { enabled: boolean }) | undefined };
  listened: Listened;
  /** Of those who are listened for. */
  keys: KeyStore;
  clock: Clock;
  log: Log;
  /** `door` says when what is heard on it may be, and is told when that is over. */
  onTransport(transport: Transport, door: Door): void;
}

export class GuardedPort {
  /** Where it listens; null: it does not. */
  address: { host: string; port: number } | null = null;
  private readonly door: Door;
  private listener: TcpListener | null = null;

  constructor(private readonly options: GuardedPortOptions) {
    this.door = new Door(options.clock);
  }

  /** Rejects as checkListener(), readTls() and TcpListener.start() do: nothing listens then. */
  async start(): Promise<void> {
    const { settings, listened, keys, log, onTransport } = this.options;
    const { host, port, tls } = settings;
    const setting = `${listened.section}.port`;
    checkListener(settings, keys, listened);
    this.listener = new TcpListener({
      ...{ host, port, setting },
      ...(tls?.enabled && { tls: readTls(tls, `${listened.section}.tls`) }),
      onTransport: (transport) => onTransport(transport, this.door),
      onHandshake: (handshake) => this.door.awaitHandshake(handshake),
      isOpenTo: (address) => this.door.isOpenTo(address),
      onAcceptError: (error) => log.error({ setting, error: error.message }, "a connection was not accepted"),
    });
    this.address = await this.listener.start();
  }

  async stop(): Promise<void> {
    this.address = null;
    await this.listener?.stop();
    this.listener = null;
  }
}
