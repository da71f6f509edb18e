/** The server's side of a fresh wire: first the request, read by the acceptor, then the session that it asked for (session §1). */
import { LinkLimit } from "../../shared/link/link.ts";
import {
  type Acceptor,
  type AcceptorHandler,
  acceptBytes,
  createAcceptor,
  tickAcceptor,
} from "../../shared/session/acceptor.ts";
import { Code } from "../../shared/session/codes.ts";
import { Limit } from "../../shared/session/state.ts";
import type { Carrier } from "./carrier.ts";
import { ADMISSION_MS, Exchange, type WireLimits } from "./exchange.ts";
import type { SessionSettings } from "./host-session.ts";
import type { ServerSession } from "./server-session.ts";
import type { SessionServer } from "./session-server.ts";

export class ServerExchange extends Exchange implements AcceptorHandler {
  acceptor: Acceptor | null;
  private isHoldingRefused = false;

  constructor(
    carrier: Carrier,
    private readonly server: SessionServer,
    private readonly settings: Partial<SessionSettings>,
    private readonly limits: WireLimits | null,
    now: number,
  ) {
    super(carrier);
    this.acceptor = createAcceptor(this, now);
  }

  override hear(bytes: Uint8Array, start: number, end: number, now: number): void {
    super.hear(bytes, this.session === null ? this.accept(bytes, start, end, now) : start, end, now);
  }

  override tick(now: number): void {
    if (this.session !== null) super.tick(now);
    else if (this.acceptor !== null) tickAcceptor(this.acceptor, now);
  }

  override get deadline(): number {
    return this.session === null ? (this.acceptor?.deadline ?? Infinity) : super.deadline;
  }

  override end(why = ""): void {
    this.releaseRefused();
    super.end(why);
  }

  onOutput(bytes: Uint8Array, start: number, end: number): void {
    this.carrier.output(bytes, start, end);
  }

  onRequest(bytes: Uint8Array, start: number, end: number): boolean {
    const { server, carrier } = this;
    const id = bytes.slice(start, end);
    const session = id.length === 0 ? server.create(carrier, this.settings) : server.resume(id, carrier);
    this.session = session;
    if (session === null) return false;
    this.setWindows(session);
    return true;
  }

  onRefused(): number {
    if (this.refusal === Code.VERSION_UNSUPPORTED) this.server.tally.notResumed("version");
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
