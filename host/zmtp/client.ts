/** What clients of all sorts of socket have in common: one connection at a time, tried again for ever. */
import { Backoff } from "../platform/backoff.ts";
import { type DialOptions, dialTcp } from "../transports/dial-tcp.ts";
import type { Transport } from "../transports/transport.ts";
import { Backlog } from "./backlog.ts";
import { type ConnectionOwner, type ConnectionRole, type SocketType, ZmtpConnection } from "./connection.ts";
import { encodeReady, type PropertyValues } from "./encoder.ts";
import type { ZmtpFault } from "./fault.ts";
import { defaultLimits, type ZmtpLimits } from "./limits.ts";

export interface ClientOptions {
  host: string;
  port: number;
  tls?: DialOptions["tls"];
  /** Told in our READY. */
  properties?: PropertyValues;
  limits?: Partial<ZmtpLimits>;
  /** At each change, and at the first failure. `why`: it is not connected. */
  onState?(isConnected: boolean, why: string): void;
  /** The server said what it must not: its connection is ended, and tried again. */
  onFault?(fault: ZmtpFault): void;
}

export interface ClientEvents {
  /** READY was said; what waited leaves after this call, and what is sent in it behind that. */
  onReady?(connection: ZmtpConnection): void;
  onMessage?(parts: readonly Uint8Array[]): void;
  /** How often the server is to be heard; only where it reads at all times, for else it cannot answer. */
  heartbeatMs?: number;
}

/** A hub that restarts is back within a second; a thousand components must not stand before its door all the time. */
const waits = { leastMs: 30, mostMs: 2000 };
/** A server is heard so often, ms: one that went without a word, its power cut, is known within twice of it. */
export const HEARTBEAT_MS = 15_000;
/** PING asks for no time after which we would be given up. */
const PING_BODY = new Uint8Array(2);

export class ZmtpClient implements ConnectionOwner<ZmtpConnection> {
  readonly backlog: Backlog;
  private readonly limits: ZmtpLimits;
  private readonly role: ConnectionRole;
  private readonly backoff = new Backoff(() => waits, Math.random);
  private connection: ZmtpConnection | null = null;
  private abort = new AbortController();
  private retryTimer: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private readyAt = 0;
  private isStarted = false;
  private isPaused = false;
  private told: boolean | undefined;
  private whenDrained: (() => void)[] = [];
  private whenClosed: (() => void)[] = [];

  constructor(
    type: SocketType,
    accepts: readonly string[],
    private readonly options: ClientOptions,
    private readonly events: ClientEvents,
  ) {
    this.limits = { ...defaultLimits, ...options.limits };
    this.role = { accepts, ready: encodeReady(type, options.properties) };
    this.backlog = new Backlog(this.limits);
  }

  get isConnected(): boolean {
    return this.connection?.isOpen === true;
  }

  start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    this.abort = new AbortController();
    void this.dial();
  }

  /** What waits has so long to leave; how many messages did not. */
  async stop(lingerMs: number): Promise<number> {
    if (!this.isStarted) return this.backlog.length;
    if (this.backlog.length > 0 && lingerMs > 0) await this.linger(lingerMs);
    this.isStarted = false;
    this.abort.abort();
    clearTimeout(this.retryTimer);
    if (this.connection !== null) {
      const closed = new Promise<void>((resolve) => this.whenClosed.push(resolve));
      this.connection.close("this end stops");
      await closed;
    }
    this.tellDrained();
    return this.backlog.length;
  }

  /** False: more waits than may; it was not taken. Kept while there is no connection. */
  send(message: Uint8Array): boolean {
    const { connection } = this;
    return connection?.isOpen === true ? connection.send(message) : this.backlog.push(message);
  }

  /** For what makes sense on this connection alone: without one, nothing is done. */
  sendNow(message: Uint8Array): void {
    if (this.connection?.isOpen === true) this.connection.send(message);
  }

  /** Resolves when nothing waits for the socket any more, and when it stops. */
  whenSent(): Promise<void> {
    if (this.backlog.length === 0) return Promise.resolve();
    return new Promise((resolve) => void this.whenDrained.push(resolve));
  }

  /** Nothing more is read until resume(); what a chunk that is being read still holds is delivered. */
  pause(): void {
    this.isPaused = true;
    this.connection?.pause();
  }

  resume(): void {
    this.isPaused = false;
    if (this.connection === null) return;
    this.connection.isHeard = true; // what it said meanwhile is still to be read
    this.connection.resume();
  }

  onReady(connection: ZmtpConnection): void {
    this.readyAt = performance.now();
    this.beat(connection);
    if (this.isPaused) connection.pause();
    this.events.onReady?.(connection);
    this.tell(true, "");
  }

  onMessage(connection: ZmtpConnection, parts: readonly Uint8Array[]): void {
    if (this.events.onMessage !== undefined) return this.events.onMessage(parts);
    const text = `reading: a message of a ${connection.socketType} socket; allowed are none`;
    connection.fail({ code: "UNEXPECTED_MESSAGE", text });
  }

  onCommand(connection: ZmtpConnection): void {
    connection.unknownCommands++;
  }

  onFault(_connection: ZmtpConnection, fault: ZmtpFault): void {
    this.options.onFault?.(fault);
  }

  onDrained(): void {
    this.tellDrained();
  }

  onClosed(connection: ZmtpConnection, reason: string): void {
    clearInterval(this.heartbeat);
    this.connection = null;
    for (const resolve of this.whenClosed.splice(0)) resolve();
    if (connection.isReady && performance.now() - this.readyAt > waits.mostMs) this.backoff.reset();
    this.tell(false, reason);
    this.retry();
  }

  private async dial(): Promise<void> {
    const { host, port, tls } = this.options;
    const { signal } = this.abort;
    try {
      const transport = await dialTcp({ host, port, signal, ...(tls !== undefined && { tls }) });
      if (signal.aborted) return transport.close();
      this.attach(transport);
    } catch (error) {
      if (signal.aborted) return;
      this.tell(false, (error as Error).message);
      this.retry();
    }
  }

  private attach(transport: Transport): void {
    const { role, limits, backlog } = this;
    this.connection = new ZmtpConnection(transport, role, limits, this, backlog, null);
    this.connection.start();
  }

  private retry(): void {
    if (this.isStarted) this.retryTimer = setTimeout(() => void this.dial(), this.backoff.next());
  }

  private beat(connection: ZmtpConnection): void {
    const { heartbeatMs } = this.events;
    if (heartbeatMs === undefined) return;
    this.heartbeat = setInterval(() => {
      if (this.isPaused) return;
      if (!connection.isHeard) {
        const text = `waiting for PONG: nothing within ${heartbeatMs} ms`;
        return connection.fail({ code: "SILENT", text });
      }
      connection.isHeard = false;
      connection.sendCommand("PING", PING_BODY);
    }, heartbeatMs);
  }

  private async linger(lingerMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lingerMs);
    });
    await Promise.race([this.whenSent(), over]);
    clearTimeout(timer);
  }

  private tell(isConnected: boolean, why: string): void {
    if (this.told === isConnected) return;
    this.told = isConnected;
    this.options.onState?.(isConnected, why);
  }

  private tellDrained(): void {
    for (const resolve of this.whenDrained.splice(0)) resolve();
  }
}
