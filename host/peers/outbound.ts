/**
 * The way to one board: its queue, and the numbers of what is in it. A number is safe in the store before the first byte
 * of its packet leaves, and stays the packet's until the board has acknowledged it, over any number of sessions and lives
 * of the gateway (session part 4).
 *
 *   o/DEVICE/NUMBER   a packet that is not acknowledged      d/DEVICE   how far the numbers have come, and for which life
 *
 *   packet ─add─▶ queue ─turn─▶ number given ─commit─▶ session ─bytes─▶ board ─acknowledged─▶ gone
 */
import type { Clock } from "../platform/clock.ts";
import { Memblock } from "../queue/memblock.ts";
import { Lane, Packet, type PacketOwner } from "../queue/packet.ts";
import { PeerQueue } from "../queue/peer-queue.ts";
import type { Refusal } from "../queue/queue-limits.ts";
import type { Numbering } from "../queue/queue-options.ts";
import type { SessionQueue } from "../queue/session-queue.ts";
import type { RecordChange, Store } from "../store/store.ts";
import { BoardPort, BUFFER_BYTES, MOST_BYTES, type SendingSession } from "./board-port.ts";
import type { RequestBook } from "./request-book.ts";

/** A packet as it is kept. */
export interface PacketDocument {
  rq: number;
  text: string;
}

export class Outbound implements Numbering {
  /** Made with the first packet, and so is what it has of a session: most boards are never asked anything. */
  queue: PeerQueue | null = null;
  private port: BoardPort | null = null;
  private sending: SessionQueue | null = null;
  /** The session that speaks for the board, and whether the hello that began it named no epoch. */
  private session: SendingSession | null = null;
  private isNameless = false;
  /** The number given next, and the first that is not yet safe. */
  private nextSeq = 1;
  private nextHere = 1;
  /** Commits for an earlier life of the board are not heard. */
  private life = 0;

  constructor(
    private readonly device: string,
    private readonly store: Store,
    private readonly book: RequestBook,
    private readonly clock: Clock,
    /** What is kept beside the numbers. */
    private readonly document: () => object,
  ) {}

  /** `rq`: the request it carries, 0 for the word that one is no longer wanted, which goes before all requests. */
  static packetOf(payload: Uint8Array, rq: number, owner: PacketOwner): Packet {
    const lane = rq === 0 ? Lane.CONTROL : Lane.NORMAL;
    return Packet.of(Memblock.transfer(payload)!, { lane, owner, tag: rq });
  }

  /** From now on the queue alone holds it. A request is in the store, so that none is refused for want of room. */
  add(packet: Packet): void {
    this.hand(packet, this.makeQueue().addCommitted(packet));
  }

  /** Before all that waits. */
  addFirst(packet: Packet): void {
    this.hand(packet, this.makeQueue().addFirst(packet));
  }

  /** Goes on where an earlier gateway was: the packets by their request, or null when one between two others is missing. */
  load(
    nextSeq: number,
    packets: readonly [seq: number, packet: PacketDocument][],
    owner: PacketOwner,
  ): ReadonlyMap<number, Packet> | null {
    this.nextSeq = this.nextHere = nextSeq;
    let expected = nextSeq - packets.length;
    const carried = new Map<number, Packet>();
    for (const [seq, { rq, text }] of packets) {
      if (seq !== expected++) return null;
      const packet = Outbound.packetOf(Buffer.from(text), rq, owner);
      packet.number = seq;
      this.makeQueue().restore(packet);
      packet.release();
      // A packet that is no longer wanted keeps its number and loses its content.
      if (rq !== 0 && !this.book.isOpen(rq)) packet.setInvalid();
      carried.set(rq, packet);
    }
    return carried;
  }

  /** `session` has been welcomed: it is sent what waits, beginning with what is not acknowledged. */
  open(session: SendingSession, isNameless: boolean): void {
    this.session = session;
    this.isNameless = isNameless;
    if (this.queue !== null) this.openSession(this.queue, session);
  }

