/**
 * The run loop: one transport, at most one session at a time, one timer (architecture §4).
 *
 *   TCP      chunk ─▶ acceptor, then session                    for as long as the socket lives
 *   serial   chunk ─▶ link ─bytes─▶ acceptor, then session      anew for every opening of the link
 *
 * Losing the transport or the link ends what it carried here, never the session.
 */
import { Break, Frame } from "../../shared/link/frame.ts";
import type { Link } from "../../shared/link/link.ts";
import { createLink, LinkLimit } from "../../shared/link/link.ts";
import { breakLink, linkDeadline, receiveChunk, tickLink } from "../../shared/link/receive-frame.ts";
import { flushLink, sendBytes } from "../../shared/link/send-frame.ts";
import type { Acceptor } from "../../shared/session/acceptor.ts";
import { acceptBytes, createAcceptor, tickAcceptor } from "../../shared/session/acceptor.ts";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import { sessionDeadline, tickSession } from "../../shared/session/lifecycle.ts";
import { pump } from "../../shared/session/pump.ts";
import { receiveBytes } from "../../shared/session/receive.ts";
import { Limit } from "../../shared/session/state.ts";
import type { Clock } from "../platform/clock.ts";
import { nodeEngine } from "../platform/engine.ts";
import type { Log } from "../platform/log.ts";
import type { Transport, TransportHandler } from "../transports/transport.ts";
import { Outbox } from "./outbox.ts";
import type { Carrier, ServerSession, SessionSettings } from "./server-session.ts";
import type { SessionServer } from "./session-server.ts";

/** Two largest frames with every byte escaped, and a chunk. */
const LINK_BUFFER_BYTES = 4096;

export interface LinkSettings {
  interByteTimeoutMs: number;
  syncIntervalMaxMs: number;
}

export class Connection implements Carrier, TransportHandler {
  readonly name: string;
  readonly remoteAddress: string;
  readonly link: Link | null;
  private acceptor: Acceptor | null = null;
  private current: ServerSession | null = null;
  private readonly outbox: Outbox;
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Infinity;
  private isSettling = false;
  private isHoldingRefused = false;
  private isOver = false;

  constructor(
    private readonly transport: Transport,
    private readonly server: SessionServer,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly linkSettings: LinkSettings | null,
    private readonly onOver: (connection: Connection) => void,
  ) {
    this.name = transport.name;
    this.remoteAddress = transport.remoteAddress;
    this.outbox = new Outbox(transport);
    this.link = linkSettings === null ? null : this.createLink(linkSettings);
  }

  /** The session it carries now. */
  get session(): ServerSession | null {
    return this.current;
  }

  start(): void {
    if (this.link === null) this.beginExchange();
    this.transport.start(this);
    this.settle();
  }

  stop(): void {
    this.settleNow();
    this.transport.close();
  }

  onChunk(chunk: Uint8Array): void {
    const now = this.clock.now();
    if (this.link === null) this.hear(chunk, 0, chunk.length, now);
    else receiveChunk(this.link, chunk, now);
    this.settleNow();
  }

  onDrain(): void {
    const session = this.current?.session;
    if (session === undefined) return;
    session.blocked = false;
    pump(session);
    this.settleNow();
  }

  onClose(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.endExchange();
    this.log.info({ via: this.name, reason }, "connection over");
    this.onOver(this);
  }

  output(bytes: Uint8Array, start: number, end: number): void {
    if (this.link === null) this.outbox.append(bytes, start, end);
    else sendBytes(this.link, bytes, start, end, this.clock.now());
  }

  settle(): void {
    if (this.isSettling || this.isOver) return;
    this.isSettling = true;
    queueMicrotask(() => this.settleNow());
  }

  /** The session wants no more of this connection: what it said last still leaves. */
  drop(code: Code): void {
    this.current = null;
    if (this.link === null) {
      this.flush();
      this.transport.close();
    } else {
      this.acceptor = null;
      flushLink(this.link, this.clock.now());
      breakLink(this.link, code === Code.DEAD ? Break.TIMEOUT : Break.ASKED, this.clock.now());
      this.settle();
    }
    if (code !== Code.CLOSED) this.log.info({ via: this.name, code: codeName(code) }, "connection dropped");
  }

  private hear(bytes: Uint8Array, start: number, end: number, now: number): void {
    let at = start;
    if (this.current === null && this.acceptor !== null)
      at = acceptBytes(this.acceptor, bytes, start, end, now);
    if (this.current !== null && at < end) receiveBytes(this.current.session, bytes, at, end, now);
  }

