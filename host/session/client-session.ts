/**
 * A session that this gateway asked another for: over each connection it asks for itself again, until it is told that it
 * is no more, or was away for so long that it must be (session §1.3, §2).
 */
import { counterBytes, Proof, resumeText } from "../../shared/proof.ts";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import { connectSession } from "../../shared/session/lifecycle.ts";
import { Phase, type Session } from "../../shared/session/state.ts";
import type { Clock } from "../platform/clock.ts";
import type { Carrier } from "./carrier.ts";
import { ClientExchange } from "./client-exchange.ts";
import type { Exchange, SessionRole } from "./exchange.ts";
import { HostSession, NOTHING, type SessionSettings } from "./host-session.ts";
import { SessionTally } from "./session-tally.ts";

/** Bytes of an HMAC-SHA256 of `text`, one character a byte, with the key that both sides have. */
export type Mac = (text: string) => Uint8Array;

export class ClientSession extends HostSession implements SessionRole {
  private expiry: NodeJS.Timeout | null = null;

  constructor(
    settings: SessionSettings,
    clock: Clock,
    private readonly onEnded: (session: ClientSession, code: Code) => void,
    /** With it a request shows more than the id, and each shows something else (D7); null: there is no key. */
    mac: Mac | null = null,
    tally = new SessionTally(),
  ) {
    super(true, NOTHING, settings, clock, tally);
    if (mac !== null) this.session.resumeId = (session) => this.resumeId(session, mac);
  }

  /** Empty until the other side has given it. */
  get id(): Uint8Array {
    return this.session.id;
  }

  beginExchange(carrier: Carrier): Exchange {
    return new ClientExchange(carrier, this);
  }

  /** A new connection stands: it asks for the session, and an older one is not heard any more. */
  connect(carrier: Carrier): void {
    this.stopExpiry();
    const older = this.carrier;
    if (older !== null) {
      super.detach(older, codeName(Code.REPLACED));
      older.drop(Code.REPLACED);
    }
    if (this.session.phase === Phase.ENDED) return; // it died with its connection (D12)
    this.carryBy(carrier);
    connectSession(this.session, this.clock.now());
  }

  override detach(carrier: Carrier, why = ""): void {
    super.detach(carrier, why);
    this.armExpiry();
  }

  override onDisconnect(code: Code): void {
    super.onDisconnect(code);
    this.armExpiry();
  }

  protected over(code: Code): void {
    this.stopExpiry();
    if (code === Code.SESSION_UNKNOWN) this.tally.notResumed("unknown");
    else if (code === Code.VERSION_UNSUPPORTED) this.tally.notResumed("version");
    this.onEnded(this, code);
  }

  /** Whoever would know it has forgotten it by then: what was on its way may go over another. */
  private armExpiry(): void {
    if (this.session.phase !== Phase.DETACHED || this.carrier !== null) return;
    this.stopExpiry();
    const { sessionExpire } = this.session;
    this.expiry = setTimeout(() => this.end(Code.EXPIRED), sessionExpire * 1000);
    this.expiry.unref();
  }

  private stopExpiry(): void {
    if (this.expiry !== null) clearTimeout(this.expiry);
    this.expiry = null;
  }

  private resumeId(session: Session, mac: Mac): Uint8Array {
    if (session.id.length === 0) return session.id; // it asks for a new one
    const counter = counterBytes(++session.resumes);
    const id = Buffer.from(session.id);
    const proof = mac(resumeText(id.toString("latin1"), counter)).subarray(0, Proof.RESUME_MAC_SIZE);
    return Buffer.concat([id, Buffer.from(counter, "latin1"), proof]);
  }
}
