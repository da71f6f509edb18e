/**
 * Who may come in from the network, before anybody is known: how many connections there may be, how many of them may
 * stand without having been admitted, and how long those must wait who come from where others failed (session D8–D10).
 *
 *   connection ─▶ isOpenTo(address) ─▶ enter(visitor) ─▶ heard, at once or after a delay ─▶ admitted, or gone: left(visitor)
 *
 * Loopback is not counted by address: on it every board, every test and every proxy is one.
 */
import { Code } from "../../shared/session/codes.ts";
import type { Clock } from "../platform/clock.ts";
import type { Handshake } from "../transports/tcp-listener.ts";

/** Connections in all: each board that can be known (10 000), and strangers beside them. */
export const MAX_CONNECTIONS = 11_000;
/** Strangers: not yet admitted. One more takes the place of the one that has stood longest; at most 20 KB each. */
export const MAX_STRANGERS = 1000;
/** Connections, and strangers among them, of one remote address: many boards may stand behind one router. */
export const MAX_PER_ADDRESS = 512;
export const MAX_STRANGERS_PER_ADDRESS = 32;
/** So many failures are a board with a wrong setting; from the next on an address has to wait before it is heard, ms. */
const FREE_FAILURES = 3;
export const FAILURE_DELAY_MS = 2000;
/** Without another failure for so long, ms, they are forgotten. */
const FAILURE_MEMORY_MS = 60_000;
/** Addresses remembered for their failures alone; beyond that the oldest is forgotten. */
const MAX_REMEMBERED = 10_000;

/** What a stranger does that an honest board does not. An unknown session is honest once, after a restart of the gateway. */
const failures: readonly Code[] = [
  Code.HANDSHAKE_TIMEOUT,
  Code.SESSION_UNKNOWN,
  Code.VERSION_UNSUPPORTED,
  Code.SESSION_ID_SIZE,
  Code.VARINT_RANGE,
  Code.PACKET_TOO_LARGE,
  Code.HELLO_INVALID,
  Code.KEY_NEEDED,
  Code.PROOF_INVALID,
  Code.ADMISSION_OVERDUE,
  Code.INTRODUCTION_REFUSED,
];

/** A connection from the network as the door sees it. */
export interface Visitor {
  readonly remoteAddress: string;
  /** Its board is known, and has proved itself where it had to. */
  readonly isAdmitted: boolean;
  /** Why it ended, or was refused; 0 while neither. */
  readonly fault: Code | 0;
  /** Make room. */
  drop(code: Code): void;
}

interface Neighbour {
  connections: number;
  strangers: number;
  failures: number;
  failedAt: number;
}

export class Door {
  private readonly neighbours = new Map<string, Neighbour>();
  /** In the order they came. One that was admitted meanwhile is taken out when it is met. */
  private readonly strangers = new Set<Visitor>();
  private connections = 0;
  /** Connections that were turned away at once. */
  turnedAway = 0;

  constructor(private readonly clock: Clock) {}

  /** Whether one more connection from this address may come in. */
  isOpenTo(address: string): boolean {
    const { connections = 0, strangers = 0 } = this.neighbours.get(address) ?? {};
    const isFull =
      this.connections >= MAX_CONNECTIONS ||
      (address !== "" && connections >= MAX_PER_ADDRESS) ||
      (address !== "" &&
        strangers >= MAX_STRANGERS_PER_ADDRESS &&
        this.recount(address) >= MAX_STRANGERS_PER_ADDRESS);
    if (isFull) this.turnedAway++;
    return !isFull;
  }

  /** It comes in -> ms after which it is to be heard. */
  enter(visitor: Visitor): number {
    if (this.strangers.size >= MAX_STRANGERS) this.makeRoom();
    this.strangers.add(visitor);
    this.connections++;
    const neighbour = this.neighbour(visitor.remoteAddress);
    neighbour.connections++;
    neighbour.strangers++;
    return this.hasFailed(neighbour) && visitor.remoteAddress !== "" ? FAILURE_DELAY_MS : 0;
  }

  /** Until a TLS handshake is over, it stands here like any stranger: nobody has a transport of it yet. */
  awaitHandshake({ remoteAddress, isSecure, drop }: Handshake): void {
    const visitor = { remoteAddress, isAdmitted: false, fault: 0 as Code | 0, drop };
    this.enter(visitor);
    void isSecure.then((secure) => {
      visitor.fault = secure ? 0 : Code.HANDSHAKE_TIMEOUT;
      this.left(visitor);
    });
  }

  /** It is gone. */
  left(visitor: Visitor): void {
    const neighbour = this.neighbour(visitor.remoteAddress);
    this.connections--;
    neighbour.connections--;
    this.forget(visitor, neighbour);
    if (visitor.fault !== 0 && failures.includes(visitor.fault)) this.note(neighbour);
    if (neighbour.connections === 0 && neighbour.failures === 0)
      this.neighbours.delete(visitor.remoteAddress);
  }

  /** For people. */
  get counts(): { connections: number; strangers: number; turnedAway: number } {
    for (const visitor of this.strangers)
      if (visitor.isAdmitted) this.forget(visitor, this.neighbour(visitor.remoteAddress));
    return { connections: this.connections, strangers: this.strangers.size, turnedAway: this.turnedAway };
  }

  /** Takes out the admitted until a stranger is met, the longest standing, which is dropped. */
  private makeRoom(): void {
    for (const visitor of this.strangers) {
      this.forget(visitor, this.neighbour(visitor.remoteAddress));
      if (!visitor.isAdmitted) return visitor.drop(Code.TOO_MANY);
    }
  }

  /** How many strangers of an address there really are: those who were admitted are strangers no more. */
  private recount(address: string): number {
    const neighbour = this.neighbour(address);
    for (const visitor of this.strangers)
      if (visitor.remoteAddress === address && visitor.isAdmitted) this.forget(visitor, neighbour);
    return neighbour.strangers;
  }

  private forget(visitor: Visitor, neighbour: Neighbour): void {
    if (this.strangers.delete(visitor)) neighbour.strangers--;
  }

  private hasFailed({ failures, failedAt }: Neighbour): boolean {
    return failures >= FREE_FAILURES && this.clock.now() - failedAt < FAILURE_MEMORY_MS;
  }

  private note(neighbour: Neighbour): void {
    const now = this.clock.now();
    neighbour.failures = now - neighbour.failedAt < FAILURE_MEMORY_MS ? neighbour.failures + 1 : 1;
    neighbour.failedAt = now;
    if (this.neighbours.size > MAX_REMEMBERED) this.forgetOldest();
  }

  /** Of those without a connection; the map is in the order in which they were met first. */
  private forgetOldest(): void {
    for (const [address, { connections }] of this.neighbours)
      if (connections === 0) return void this.neighbours.delete(address);
  }

  private neighbour(address: string): Neighbour {
    let found = this.neighbours.get(address);
    if (found === undefined) {
      found = { connections: 0, strangers: 0, failures: 0, failedAt: -Infinity };
      this.neighbours.set(address, found);
    }
    return found;
  }
}
