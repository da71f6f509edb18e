/**
 * The real queue with all around it in memory: a clock, signals that wait, sessions over a wire, and the peer. Nothing
 * happens by itself: each signal, frame, acknowledgement and loss is a step, so that any may come before any other.
 */
import type { ClaimHandle } from "../../host/queue/claim-words.ts";
import { MemblockBudget } from "../../host/queue/memblock.ts";
import { LANES, type Outcome, Packet, Place } from "../../host/queue/packet.ts";
import { PeerQueue } from "../../host/queue/peer-queue.ts";
import type { SessionQueue } from "../../host/queue/session-queue.ts";
import { hold } from "../proof.ts";
import { FRAGMENT, limits, WINDOW } from "./bounds.ts";
import { Entry } from "./entry.ts";
import { holdOutcome, holdRefusal, holdRemoved, holdReturned, holdWritable } from "./judge-calls.ts";
import { type Frame, Receiver } from "./receiver.ts";
import { Surprises } from "./surprises.ts";

export type Kind = "by lane" | "one stream";

export interface Wish {
  lane: number;
  size: number;
  /** ms it may wait; 0: for ever. */
  ttl: number;
  isRequeued: boolean;
  key: string;
  /** Of another thread: who withdraws it changes a word, and tells nobody. */
  isForeign: boolean;
}

export interface RigSession {
  serial: number;
  /** null: it is being opened. */
  queue: SessionQueue | null;
  /** Frames that have left and not arrived; arrived and not acknowledged. */
  flight: Frame[];
  arrived: number;
  /** The transport knows that it is lost; the queue was told. */
  isLost: boolean;
  /** By lane, the newest begun in it. */
  begun: number[];
}

/** By then everything is delivered: a stream has UNSAFE of at most maxPackets numbers a turn. */
const TURNS = 20;
/** No run has as many. */
const MAX_PACKETS = 1024;
/** Numbers that may be given before the first of them is safe. */
const UNSAFE = 3;

export class Rig {
  now = 0;
  /** Bytes that leave before the wire is full. */
  room = 0;
  isConnected = true;
  queue: PeerQueue;
  session: RigSession | null = null;
  readonly entries: Entry[] = [];
  readonly budget = new MemblockBudget();
  receiver: Receiver;
  /** Signals that were given and have not come, oldest first. */
  readonly signals: { queue: PeerQueue; process(): void }[] = [];
  /** One stream: packets whose number is not safe. */
  readonly unsafe: Packet[] = [];
  sweptAt = 0;
  isHigh = false;
  readonly surprises = new Surprises();
  private generation = 1;
  private serials = 0;
  private number = 0;
  private readonly seqs = new Array<number>(LANES).fill(0);
  private readonly gone: RigSession[] = [];
  private readonly words = new Int32Array(new SharedArrayBuffer(4 * MAX_PACKETS));
  private readonly byPacket = new Map<Packet, Entry>();

  constructor(readonly kind: Kind) {
    this.queue = this.makeQueue();
    this.receiver = new Receiver(kind === "one stream");
  }

  add(wish: Wish): void {
    const { lane, size, ttl, isRequeued, key, isForeign } = wish;
    const body = new Uint8Array(size).fill(this.entries.length);
    const deadline = ttl === 0 ? Infinity : this.now + ttl;
    const claim = isForeign ? { words: this.words, index: this.entries.length, life: 1 } : undefined;
    if (claim !== undefined) this.words[claim.index] = 1 << 2;
    const options = { lane, deadline, isRequeued, key, owner: this, claim };
    const packet = Packet.copyOf(body, options, this.budget)!;
    const entry = this.know(packet, ++this.seqs[lane], claim);
    entry.wasAccepted = holdRefusal(this, entry, () => this.queue.addPacket(packet)) === null;
  }

  /** Its owner has one queued again that left to a life of the peer that is over. */
  private addFirst({ lane, size, seq, packet: { deadline } }: Entry): void {
    const body = new Uint8Array(size).fill(this.entries.length);
    const packet = Packet.copyOf(body, { lane, deadline, owner: this }, this.budget)!;
    const entry = this.know(packet, seq);
    entry.wasAccepted = true;
    hold(this.queue.addFirst(packet) === null, `${entry} is refused`);
  }

  private know(packet: Packet, seq: number, claim?: ClaimHandle): Entry {
    const entry = new Entry(this.entries.length, packet, claim);
    entry.generation = this.generation;
    entry.seq = seq;
    this.entries.push(entry);
    this.byPacket.set(packet, entry);
    return entry;
  }

