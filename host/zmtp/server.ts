/** What servers of all sorts of socket have in common: the port, who is connected, and what was counted. */
import { TcpListener } from "../transports/tcp-listener.ts";
import type { TlsMaterial } from "../transports/tls-files.ts";
import type { Transport } from "../transports/transport.ts";
import { Backlog } from "./backlog.ts";
import { Budget } from "./budget.ts";
import {
  type ChunkReader,
  type ConnectionOwner,
  type ConnectionRole,
  type SocketType,
  ZmtpConnection,
} from "./connection.ts";
import { encodeReady, type PropertyValues } from "./encoder.ts";
import type { ZmtpFault } from "./fault.ts";
import { defaultLimits, type ZmtpLimits } from "./limits.ts";
import type { ZmtpPeer } from "./peer.ts";

/**
 * A peer whose machine lost its power or its network says nothing, and nor do most that are well: the kernel asks. Then
 * what a worker had is given to another one, and a reader costs no memory.
 */
const KEEP_ALIVE_MS = 30_000;

export interface ServerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** The configuration key of the port, for the error. */
  setting: string;
  tls?: TlsMaterial;
  limits?: Partial<ZmtpLimits>;
  /** Told in our READY. */
  properties?: PropertyValues;
  onPeer?(peer: ZmtpPeer): void;
  /** One that onPeer told of. */
  onGone?(peer: ZmtpPeer): void;
  /** A connection that was ended for what it said. */
  onFault(fault: ZmtpFault, peer: ZmtpPeer): void;
  /** A connection could not be accepted (too many open files); listening goes on. */
  onAcceptError?(error: Error): void;
}

/** Since the start. */
export interface ServerCounts {
  accepted: number;
  /** Above the limit of connections. */
  refused: number;
  acceptErrors: number;
  faults: number;
  messagesIn: number;
  messagesOut: number;
  /** What slow or absent readers did not get. */
  dropped: number;
}

export interface ServerEvents extends Partial<ConnectionOwner<ZmtpConnection>> {
  reader?: ChunkReader;
}

export class ZmtpServer implements ConnectionOwner<ZmtpConnection> {
  readonly limits: ZmtpLimits;
  readonly counts: ServerCounts = {
    ...{ accepted: 0, refused: 0, acceptErrors: 0, faults: 0 },
    ...{ messagesIn: 0, messagesOut: 0, dropped: 0 },
  };
  private readonly listener: TcpListener;
  private readonly role: ConnectionRole;
  private readonly connections = new Set<ZmtpConnection>();
  private readonly unfinished: Budget;
  private readonly pending: Budget;
  /** TLS handshakes that run. */
  private handshakes = 0;

  constructor(
    type: SocketType,
    accepts: readonly string[],
    private readonly options: ServerOptions,
    private readonly events: ServerEvents,
  ) {
    const { host, port, setting, tls, limits, properties } = options;
    this.limits = { ...defaultLimits, ...limits };
    this.unfinished = new Budget(this.limits.unfinishedBytes);
    this.pending = new Budget(this.limits.allPendingBytes, () => this.endSlowest());
    this.role = { accepts, ready: encodeReady(type, properties) };
    this.listener = new TcpListener({
      ...{ host, port, setting, keepAliveMs: KEEP_ALIVE_MS, ...(tls !== undefined && { tls }) },
      onTransport: (transport) => this.accept(transport),
      onHandshake: ({ isSecure }) => {
        this.handshakes++;
        void isSecure.then(() => this.handshakes--);
      },
      isOpenTo: () => this.isOpen(),
      onAcceptError: (error) => {
        this.counts.acceptErrors++;
        options.onAcceptError?.(error);
      },
    });
  }

  start(): Promise<{ host: string; port: number }> {
    return this.listener.start();
  }

  /** What was sent leaves, what waits does not. */
  async stop(): Promise<void> {
    for (const connection of this.connections) connection.close("this end stops");
    await this.listener.stop();
  }

  /** Connections that have said READY, and are not being closed. */
  peers(): ZmtpConnection[] {
    return [...this.connections].filter(({ isOpen }) => isOpen);
  }

  /** Takes over a connection, also one that came another way than through the port. */
  accept(transport: Transport): void {
    // Where there is an authority only those whom it knows are heard: the mechanism NULL proves nothing by itself.
    if (this.options.tls?.ca !== undefined && (transport.names ?? []).length === 0) {
      this.counts.refused++;
      this.options.onAcceptError?.(new Error(`${transport.name} showed no certificate of the authority`));
      return transport.close();
    }
    this.counts.accepted++;
    const { role, limits } = this;
    const reader = this.events.reader ?? null;
    const backlog = new Backlog(limits, this.pending);
    const connection = new ZmtpConnection(transport, role, limits, this, backlog, reader, this.unfinished);
    this.connections.add(connection);
    connection.start();
  }

  onReady(connection: ZmtpConnection): void {
    this.events.onReady?.(connection);
    this.options.onPeer?.(connection);
  }

  onMessage(connection: ZmtpConnection, parts: readonly Uint8Array[]): void {
    this.counts.messagesIn++;
    if (this.events.onMessage !== undefined) return this.events.onMessage(connection, parts);
    const text = `reading: a message of a ${connection.socketType} socket; allowed are none`;
    connection.fail({ code: "UNEXPECTED_MESSAGE", text });
  }

  onCommand(connection: ZmtpConnection, name: string, body: Uint8Array): void {
    if (this.events.onCommand !== undefined) this.events.onCommand(connection, name, body);
    else connection.unknownCommands++;
  }

  onFault(connection: ZmtpConnection, fault: ZmtpFault): void {
    this.counts.faults++;
    this.options.onFault(fault, connection);
  }

  onClosed(connection: ZmtpConnection, reason: string): void {
    this.connections.delete(connection);
    connection.forgetWaiting();
    this.events.onClosed?.(connection, reason);
    if (connection.isReady) this.options.onGone?.(connection);
  }

  /** Room for what waits for others; false: nothing waits for anybody. */
  private endSlowest(): boolean {
    let slowest: ZmtpConnection | null = null;
    for (const one of this.connections) if (one.waitingBytes > (slowest?.waitingBytes ?? 0)) slowest = one;
    if (slowest === null) return false;
    const text = `writing: ${slowest.waitingBytes} bytes wait for it, beside others'; allowed is what they leave`;
    slowest.forgetWaiting();
    slowest.fail({ code: "STANDS_STILL", text });
    return true;
  }

  private isOpen(): boolean {
    const isOpen = this.connections.size + this.handshakes < this.limits.connections;
    if (!isOpen) this.counts.refused++;
    return isOpen;
  }
}
