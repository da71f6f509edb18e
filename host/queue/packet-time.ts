/**
 * When packets of a queue are over. Time is looked for, not waited for: there is one deadline for all, and no clock is
 * asked while none of them has one.
 */
import type { Packet } from "./packet.ts";

/** ms between two looks for packets whose time is over. */
const SWEEP_MS = 250;

export class PacketTime {
  /** ms at which all packets are to be looked at, Infinity for never. */
  next = Infinity;
  /** ms, as the clock said when this call of a packet, a session or an owner began. */
  private time = -Infinity;
  private sweptAt = -Infinity;

  constructor(
    /** ms that never jump. */
    readonly now: () => number,
  ) {}

  /** To be called before packets are looked at. */
  read(): void {
    if (this.next !== Infinity) this.time = this.now();
  }

  /** The same before one that may be the first with a deadline. */
  readNow(): void {
    this.time = this.now();
  }

  /** Whether nobody wants it any more (step 8, R8.2). */
  isOver(packet: Packet): boolean {
    return packet.deadline <= this.time || !packet.isValid();
  }

  hasPassed(deadline: number): boolean {
    return deadline <= this.time;
  }

  /** One of the packets is over then: looked for no more often than every SWEEP_MS. */
  expect(deadline: number): void {
    if (deadline < this.next) this.next = Math.max(deadline, this.sweptAt + SWEEP_MS);
  }

  /** Whether all are to be looked at now; the deadlines of those that stay are then to be expected anew. */
  beginSweep(): boolean {
    this.readNow();
    if (this.time < this.next) return false;
    this.sweptAt = this.time;
    this.next = Infinity;
    return true;
  }
}