  /** The session is lost: what it had goes first in the next (iotgw X.1 step 6). */
  close(): void {
    if (this.sending !== null) this.queue!.closeSession(this.sending);
    this.session = this.port = this.sending = null;
  }

  /** Something may leave that could not before. */
  pump(): void {
    this.sending?.pump();
  }

  /** The board has `count` more. */
  acknowledged(count: number): void {
    const first = this.seqFor(false);
    this.store.putLater(this.removals(first, first + count));
    this.sending?.acknowledged(count);
  }

  /** A board that began anew knows of nothing that was sent to it before, and so of nothing to be stopped. */
  beginAnew(): void {
    this.store.putLater(this.removals(this.seqFor(false), this.nextSeq));
    for (const packet of this.queue?.packets() ?? []) if (packet.lane === Lane.CONTROL) packet.setInvalid();
    this.queue?.forgetNumbers();
    this.nextSeq = this.nextHere;
    this.life++;
  }

  /**
   * The number of the first packet the next session begins with: a new life is sent nothing of what went before. Numbers
   * that are not yet safe are not counted: a gateway that begins below what a board was told would speak to deaf ears.
   */
  seqFor(isNewLife: boolean): number {
    return isNewLife ? this.nextHere : this.queue?.firstNumber || this.nextSeq;
  }

  hasRoom(bytes: number): boolean {
    return this.port!.isReady && this.queue!.numberedBytes + bytes <= BUFFER_BYTES;
  }

  number(packet: Packet): void {
    const { life } = this;
    const rq = packet.tag as number;
    const seq = this.nextSeq++;
    packet.number = seq;
    const text = Buffer.from(packet.body.bytes).toString();
    const document = { key: this.keyOf(seq), value: { rq, text } satisfies PacketDocument };
    // A store that fails meanwhile writes it once it can: the number may be there already, and stays the packet's.
    this.store.keep([document, this.numbers(), ...this.book.sent(rq, true)], () => {
      if (life !== this.life) return;
      this.nextHere++;
      this.queue!.numberIsSafe(packet);
    });
  }

  /** How far the numbers have come. */
  numbers(): RecordChange {
    return { key: `d/${this.device}`, value: { ...this.document(), nextSeq: this.nextSeq } };
  }

  /** Packets whose bytes have not left. */
  get waiting(): number {
    return this.count((packet) => !hasLeft(packet));
  }

  /** Packets that have left, in whichever session, and are not acknowledged, and numbers that go out empty. */
  get unacknowledged(): number {
    return this.count(hasLeft);
  }

  private count(isCounted: (packet: Packet) => boolean): number {
    let count = 0;
    for (const packet of this.queue?.packets() ?? []) if (isCounted(packet)) count++;
    return count;
  }

  private makeQueue(): PeerQueue {
    if (this.queue !== null) return this.queue;
    const now = () => this.clock.now();
    this.queue = new PeerQueue({ now, numbering: this, limits: { maxFrame: MOST_BYTES } });
    if (this.session !== null) this.openSession(this.queue, this.session);
    return this.queue;
  }

  private openSession(queue: PeerQueue, session: SendingSession): void {
    this.port = new BoardPort(session, this.isNameless);
    this.sending = queue.openSession(this.port);
  }

  private hand(packet: Packet, refusal: Refusal | null): void {
    packet.release();
    if (refusal !== null)
      throw new RangeError(`a packet of ${packet.size} bytes to ${this.device}: ${refusal}`);
  }

  private removals(from: number, to: number): RecordChange[] {
    const changes: RecordChange[] = [];
    for (let seq = from; seq < to; seq++) changes.push({ key: this.keyOf(seq), value: null });
    return changes;
  }

  private keyOf(seq: number): string {
    return `o/${this.device}/${seq.toString(16).padStart(14, "0")}`;
  }
}

const hasLeft = (packet: Packet) => packet.isVoid || packet.hasLeft;
