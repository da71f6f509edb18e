/**
 * All sessions of the gateway: makes new ones, finds those that are resumed, ends those nobody came back for, and
 * bounds what the unconfirmed may hold (session §1, D7–D10).
 */
import { hash, randomBytes } from "node:crypto";
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import { tickSession } from "../../shared/session/lifecycle.ts";
import { Phase } from "../../shared/session/state.ts";
import type { Clock } from "../platform/clock.ts";
import type { Carrier } from "./carrier.ts";
import type { Exchange, SessionRole, WireLimits } from "./exchange.ts";
import type { SessionSettings } from "./host-session.ts";
import { ServerExchange } from "./server-exchange.ts";
import { ServerSession } from "./server-session.ts";
import type { SessionOwner } from "./session-owner.ts";
import { SessionTally } from "./session-tally.ts";
import type { Wire } from "./wire.ts";

const SESSION_ID_BYTES = 16;
/** Sessions without an accepted hello: in all, of one remote address, and how long after their last connection (D9). */
const MAX_UNCONFIRMED = 100;
const MAX_UNCONFIRMED_PER_ADDRESS = 4;
const UNCONFIRMED_LIFE_MS = 10_000;
/** Refused connections that are held for the random time; more are closed at once (D8). */
const MAX_REFUSED = 100;
const REFUSAL_MIN_MS = 500;
const REFUSAL_MAX_MS = 3000;
const SWEEP_MS = 1000;

export class SessionServer implements SessionRole {
  private readonly sessions = new Map<string, ServerSession>();
  /** Those of which no hello was accepted when they were last looked at: a new one looks at these, not at all there are. */
  private readonly unconfirmed = new Set<ServerSession>();
  /** Ids are found by a keyed hash, so that the time a look-up takes tells nothing of them (D7). */
  private readonly key = randomBytes(32);
  private sweeper: NodeJS.Timeout | null = null;
  private refused = 0;
  private created = 0;

  constructor(
    private readonly settings: SessionSettings,
    private readonly clock: Clock,
    /** Whoever waits for the hello of a new session. */
    private readonly greeter: (session: ServerSession) => SessionOwner,
    /** Whether what a request shows may take a session over; asked also when there is none, to take as long (D7). */
    private readonly mayResume: (
      session: ServerSession | undefined,
      shown: Uint8Array,
      wire: Wire,
    ) => boolean = (_, { length }) => length === SESSION_ID_BYTES,
    readonly tally = new SessionTally(),
  ) {}

  start(): void {
    this.sweeper = setInterval(() => this.sweep(this.clock.now()), SWEEP_MS);
    this.sweeper.unref();
  }

  /** Ends all sessions in agreement where they have a connection. */
  stop(): void {
    if (this.sweeper !== null) clearInterval(this.sweeper);
    for (const session of this.sessions.values()) session.close();
  }

  beginExchange(
    carrier: Carrier,
    settings: Partial<SessionSettings>,
    limits: WireLimits | null,
    now: number,
  ): Exchange {
    return new ServerExchange(carrier, this, settings, limits, now);
  }

  all(): IterableIterator<ServerSession> {
    return this.sessions.values();
  }

  /** A new session on `carrier`, or null when strangers hold too many. `overrides`: a cable has its own heartbeat. */
  create(carrier: Carrier, overrides: Partial<SessionSettings>): ServerSession | null {
    if (!this.makeRoom(carrier.remoteAddress, carrier.name)) return null;
    const settings = { ...this.settings, ...overrides };
    const id = randomBytes(SESSION_ID_BYTES);
    const session = new ServerSession(id, ++this.created, settings, this.clock, this.onEnded, this.tally);
    session.setOwner(this.greeter(session));
    this.sessions.set(this.keyOf(id), session);
    this.unconfirmed.add(session);
    session.attach(carrier, true);
    return session;
  }

  /**
   * The session that `shown` asks for, an id alone or with a proof, taken over by `carrier`, the newest (D10); null when
   * there is none, or none for this one.
   */
  resume(shown: Uint8Array, carrier: Carrier): ServerSession | null {
    const session = this.sessions.get(this.keyOf(shown.subarray(0, SESSION_ID_BYTES)));
    if (!this.mayResume(session, shown, carrier.wire) || session === undefined) {
      this.tally.notResumed(session === undefined ? "unknown" : "auth");
      return null;
    }
    const older = session.carrier;
    if (older !== null) {
      session.detach(older, codeName(Code.REPLACED));
      older.drop(Code.REPLACED);
    }
    if (session.session.phase === Phase.ENDED) {
      this.tally.notResumed("unknown"); // it died with its connection (D12)
      return null;
    }
    session.attach(carrier, false);
    return session;
  }

  /** ms to hold a connection that was refused, 0 when too many are held already (D8). */
  holdRefused(): number {
    if (this.refused >= MAX_REFUSED) return 0;
    this.refused++;
    return REFUSAL_MIN_MS + Math.random() * (REFUSAL_MAX_MS - REFUSAL_MIN_MS);
  }

  releaseRefused(): void {
    this.refused--;
  }

  private readonly onEnded = (ended: ServerSession) => {
    this.sessions.delete(this.keyOf(ended.id));
    this.unconfirmed.delete(ended);
  };

  private keyOf(id: Uint8Array): string {
    return hash("sha256", Buffer.concat([this.key, id]), "binary");
  }

  /** Ends what nobody came back for; its own timer calls it every second. */
  sweep(now: number): void {
    for (const session of this.sessions.values()) {
      // `since` is the last connection's end, or its beginning: one that never says hello is not kept either.
      if (!session.isConfirmed && now - session.session.since > UNCONFIRMED_LIFE_MS)
        session.end(Code.EXPIRED);
      else if (session.session.phase === Phase.DETACHED) tickSession(session.session, now);
    }
  }

  /** Ends detached unconfirmed sessions, the oldest first, until one more is within the caps (D9). False: it is not. */
  private makeRoom(address: string, name: string): boolean {
    for (const session of this.unconfirmed) if (session.isConfirmed) this.unconfirmed.delete(session);
    const unconfirmed = [...this.unconfirmed];
    if (!endOldest(unconfirmed, MAX_UNCONFIRMED)) return false;
    if (name.startsWith("serial ")) {
      return endOldest(
        unconfirmed.filter((s) => s.via === name),
        1,
      );
    }
    const sameAddress = unconfirmed.filter((s) => s.remoteAddress === address);
    return address === "" || endOldest(sameAddress, MAX_UNCONFIRMED_PER_ADDRESS);
  }
}

/** Whether there is room for one more below `cap`, after ending as many detached ones as it takes. */
function endOldest(among: ServerSession[], cap: number): boolean {
  const live = among.filter((s) => s.session.phase !== Phase.ENDED);
  const detached = live.filter((s) => s.carrier === null).sort((a, b) => a.session.since - b.session.since);
  const excess = live.length - cap + 1;
  for (const session of detached.slice(0, Math.max(0, excess))) session.end(Code.TOO_MANY);
  return excess <= detached.length;
}
