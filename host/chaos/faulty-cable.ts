/**
 * A cable between a simulated board and the gateway's serial port, with noise on it: bytes vanish, appear and change,
 * runs of them are lost, and now and then the plug is pulled and put in again.
 */
import type { Faults } from "../transports/faulty.ts";
import { FaultyLine } from "../transports/faulty.ts";
import { openPty, type Pty } from "../transports/pty.ts";
import { putLink, removeLink } from "../transports/terminal-link.ts";
import type { FaultPlan } from "./fault-plan.ts";

export interface Noise {
  /** Chance of each byte to be hit: a third of them vanish, a third get a neighbour, a third lose a bit. */
  rate: number;
}

export interface FaultyCableOptions {
  /** What the gateway opens: a link, since every replug gives another terminal. */
  link: string;
  plan: FaultPlan;
  noise: Noise;
  /** Asked for every cut. */
  mayCut(): boolean;
  onCut(): void;
  /** The plug could not be put in again. */
  onFault(error: unknown): void;
}

/**
 * A cut is a loose contact, which loses so many bytes at most and lasts so long, or a pulled plug; the latter costs the
 * gateway a second or two.
 */
const MOST_LOST = 400;
const LOOSE_MS = 100;
const UNPLUGGED = 0.04;

export class FaultyCable {
  readonly counts = { bytes: 0, dropped: 0, inserted: 0, flipped: 0, unplugged: 0 };
  private pty: Pty | undefined;
  private toBoard: (bytes: Uint8Array) => void = () => {};
  private readonly up: FaultyLine;
  private readonly down: FaultyLine;
  private fate;
  private carried = 0;
  /** Bytes still to be lost of the run that is being lost. */
  private losing = 0;
  private losingUntil = 0;
  private replugging: Promise<void> | undefined;
  private isStopped = false;
  private isHealed = false;

  constructor(private readonly options: FaultyCableOptions) {
    const { plan, noise } = options;
    const rates = { dropRate: noise.rate / 3, insertRate: noise.rate / 3, flipRate: noise.rate / 3 };
    this.up = new FaultyLine(seeded(plan.seed, rates));
    this.down = new FaultyLine(seeded(~plan.seed, rates));
    this.fate = plan.next();
  }

  /** Rejects with PTY_UNAVAILABLE where there is no pseudo-terminal to have, with PATH_TAKEN where its link cannot be. */
  async start(): Promise<void> {
    const { link } = this.options;
    const pty = await openPty();
    this.pty = pty;
    pty.onData((chunk) => {
      if (this.pty === pty) this.carry(chunk, this.down, this.toBoard);
    });
    await putLink(link, pty.path);
  }

  /** The faults end: from now on every byte passes. */
  heal(): void {
    this.isHealed = true;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.replugging;
    removeLink(this.options.link);
    await this.pty?.close();
  }

  /** From the board. */
  write(bytes: Uint8Array): void {
    this.carry(bytes, this.up, (piece) => this.pty?.write(piece));
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.toBoard = listener;
  }

  private carry(bytes: Uint8Array, line: FaultyLine, to: (piece: Uint8Array) => void): void {
    this.counts.bytes += bytes.length;
    if (this.isHealed) return to(bytes);
    line.push(this.lose(bytes));
    for (const piece of line.take()) to(piece);
    this.count();
  }

  /** What of `bytes` the cuts leave. */
  private lose(bytes: Uint8Array): Uint8Array {
    if (performance.now() > this.losingUntil) this.losing = 0;
    const start = Math.min(this.losing, bytes.length);
    this.losing -= start;
    this.carried += bytes.length;
    const beyond = this.carried - this.fate.bytes;
    if (beyond < 0 || this.losing > 0 || !this.options.mayCut()) return bytes.subarray(start);
    const from = Math.max(start, bytes.length - beyond);
    const { position } = this.fate;
    this.options.onCut();
    this.carried = 0;
    this.fate = this.options.plan.next();
    const kept = bytes.subarray(start, from);
    if (position < UNPLUGGED) {
      this.replugging ??= this.replug().catch(this.options.onFault);
      return kept;
    }
    const run = Math.ceil(position * MOST_LOST);
    this.losing = Math.max(0, run - (bytes.length - from));
    this.losingUntil = performance.now() + LOOSE_MS;
    return Buffer.concat([kept, bytes.subarray(from + run)]);
  }

  /** Pulls the plug and puts it in again. */
  private async replug(): Promise<void> {
    const { pty } = this;
    this.counts.unplugged++;
    this.pty = undefined;
    removeLink(this.options.link); // first, as udev does it: the terminal's number may be taken again
    await pty?.close();
    if (!this.isStopped) await this.start();
    this.replugging = undefined;
  }

  private count(): void {
    for (const name of ["dropped", "inserted", "flipped"] as const)
      this.counts[name] = this.up.counts[name] + this.down.counts[name];
  }
}

function seeded(seed: number, rates: Omit<Faults, "seed">): Faults {
  return { seed, ...rates };
}
