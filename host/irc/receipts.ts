/**
 * What the server has taken, and whether it is still there: a PING behind the lines that were written comes back as PONG once
 * they have been dealt with, since a server answers in order. One is out at a time, for all that was written before it.
 */
import type { LineOutcome, OutLine } from "../irc-iot/line.ts";

/** Silence after which we ask, and after which nobody is taken to be there, ms. */
const IDLE_MS = 60_000;
const DEAD_MS = 120_000;

interface Written {
  line: OutLine;
  /** Of the PING behind it; 0: none yet. */
  ping: number;
}

export class Receipts {
  private readonly written: Written[] = [];
  private pings = 0;
  /** The one that is out. */
  private out: { id: number; since: number } | null = null;
  private heardAt: number;

  constructor(
    private readonly write: (line: string) => void,
    private readonly settle: (line: OutLine, outcome: LineOutcome) => void,
    now: number,
  ) {
    this.heardAt = now;
  }

  /** Lines written and not confirmed. */
  get length(): number {
    return this.written.length;
  }

  /** Lines that no PING stands behind, where one may be written; it is for whoever knows what else waits to say when. */
  get unasked(): number {
    return this.out === null ? this.written.length : 0;
  }

  get deadline(): number {
    if (this.out === null) return this.heardAt + IDLE_MS;
    return Math.min(this.out.since + DEAD_MS, Math.max(this.heardAt + DEAD_MS, this.out.since + IDLE_MS));
  }

  heard(now: number): void {
    this.heardAt = now;
  }

  wrote(line: OutLine): void {
    this.written.push({ line, ping: 0 });
  }

  /** Asks for all that was written so far. */
  flush(now: number): void {
    if (this.unasked > 0) this.ask(now);
  }

  /** Also of a PING that was not ours: it says nothing. */
  pong(token: string): void {
    if (this.out === null || token !== tokenOf(this.out.id)) return;
    const { id } = this.out;
    this.out = null;
    const taken = this.written.filter((one) => one.ping === id);
    this.forget((one) => one.ping === id);
    for (const { line } of taken) this.settle(line, "confirmed");
  }

  /** The server has refused a line to such a target; which of them it does not say. */
  refused(isMeant: (target: string) => boolean): void {
    const meant = this.written.filter((one) => isMeant(one.line.target));
    this.forget((one) => isMeant(one.line.target));
    for (const { line } of meant) this.settle(line, "lost");
  }

  /** The connection has ended. */
  lose(): void {
    this.refused(() => true);
  }

  /** -> whether the server is gone. */
  tick(now: number): boolean {
    if (now < this.deadline) return false;
    if (this.out !== null) return true;
    this.ask(now);
    return false;
  }

  private ask(now: number): void {
    this.out = { id: ++this.pings, since: now };
    for (const one of this.written) one.ping = this.pings;
    this.write(`PING ${tokenOf(this.pings)}`);
  }

  private forget(which: (one: Written) => boolean): void {
    const rest = this.written.filter((one) => !which(one));
    this.written.splice(0, this.written.length, ...rest);
  }
}

function tokenOf(id: number): string {
  return `bowline-${id}`;
}
