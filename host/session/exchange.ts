/** What one fresh wire carries, a socket or an opening of the link: a session's bytes, within what strangers get. */
import type { Acceptor } from "../../shared/session/acceptor.ts";
import { Code } from "../../shared/session/codes.ts";
import { sessionDeadline, tickSession } from "../../shared/session/lifecycle.ts";
import { receiveBytes } from "../../shared/session/receive.ts";
import type { Carrier } from "./carrier.ts";
import type { HostSession, SessionSettings } from "./host-session.ts";

/** What a cable bounds, in bytes: what may be on its way to the board, and what the gateway takes. */
export interface WireLimits {
  window: number;
  rx: number;
  max: number;
}

/** The side of a session that this end of a wire has: the server's, or the client's. */
export interface SessionRole {
  /** A fresh wire. `settings` differ from the role's own on a cable, as `limits` do; null on a socket. */
  beginExchange(
    carrier: Carrier,
    settings: Partial<SessionSettings>,
    limits: WireLimits | null,
    now: number,
  ): Exchange;
}

/** What a peer gets until its hello, and its proof where one is demanded, are accepted (session part 4). */
export const ADMISSION_MS = 5000;
const ADMISSION_BYTES = 4096;

export abstract class Exchange {
  /** The session, once there is one and until this wire or the session is gone. */
  session: HostSession | null = null;
  /** Until the other side is admitted: when its time is over, and the bytes it has sent. */
  protected admitBy = Infinity;
  private unadmittedBytes = 0;

  constructor(protected readonly carrier: Carrier) {}

  /** Reads the request on the server's side; null once a session has answered it. */
  abstract readonly acceptor: Acceptor | null;

  /** Why the request was refused; 0 while it was not. */
  get refusal(): Code | 0 {
    return (this.acceptor?.refusal ?? 0) as Code | 0;
  }

  hear(bytes: Uint8Array, start: number, end: number, now: number): void {
    const { session } = this;
    if (session === null || start >= end) return;
    receiveBytes(session.session, bytes, start, end, now);
    if (session.isConfirmed) return;
    this.unadmittedBytes += end - start;
    if (this.unadmittedBytes > ADMISSION_BYTES) session.end(Code.ADMISSION_OVERDUE);
  }

  tick(now: number): void {
    const { session } = this;
    if (session === null) return;
    if (!session.isConfirmed && now >= this.admitBy) session.end(Code.ADMISSION_OVERDUE);
    else tickSession(session.session, now);
  }

  get deadline(): number {
    if (this.session === null) return Infinity;
    const deadline = sessionDeadline(this.session.session);
    return this.session.isConfirmed ? deadline : Math.min(deadline, this.admitBy);
  }

  /** The transport takes no more; only sync packets still leave. */
  block(): void {
    if (this.session !== null) this.session.session.blocked = true;
  }

  unblock(): void {
    this.session?.unblock();
  }

  /** All that was put out has been written, and more is taken. */
  flushed(): void {
    this.session?.tellWritable();
  }

  /** The wire is gone, and `why`; the session may go on over another. */
  end(why = ""): void {
    const session = this.session;
    this.session = null;
    session?.detach(this.carrier, why);
  }
}