  addAgain(entry: Entry): void {
    if (!entry.wasAccepted) return;
    const before = [entry.packet.place, entry.packet.references];
    hold(this.queue.addPacket(entry.packet) !== null, `R3.2: ${entry} is taken a second time`);
    hold(
      [entry.packet.place, entry.packet.references].join() === before.join(),
      `R3.2: ${entry} was refused and changed`,
    );
  }

  withdraw(entry: Entry): void {
    const { packet } = entry;
    const { place } = packet;
    if (!entry.wasAccepted) return;
    const wasDone = entry.outcome !== null || place === Place.DONE;
    if (!wasDone && place !== Place.WIRE) entry.isSilent = true;
    entry.isWithdrawn ||= !wasDone;
    const hasWon = entry.withdraw();
    const mayWin = !wasDone && !entry.isWithdrawnUnseen && !entry.wasBegun;
    hold(hasWon === mayWin, `R8.1: setInvalid() of ${entry} says ${hasWon}`);
    if (hasWon) entry.isWithdrawnUnseen = true;
  }

  /** The oldest signal comes. */
  process(): void {
    this.signals.shift()?.process();
  }

  open(): void {
    if (this.session !== null) this.lose(0);
    const session: RigSession = {
      ...{ serial: ++this.serials, flight: [], arrived: 0, isLost: false },
      begun: new Array<number>(LANES).fill(0),
      queue: null,
    };
    const older = this.session;
    this.session = session;
    this.isConnected = true;
    this.receiver.begin();
    session.queue = this.queue.openSession({
      canWrite: (bytes) => !session.isLost && this.isConnected && this.room >= bytes,
      write: (packet, start, end) => this.write(session, packet, start, end),
    });
    if (older !== null) this.bury(older);
  }

  /** The session is lost; `arriving` frames of those under way still come to the peer. */
  lose(arriving: number): void {
    const { session } = this;
    if (session === null || session.isLost) return;
    if (this.isConnected) this.arrive(arriving);
    session.isLost = true;
    session.flight = [];
  }

  /** The queue is told that the session was lost. */
  notice(): void {
    const { session } = this;
    if (session?.queue == null) return;
    this.lose(0);
    this.session = null;
    const held = this.heldBy(session);
    const { reached } = this.surprises;
    this.queue.closeSession(session.queue);
    if (this.surprises.reached === reached) holdReturned(this, held);
    this.bury(session);
  }

  /** A late word of a session that was lost. */
  haunt(): void {
    for (const { queue } of this.gone) {
      if (queue === null) continue;
      queue.acknowledged(1);
      queue.pump();
      this.queue.closeSession(queue);
    }
  }

  connect(isConnected: boolean): void {
    this.isConnected = isConnected;
    if (isConnected) this.pump();
  }

  give(bytes: number): void {
    this.room += bytes;
    this.pump();
  }

  arrive(frames: number): void {
    const { session } = this;
    if (session === null || session.isLost || !this.isConnected) return;
    for (const frame of session.flight.splice(0, frames)) {
      this.receiver.receive(frame);
      session.arrived++;
    }
  }

  acknowledge(frames: number): void {
    const { session } = this;
    if (session === null || session.isLost || !this.isConnected) return;
    if (session.queue === null) return;
    const count = Math.min(frames, session.arrived);
    session.arrived -= count;
    session.queue.acknowledged(count);
  }

  /** The clock goes on, and nobody looks yet. */
  pass(ms: number): void {
    this.now += ms;
  }

  tick(): void {
    const isDue = this.now >= this.queue.deadline;
    this.queue.tick();
    if (isDue) this.sweptAt = this.now;
  }

  /** The oldest numbers are safe. */
  safe(count: number): void {
    for (const packet of this.unsafe.splice(0, count)) this.queue.numberIsSafe(packet);
  }

  /** One stream: the peer began anew, which only a new session tells. */
  forget(): void {
    if (this.kind !== "one stream") return;
    this.notice();
    if (this.session !== null) return; // it opened in the middle of that
    this.number = 0;
    this.unsafe.length = 0;
    const forgotten = this.live().filter(({ packet }) => packet.number > 0 && packet.hasLeft);
    for (const entry of forgotten) entry.isForgotten = true;
    const { reached } = this.surprises;
    this.receiver.forget();
    this.queue.forgetNumbers();
    for (const entry of forgotten.sort((a, b) => b.seq - a.seq)) {
      if (this.surprises.reached > reached) return; // what opened in the middle of that is served already
      if (entry.packet.isRequeued && entry.packet.deadline > this.now) this.addFirst(entry);
    }
  }

