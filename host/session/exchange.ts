/**
 * What one fresh wire carries, a socket or an opening of the link: first the request, read by the acceptor, then the
 * session that it asked for (session §1).
 */
import { LinkLimit } from "../../shared/link/link.ts";
import {
  type Acceptor,
  type AcceptorHandler,
  acceptBytes,
  createAcceptor,
  tickAcceptor,
} from "../../shared/session/acceptor.ts";
import { Code } from "../../shared/session/codes.ts";
import { sessionDeadline, tickSession } from "../../shared/session/lifecycle.ts";
import { pump } from "../../shared/session/pump.ts";
import { receiveBytes } from "../../shared/session/receive.ts";
import { Limit } from "../../shared/session/state.ts";
import type { Carrier, ServerSession, SessionSettings } from "./server-session.ts";
import type { SessionServer } from "./session-server.ts";

/** What a cable bounds, in bytes: what may be on its way to the board, and what the gateway takes. */
export interface WireLimits {
  window: number;
  rx: number;
  max: number;
}

/** What a peer gets until its hello, and its proof where one is demanded, are accepted (session part 4). */
const ADMISSION_MS = 5000;
const ADMISSION_BYTES = 4096;

export class Exchange implements AcceptorHandler {
  /** The session, once one was asked for and until this wire or the session is gone. */
  session: ServerSession | null = null;
  /** Reads the request; null once a session has answered it. */
  acceptor: Acceptor | null;
  private isHoldingRefused = false;
  /** Until it is admitted: when its time is over, and the bytes it has sent. */
  private admitBy = Infinity;
  private unadmittedBytes = 0;

  /** `settings` differ from the server's on a cable, as `limits` do; null on a socket. */
  constructor(
    private readonly carrier: Carrier,
    private readonly server: SessionServer,
    private readonly settings: Partial<SessionSettings>,
    private readonly limits: WireLimits | null,
    now: number,
  ) {
    this.acceptor = createAcceptor(this, now);
  }

  hear(bytes: Uint8Array, start: number, end: number, now: number): void {
    const at = this.session === null ? this.accept(bytes, start, end, now) : start;
    const { session } = this;
    if (session === null || at >= end) return;
    receiveBytes(session.session, bytes, at, end, now);
    if (session.isConfirmed) return;
    this.unadmittedBytes += end - at;
    if (this.unadmittedBytes > ADMISSION_BYTES) session.end(Code.ADMISSION_OVERDUE);
  }

  tick(now: number): void {
    const { session } = this;
    if (session === null) {
      if (this.acceptor !== null) tickAcceptor(this.acceptor, now);
    } else if (!session.isConfirmed && now >= this.admitBy) session.end(Code.ADMISSION_OVERDUE);
    else tickSession(session.session, now);
  }

  get deadline(): number {
    if (this.session === null) return this.acceptor?.deadline ?? Infinity;
    const deadline = sessionDeadline(this.session.session);
    return this.session.isConfirmed ? deadline : Math.min(deadline, this.admitBy);
  }

  /** The transport takes no more; only sync packets still leave. */
  block(): void {
    if (this.session !== null) this.session.session.blocked = true;
  }

  unblock(): void {
    if (this.session === null) return;
    this.session.session.blocked = false;
    pump(this.session.session);
  }

  /** The wire is gone; the session may go on over another. */
  end(): void {
    this.releaseRefused();
    const session = this.session;
    this.session = null;
    session?.detach(this.carrier);
  }

  onOutput(bytes: Uint8Array, start: number, end: number): void {
    this.carrier.output(bytes, start, end);
  }

  onRequest(bytes: Uint8Array, start: number, end: number): boolean {
    const { server, carrier } = this;
    const id = bytes.slice(start, end);
    this.session = id.length === 0 ? server.create(carrier, this.settings) : server.resume(id, carrier);
    if (this.session === null) return false;
    this.setWindows(this.session);
    return true;
  }

  onRefused(): number {
    const delay = this.server.holdRefused();
    this.isHoldingRefused = delay > 0;
    return delay;
  }

  onDisconnect(code: Code): void {
    this.releaseRefused();
    this.carrier.drop(code);
  }

  private accept(bytes: Uint8Array, start: number, end: number, now: number): number {
    if (this.acceptor === null) return end;
    const at = acceptBytes(this.acceptor, bytes, start, end, now);
    if (this.acceptor.taken) this.acceptor = null;
    // On a cable it is slow boards that are late, not strangers: their session's own short life bounds them.
    if (this.session !== null && !this.carrier.wire.isCable) this.admitBy = now + ADMISSION_MS;
    return at;
  }

  /** A serial line bounds what may be on its way (session part 3); a socket does it by itself. */
  private setWindows(session: ServerSession): void {
    const s = session.session;
    if (this.limits === null) {
      s.maxInFlight = Limit.NONE;
      s.window = session.peerRx;
      return;
    }
    s.maxInFlight = LinkLimit.PACKETS_IN_FLIGHT;
    s.syncCount = LinkLimit.PACKETS_IN_FLIGHT / 2;
    s.window = Math.min(this.limits.window, session.peerRx);
    session.limitTo(this.limits.rx, this.limits.max);
  }

  private releaseRefused(): void {
    if (this.isHoldingRefused) this.server.releaseRefused();
    this.isHoldingRefused = false;
  }
}
