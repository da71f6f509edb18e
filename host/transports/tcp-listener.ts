/** Listens on a TCP port, with TLS where there is a certificate; each connection becomes a transport. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { listenError } from "./listen-error.ts";
import type { StreamTransport } from "./stream-transport.ts";
import { countedAddress, tcpTransport } from "./tcp-transport.ts";
import type { TlsMaterial } from "./tls-files.ts";
import { TlsGuard } from "./tls-guard.ts";
import type { Transport } from "./transport.ts";

export interface TcpListenerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** The configuration key of the port, for the error: `tcp.port`. */
  setting: string;
  /** Connections whose other end is gone without a word are found out, ms after the last byte; never when absent. */
  keepAliveMs?: number;
  /** Connections begin with a TLS handshake. */
  tls?: TlsMaterial;
  onTransport(transport: Transport): void;
  /** A TLS handshake begins; nobody has a transport of it yet. */
  onHandshake?(handshake: Handshake): void;
  /** Whether one more connection from this address, "" for loopback, is taken; one that is not is reset at once. */
  isOpenTo?(address: string): boolean;
  /** A connection could not be accepted (too many open files); listening goes on. */
  onAcceptError(error: Error): void;
}

export interface Handshake {
  /** "" for loopback. */
  readonly remoteAddress: string;
  /** Resolves when it is over; false: it came to nothing. */
  readonly isSecure: Promise<boolean>;
  drop(): void;
}

export class TcpListener {
  private server: Server | undefined;
  private readonly guard: TlsGuard | null;
  private readonly transports = new Set<StreamTransport>();

  constructor(private readonly options: TcpListenerOptions) {
    const { tls } = options;
    this.guard = tls === undefined ? null : new TlsGuard(tls, (socket, names) => this.handOn(socket, names));
  }

  /** Resolves with where it really listens; rejects as listenError() says. */
  async start(): Promise<{ host: string; port: number }> {
    const { host, port, setting, keepAliveMs = 0, onAcceptError } = this.options;
    const keepAlive = { keepAlive: keepAliveMs > 0, keepAliveInitialDelay: keepAliveMs };
    const server = createServer(keepAlive, (socket) => this.accept(socket));
    const failure = await new Promise<Error | undefined>((resolve) => {
      server.once("error", resolve).listen(port, host, () => resolve(undefined));
    });
    if (failure) throw await listenError(failure, { host, port, setting });
    this.server = server.on("error", onAcceptError);
    const found = server.address() as AddressInfo;
    return { host: found.address, port: found.port };
  }

  /** Stops accepting and closes the transports it gave out; resolves when all are gone. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    this.guard?.stop();
    const gone = new Promise<void>((resolve) => server.close(() => resolve()));
    const transports = [...this.transports];
    for (const transport of transports) transport.close();
    await Promise.all([gone, ...transports.map(({ closed }) => closed)]);
  }

  private readonly forget = (transport: StreamTransport) => void this.transports.delete(transport);

  private accept(socket: Socket): void {
    const remoteAddress = countedAddress(socket);
    if (this.options.isOpenTo?.(remoteAddress) === false) return void socket.resetAndDestroy();
    if (this.guard === null) return this.handOn(socket);
    const isSecure = this.guard.secure(socket);
    this.options.onHandshake?.({ remoteAddress, isSecure, drop: () => socket.destroy() });
  }

  private handOn(socket: Socket, names?: readonly string[]): void {
    const transport = tcpTransport(socket, names, this.forget);
    this.transports.add(transport);
    this.options.onTransport(transport);
  }
}
