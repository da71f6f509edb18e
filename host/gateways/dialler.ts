/**
 * Keeps the connection to one other gateway where it is this one's to make: it tries, waits longer each time, and goes on
 * with the session it has for as long as the other side knows that (iotgw §9).
 *
 *              due                      connected                      gone
 *   WAITING ────────▶ CONNECTING ───────────────────▶ CARRYING ─────────────────▶ WAITING
 *      ▲                   │ no address answers
 *      └───────────────────┘
 *   and nothing is due while the pair has a connection that is the other's.
 */
import { Code } from "../../shared/session/codes.ts";
import { Backoff, type Waits } from "../platform/backoff.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { ClientSession } from "../session/client-session.ts";
import { Connection } from "../session/connection.ts";
import type { LinkTally } from "../session/link-tally.ts";
import type { Wire } from "../session/wire.ts";
import type { Transport } from "../transports/transport.ts";

/** A connection that stood so long, ms, was stable: the next wait begins small again (iotgw §9). */
const STABLE_MS = 30_000;
/** The higher id leaves it so long, ms, to the lower one to connect: two heartbeats. */
const PATIENCE_MS = 10_000;

export type DialPolicy = "auto" | "always" | "never";

/** Where it may be: each connects, or rejects in words. */
export type Address = (signal: AbortSignal) => Promise<Transport>;

export interface DiallerOptions {
  /** For the log: the other's host id. */
  peer: string;
  policy: DialPolicy;
  isLower: boolean;
  addresses: readonly Address[];
  waits: () => Waits;
  wire: Wire;
  clock: Clock;
  log: Log;
  random: () => number;
  tally?: LinkTally;
  /** A new session, to be introduced over its first connection. Throws when there can be none. */
  newSession(onEnded: (session: ClientSession, code: Code) => void): ClientSession;
  /** Whether the two have a connection now, whoever made it. */
  isConnected(): boolean;
}

export class Dialler {
  /** Why the last try came to nothing; "" when it did not, or there was none. */
  fault = "";
  private session: ClientSession | null = null;
  private connection: Connection | null = null;
  private attempt: AbortController | null = null;
  private readonly backoff: Backoff;
  private timer: NodeJS.Timeout | null = null;
  /** When the next try is due at the earliest, and since when there is no connection at all; ms. */
  private nextAt = -Infinity;
  private aloneSince: number | null = null;
  private isStopped = false;
  /** The other side has answered that it knows nothing of the session. */
  private isForgotten = false;

  constructor(private readonly options: DiallerOptions) {
    this.backoff = new Backoff(options.waits, options.random);
  }

  /** Something has changed: tries now, later, or not at all. */
  look(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const { clock, isConnected } = this.options;
    if (isConnected()) {
      this.aloneSince = null;
      this.leaveToOther();
    } else this.aloneSince ??= clock.now();
    if (this.isStopped || this.connection !== null || this.attempt !== null) return;
    const at = this.dueAt();
    if (at === Infinity) return;
    const wait = at - clock.now();
    if (wait <= 0) void this.try();
    else this.timer = setTimeout(() => this.look(), wait);
  }

  /** The two know each other. */
  succeeded(): void {
    this.fault = "";
  }

  /** The introduction came to nothing; whoever refused has said so in the log. */
  refused(reason: string): void {
    this.fault = reason;
  }

  /** Tries now, however long it was to wait: the network is back, somebody asks. */
  dialNow(): void {
    this.nextAt = -Infinity;
    if (this.aloneSince !== null) this.aloneSince = -Infinity;
    this.look();
  }

  /** Whether it is trying to connect just now. */
  get isConnecting(): boolean {
    return this.attempt !== null;
  }

  /** ms until the next try; null: none is due. */
  get nextInMs(): number | null {
    if (this.timer === null) return null;
    return Math.max(0, Math.round(this.dueAt() - this.options.clock.now()));
  }

  /** `code`: what its session ends with. */
  stop(code: Code): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.attempt?.abort();
    this.session?.finish(code);
    this.connection?.stop();
  }

  private dueAt(): number {
    const { policy, isLower, addresses, isConnected } = this.options;
    if (policy === "never" || addresses.length === 0 || isConnected()) return Infinity;
    // One's own session is nobody else's to go on with.
    if (policy === "always" || isLower || this.session !== null) return this.nextAt;
    return Math.max(this.nextAt, (this.aloneSince ?? -Infinity) + PATIENCE_MS);
  }

  /** The other side has connected. What has begun is left to choose-session.ts, but not by the higher id, whose would lose. */
  private leaveToOther(): void {
    if (this.connection === null) this.attempt?.abort();
    if (this.options.isLower || this.session === null || this.session.isConfirmed) return;
    this.session.finish(Code.SUPERSEDED);
  }

  private async try(): Promise<void> {
    const attempt = new AbortController();
    this.attempt = attempt;
    const transport = await this.connect(attempt.signal);
    this.attempt = null;
    if (transport !== null && (this.isStopped || attempt.signal.aborted)) transport.close();
    else if (transport !== null && this.carry(transport)) return;
    this.nextAt = this.options.clock.now() + this.backoff.next();
    this.look();
  }

  /** One address after the other; null: none has answered. */
  private async connect(signal: AbortSignal): Promise<Transport | null> {
    for (const address of this.options.addresses) {
      try {
        return await address(signal);
      } catch (error) {
        if (signal.aborted) return null;
        this.fail((error as Error).message);
      }
    }
    return null;
  }

  private carry(transport: Transport): boolean {
    const { clock, log, wire, newSession, tally } = this.options;
    try {
      this.session ??= newSession((_, code) => {
        this.session = null;
        this.isForgotten = code === Code.SESSION_UNKNOWN;
      });
    } catch (error) {
      transport.close();
      this.fail((error as Error).message);
      return false;
    }
    const began = clock.now();
    const network = { ...wire, names: transport.names ?? [] };
    const onOver = () => {
      this.connection = null;
      if (clock.now() - began >= STABLE_MS) this.backoff.reset();
      // It is there, and was started anew: a new session can be had at once.
      this.nextAt = clock.now() + (this.isForgotten ? 0 : this.backoff.next());
      this.isForgotten = false;
      this.look();
    };
    this.connection = new Connection(transport, this.session, clock, log, null, onOver, network, tally);
    this.connection.start();
    return true;
  }

  /** One line for each reason, not for each try. */
  private fail(reason: string): void {
    const isNew = this.fault !== reason;
    this.fault = reason;
    const { peer, log } = this.options;
    if (isNew) log.warn({ peer, event: "fault", reason }, "not connected");
  }
}