  /** A fresh wire: the next bytes are a request. */
  private beginExchange(): void {
    this.current = null;
    this.acceptor = createAcceptor(
      {
        onOutput: (bytes, start, end) => this.output(bytes, start, end),
        onRequest: (bytes, start, end) => this.request(bytes.slice(start, end)),
        onRefused: () => this.holdRefused(),
        onDisconnect: (code) => this.refuse(code),
      },
      this.clock.now(),
    );
  }

  private request(id: Uint8Array): boolean {
    const session =
      id.length === 0 ? this.server.create(this, this.sessionOverrides()) : this.server.resume(id, this);
    if (session === null) return false;
    this.current = session;
    this.setWindows(session);
    return true;
  }

  private holdRefused(): number {
    const delay = this.server.holdRefused();
    this.isHoldingRefused = delay > 0;
    return delay;
  }

  private refuse(code: number): void {
    this.releaseRefused();
    this.drop(code);
  }

  private endExchange(): void {
    this.releaseRefused();
    this.acceptor = null;
    const session = this.current;
    this.current = null;
    session?.detach(this);
  }

  private releaseRefused(): void {
    if (this.isHoldingRefused) this.server.releaseRefused();
    this.isHoldingRefused = false;
  }

  private sessionOverrides(): Partial<SessionSettings> {
    return this.linkSettings === null ? {} : { syncIntervalMaxMs: this.linkSettings.syncIntervalMaxMs };
  }

  /** A serial line bounds what may be on its way (session part 3); a socket does it by itself. */
  private setWindows(session: ServerSession): void {
    const s = session.session;
    if (this.link === null) {
      s.maxInFlight = Limit.NONE;
      s.window = Limit.NONE;
      return;
    }
    s.maxInFlight = LinkLimit.PACKETS_IN_FLIGHT;
    s.syncCount = LinkLimit.PACKETS_IN_FLIGHT / 2;
    s.window = Math.min(this.link.peerRx, LinkLimit.BYTES_IN_FLIGHT);
    session.limitTo(this.link.rx, this.link.max);
  }

  private createLink(settings: LinkSettings): Link {
    const link = createLink(
      false,
      0,
      nodeEngine,
      {
        onWrite: (bytes, start, end) => this.outbox.append(bytes, start, end),
        onOpened: () => this.beginExchange(),
        onBroken: (reason) => {
          this.log.info({ via: this.name, reason: String.fromCharCode(reason) }, "link broken");
          this.endExchange();
        },
        onData: (bytes, start, end) => this.hear(bytes, start, end, this.clock.now()),
        onLog: (bytes, start, end) =>
          this.log.info(
            { via: this.name, text: Buffer.from(bytes.slice(start, end)).toString("latin1") },
            "board says",
          ),
        onRepl: () => {},
      },
      new Uint8Array(LINK_BUFFER_BYTES),
      Frame.MAX_PAYLOAD,
    );
    link.interByteTimeout = settings.interByteTimeoutMs;
    link.rx = LinkLimit.BYTES_IN_FLIGHT;
    link.max = LinkLimit.BYTES_IN_FLIGHT - 9;
    return link;
  }

  private settleNow(): void {
    this.isSettling = false;
    if (this.isOver) return;
    this.flush();
    this.armTimer();
  }

  private flush(): void {
    if (this.link !== null) flushLink(this.link, this.clock.now());
    if (!this.outbox.flush() && this.current !== null) this.current.session.blocked = true;
  }

  private deadline(): number {
    const link = this.link === null ? Infinity : linkDeadline(this.link);
    const exchange =
      this.current !== null
        ? sessionDeadline(this.current.session)
        : this.acceptor !== null
          ? this.acceptor.deadline
          : Infinity;
    return Math.min(link, exchange);
  }

  /** One timer, never later than the deadline. It is not moved when the deadline moves away: it looks again. */
  private armTimer(): void {
    const deadline = this.deadline();
    if (deadline >= this.timerAt) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timerAt = deadline;
    this.timer = setTimeout(() => this.onTimer(), Math.max(0, deadline - this.clock.now()));
  }

  private onTimer(): void {
    this.timer = null;
    this.timerAt = Infinity;
    const now = this.clock.now();
    if (this.link !== null) tickLink(this.link, now);
    if (this.current !== null) tickSession(this.current.session, now);
    else if (this.acceptor !== null) tickAcceptor(this.acceptor, now);
    this.settleNow();
  }
}