  finish(entry: Entry): void {
    this.queue.finish(entry.packet, "rejected");
  }

  /** The peer is no longer configured, and configured again. */
  remove(): void {
    const { queue, session } = this;
    const held = this.live();
    queue.remove();
    if (session !== null) this.bury(session);
    this.session = null;
    holdRemoved(queue, held);
    const late = Packet.copyOf(new Uint8Array(1), {}, this.budget)!;
    hold(queue.addPacket(late) === "PEER_REMOVED", "R2.2: a peer that was removed takes a packet");
    late.release();
    this.generation++;
    this.isHigh = false;
    this.number = 0;
    this.unsafe.length = 0;
    this.sweptAt = this.now;
    if (this.kind === "one stream") this.receiver.forget();
    this.queue = this.makeQueue();
  }

  /** No step is left: a session stands, and everything flows (G4). */
  settle(): void {
    this.surprises.clear();
    this.room = Infinity;
    this.open();
    for (let turn = 0; turn < TURNS; turn++) {
      while (this.signals.length > 0) this.process();
      this.safe(UNSAFE);
      this.arrive(Infinity);
      this.acknowledge(Infinity);
    }
  }

  /** Those that were accepted and have come to no outcome. */
  live(): Entry[] {
    return this.entries.filter((entry) => entry.isLive);
  }

  entryOf(packet: Packet): Entry {
    return this.byPacket.get(packet)!;
  }

  onOutcome(packet: Packet, outcome: Outcome): void {
    const entry = this.entryOf(packet);
    hold(entry.outcome === null, `G3: ${entry} ends ${entry.outcome}, and ${outcome}`);
    entry.outcome = outcome;
    holdOutcome(this, entry, outcome);
    this.surprises.reach("outcome");
  }

  private heldBy({ serial }: RigSession): Entry[] {
    return this.live().filter(
      ({ packet, session }) =>
        packet.place === Place.SESSION || (packet.place === Place.WIRE && session === serial),
    );
  }

  private pump(): void {
    this.session?.queue?.pump();
  }

  private bury(session: RigSession): void {
    session.isLost = true;
    session.flight = [];
    hold((session.queue?.count ?? 0) === 0, "R6.5: a lost session holds packets");
    this.gone.push(session);
  }

  private write(session: RigSession, packet: Packet, start: number, end: number): void {
    const entry = this.entryOf(packet);
    const { isVoid } = packet;
    hold(!session.isLost && session === this.session, `R6.4: ${entry} is written to a session that was lost`);
    hold(!isVoid || (packet.number > 0 && packet.outcome !== null), `${entry} goes out empty`);
    if (!isVoid) holdWritable(this, session, entry, start);
    this.room -= isVoid ? Math.min(this.room, 1) : end - start;
    if (!isVoid) {
      entry.wasBegun = true;
      entry.wasWhole ||= end >= entry.size;
      hold(packet.body.references > 0, `G2: the body of ${entry} was let go before it was written`);
    }
    entry.session = session.serial;
    entry.end = end;
    session.begun[entry.lane] = Math.max(session.begun[entry.lane], entry.seq);
    session.flight.push({ entry, start, end, isVoid });
    this.surprises.reach("write");
  }

  private makeQueue(): PeerQueue {
    const queue: PeerQueue = new PeerQueue({
      now: () => this.now,
      signal: (process) => {
        this.signals.push({ queue, process });
        this.surprises.reach("signal");
      },
      limits,
      window: WINDOW,
      fragmentBytes: FRAGMENT,
      onPressure: (isHigh) => {
        hold(isHigh !== this.isHigh, `it fills twice, or empties twice`);
        this.isHigh = isHigh;
      },
      numbering:
        this.kind === "by lane"
          ? undefined
          : {
              hasRoom: () => this.unsafe.length < UNSAFE,
              number: (packet) => {
                packet.number = ++this.number;
                this.unsafe.push(packet);
                this.surprises.reach("number");
              },
            },
    });
    return queue;
  }

  /** A signal to the queue that there is now is on its way. */
  get isSignalled(): boolean {
    return this.signals.some(({ queue }) => queue === this.queue);
  }

  /** One stream: whether a number may be given now. */
  get hasNumbers(): boolean {
    return this.unsafe.length < UNSAFE;
  }
}
