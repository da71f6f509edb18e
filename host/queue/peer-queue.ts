/**
 * The queue to one peer, whichever sessions carry it (iotgw X.1 steps 3–8).
 *
 *   addPacket ─▶ new ─signal─▶ processPacketQueue ─▶ working list, by lane ─▶ session queue ─▶ wire
 *                                                      ▲ at its head, in order      │ session lost │
 *                                                      └────────────────────────────┴──────────────┘
 *
 * Losing a connection changes nothing here. All of it runs on one thread; others only change a packet's claim.
 */
import type { Outcome } from "./packet.ts";
import { LANES, type Packet, Place } from "./packet.ts";
import { PacketList } from "./packet-list.ts";
import { defaultLimits, HIGH, LOW, type QueueLimits, type Refusal } from "./queue-limits.ts";
import { type SessionPort, SessionQueue } from "./session-queue.ts";

/** Gives numbers to the packets of one stream: what has one is never skipped (session part 4). */
export interface Numbering {
  /** Whether a packet of so many bytes may get its number now. */
  hasRoom(bytes: number): boolean;
  /** Sets `packet.number`; once that is safe, numberIsSafe() is to be called, in the order of the numbers. */
  number(packet: Packet): void;
}

export interface QueueOptions {
  /** ms that never jump. */
  now(): number;
  /** Calls processPacketQueue() later, on the thread of the queue: the asynchronous signal of step 4. */
  signal?(process: () => void): void;
  limits?: Partial<QueueLimits>;
  /** Packets and bytes that wait in a session's lanes, a quarter for each. */
  window?: { packets: number; bytes: number };
  /** Bytes of a packet that leave in one frame, so that a more urgent one waits no longer. */
  fragmentBytes?: number;
  /** Given: one stream in the order of its numbers, whatever the lanes. */
  numbering?: Numbering;
  /** It holds more than 80 % of what it may, or less than 60 % again. */
  onPressure?(isHigh: boolean): void;
}

/** What a queue has done so far. */
export interface QueueCounts {
  added: number;
  refused: number;
  outcomes: Record<Outcome, number>;
}

/** ms between two looks for packets whose time is over. */
const SWEEP_MS = 250;

export class PeerQueue {
  readonly window: { packets: number; bytes: number };
  readonly fragmentBytes: number;
  readonly numbering: Numbering | null;
  readonly limits: QueueLimits;
  readonly counts: QueueCounts = {
    added: 0,
    refused: 0,
    outcomes: {
      delivered: 0,
      expired: 0,
      cancelled: 0,
      "peer-removed": 0,
      "dropped-by-policy": 0,
      rejected: 0,
      unknown: 0,
    },
  };
  /** Packets, and their bytes, that have come to no outcome. */
  count = 0;
  bytes = 0;
  isRemoved = false;
  private readonly fresh = new PacketList();
  private readonly working = Array.from({ length: LANES }, () => new PacketList());
  /** One stream: what a lost session had, in the order of the numbers. */
  private readonly returned = new PacketList();
  private session: SessionQueue | null = null;
  private readonly keys = new Map<string, Packet>();
  private order = 0;
  private nextExpiry = Infinity;
  private sweptAt = -Infinity;
  private isSignalled = false;
  private isHigh = false;
  /** Packets with an outcome that their owners have not been told yet. */
  private finished: Packet[] = [];
  private isSettling = false;
  private waiting: (() => void)[] = [];

  constructor(private readonly options: QueueOptions) {
    this.window = options.window ?? { packets: 32, bytes: 32_768 };
    this.fragmentBytes = options.fragmentBytes ?? Infinity;
    this.numbering = options.numbering ?? null;
    this.limits = { ...defaultLimits, ...options.limits };
  }

  /** Step 4. Null: it is queued, and comes to exactly one outcome. Else nothing has changed. */
  addPacket(packet: Packet): Refusal | null {
    const refusal = this.refusalOf(packet);
    if (refusal !== null) {
      this.counts.refused++;
      return refusal;
    }
    packet.setQueued(this);
    packet.place = Place.NEW;
    packet.order = ++this.order;
    this.fresh.push(packet);
    this.counts.added++;
    this.count++;
    this.bytes += packet.size;
    this.expireAt(packet.deadline);
    if (packet.key !== "") this.keys.set(`${packet.lane}:${packet.key}`, packet);
    this.signal();
    this.settle();
    return null;
  }

  /** Step 5: all that is new goes to the working list, and from there what the session takes. */
  processPacketQueue(): void {
    this.isSignalled = false;
    this.drainNew();
    const { session } = this;
    if (session !== null && this.numbering !== null) this.moveReturned(session);
    session?.pump();
    this.settle();
  }

  /**
   * Step 5: a session with the peer stands. What an older one had goes back first (H3), then what waits goes to this one,
   * at once.
   */
  openSession(port: SessionPort): SessionQueue {
    if (this.session !== null) this.closeSession(this.session);
    const session = new SessionQueue(this, port);
    if (!this.isRemoved) this.session = session;
    this.processPacketQueue();
    return session;
  }

  /** Step 6: the session is lost. What it had goes to the head of the working list, in its order, from byte 0 on. */
  closeSession(session: SessionQueue): void {
    if (session.isClosed) return;
    const { left, waiting } = session.giveUp();
    if (this.session === session) this.session = null;
    for (const packet of waiting.reverse()) this.takeBack(packet, this.working[packet.lane]);
    const isOneStream = this.numbering !== null;
    for (const packet of left.reverse())
      this.takeBack(packet, isOneStream ? this.returned : this.working[packet.lane]);
    this.settle();
  }

  /** The peer is no longer configured: all its packets end at once (G5), and none is taken any more. */
  remove(): void {
    this.isRemoved = true;
    const { session } = this;
    const { left, waiting } = session?.giveUp() ?? { left: [], waiting: [] };
    this.session = null;
    const lists = [this.returned, ...this.working, this.fresh];
    const packets = [...left, ...waiting, ...lists.flatMap((list) => [...list])];
    for (const packet of packets) this.end(packet, "peer-removed");
    this.nextExpiry = Infinity;
    this.settle();
  }

  /** Ends what is over; to be called when `deadline` has come. */
  tick(): void {
    const now = this.options.now();
    if (now < this.nextExpiry) return;
    this.sweptAt = now;
    this.nextExpiry = Infinity;
    for (const packet of this.packets()) {
      if (packet.isVoid || packet.place === Place.WIRE) continue;
      if (this.isOver(packet)) this.drop(packet);
      else this.expireAt(packet.deadline);
    }
    this.settle();
  }

  /** ms at which tick() has something to do, Infinity for never. */
  get deadline(): number {
    return this.nextExpiry;
  }

  /** One stream: what an earlier gateway gave a number to, in the order of the numbers, before anything is added. */
  restore(packet: Packet): void {
    packet.setQueued(this);
    packet.claimForWriting();
    packet.giveBack();
    packet.wasWritten = packet.isNumberSafe = true;
    packet.place = Place.WORKING;
    packet.order = ++this.order;
    this.returned.push(packet);
    this.count++;
    this.bytes += packet.size;
  }

  /** One stream: the number of this packet is safe. */
  numberIsSafe(packet: Packet): void {
    packet.isNumberSafe = true;
    this.session?.pump();
  }

  /**
   * One stream: the peer has forgotten all numbers, and there is no session. What may be sent again waits in front of
   * all others; the rest ends `unknown`. Packets that only filled a number's place are gone.
   */
  forgetNumbers(isWanted: (packet: Packet) => boolean): void {
    const packets: Packet[] = [];
    for (let packet = this.returned.pop(); packet !== null; packet = this.returned.pop())
      packets.push(packet);
    for (const packet of packets) {
      packet.number = 0;
      packet.isNumberSafe = false;
      if (packet.isVoid) packet.resetQueued();
      else if (packet.hasLeft && !isWanted(packet)) this.end(packet, "unknown");
      else this.working[packet.lane].unshift(packet);
    }
    this.settle();
  }

  /** Resolves once there is room again (policy wait). */
  whenRoom(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** All that have come to no outcome, and places of numbers: by place, and in each in the order in which they would leave. */
  *packets(): Generator<Packet> {
    const { session } = this;
    if (session !== null) for (const list of [session.wire, session.numbered, ...session.lanes]) yield* list;
    for (const list of [this.returned, ...this.working, this.fresh]) yield* list;
  }

  /** Ends a packet in whatever place, as the peer or a person has it. */
  finish(packet: Packet, outcome: Outcome): void {
    if (packet.holder !== this || packet.isVoid) return;
    this.end(packet, outcome);
    this.settle();
  }

  // ── for its packets and session queues ──────────────────────────────────────────────────────────────────────

  onInvalid(packet: Packet): void {
    this.drop(packet);
    this.settle();
  }

  /** Whether nobody wants it any more (step 8, R8.2). */
  isOver(packet: Packet): boolean {
    return !packet.isValid() || packet.deadline <= this.options.now();
  }

  /** It was found to be over: it leaves its list, with the outcome that fits (H4, H10). */
  drop(packet: Packet): void {
    if (packet.wasWritten) this.end(packet, "unknown");
    else this.end(packet, packet.isValid() ? "expired" : "cancelled");
  }

  delivered(packet: Packet): void {
    if (packet.isVoid) {
      packet.list!.remove(packet);
      packet.resetQueued();
    } else this.end(packet, "delivered");
  }

  /** From the working list to the session, as far as its window allows (H1). */
  refill(lane: number): void {
    const { session } = this;
    const list = this.working[lane];
    for (let next = list.first; next !== null && session!.hasRoom(lane, next.size); next = list.first) {
      if (this.isOver(next)) this.drop(next);
      else {
        list.remove(next);
        next.place = Place.SESSION;
        session!.lanes[lane].push(next);
      }
    }
  }

  /** Owners are told once the lists are in order: they may add and withdraw. */
  settle(): void {
    if (this.isSettling) return;
    this.isSettling = true;
    for (let i = 0; i < this.finished.length; i++) {
      const packet = this.finished[i];
      packet.owner.onOutcome(packet, packet.outcome!);
    }
    this.finished = [];
    this.isSettling = false;
    this.tellPressure();
  }

  /** One of its packets is over then: looked for no more often than every SWEEP_MS. */
  private expireAt(deadline: number): void {
    if (deadline < this.nextExpiry) this.nextExpiry = Math.max(deadline, this.sweptAt + SWEEP_MS);
  }

  private refusalOf(packet: Packet): Refusal | null {
    if (this.isRemoved) return "PEER_REMOVED";
    if (packet.isQueued) return "ALREADY_QUEUED";
    if (packet.place !== Place.NONE) return "INVALID_STATE";
    if (!packet.isValid()) return "OBJECT_INVALIDATED";
    if (packet.deadline <= this.options.now()) return "EXPIRED";
    if (packet.size > this.limits.maxFrame) return "TOO_BIG";
    return this.makeRoom(packet);
  }

  private makeRoom(packet: Packet): Refusal | null {
    const policy = this.limits.policies[packet.lane];
    const older = packet.key === "" ? undefined : this.keys.get(`${packet.lane}:${packet.key}`);
    if (policy === "coalesce" && older !== undefined) this.supplant(older);
    if (this.hasRoom(packet.size)) return null;
    if (policy === "wait") return "TRY_AGAIN";
    if (policy !== "dropOldest" || packet.size > this.limits.maxBytes) return "QUEUE_FULL";
    this.drainNew();
    while (!this.hasRoom(packet.size)) {
      const oldest = this.oldest(packet.lane);
      if (oldest === null) return "QUEUE_FULL";
      this.supplant(oldest);
    }
    return null;
  }

  private hasRoom(bytes: number): boolean {
    return this.count < this.limits.maxPackets && this.bytes + bytes <= this.limits.maxBytes;
  }

  /** The oldest of a lane of which no byte has left. */
  private oldest(lane: number): Packet | null {
    const lists = [this.session?.lanes[lane], this.working[lane]];
    for (const list of lists) for (const packet of list ?? []) if (!packet.hasLeft) return packet;
    return null;
  }

  /** It makes room, unless its bytes have left. */
  private supplant(packet: Packet): void {
    if (packet.holder === this && !packet.hasLeft) this.end(packet, "dropped-by-policy");
  }

  private drainNew(): void {
    for (let packet = this.fresh.shift(); packet !== null; packet = this.fresh.shift()) {
      if (this.isOver(packet)) this.drop(packet);
      else {
        packet.place = Place.WORKING;
        this.working[packet.lane].push(packet);
      }
    }
  }

  /** One stream: what has a number goes before all that has none. */
  private moveReturned(session: SessionQueue): void {
    for (let packet = this.returned.shift(); packet !== null; packet = this.returned.shift()) {
      if (!packet.isVoid) packet.place = Place.SESSION;
      session.numbered.push(packet);
    }
  }

  private takeBack(packet: Packet, list: PacketList): void {
    packet.giveBack();
    if (!packet.isVoid) packet.place = Place.WORKING;
    list.unshift(packet);
    if (packet.isVoid) return;
    if (this.isOver(packet)) this.drop(packet);
    else if (packet.hasLeft && !packet.isRequeued) this.end(packet, "unknown");
  }

  private end(packet: Packet, outcome: Outcome): void {
    if (packet.isVoid) return this.clear(packet);
    packet.outcome = outcome;
    this.count--;
    this.bytes -= packet.size;
    this.counts.outcomes[outcome]++;
    if (packet.key !== "" && this.keys.get(`${packet.lane}:${packet.key}`) === packet)
      this.keys.delete(`${packet.lane}:${packet.key}`);
    packet.seal();
    this.finished.push(packet);
    packet.place = Place.DONE;
    // A number is never skipped: its place goes out empty (session part 4).
    if (packet.number > 0 && outcome !== "delivered" && !this.isRemoved && packet.list !== null)
      packet.isVoid = true;
    else this.clear(packet);
  }

  private clear(packet: Packet): void {
    packet.list?.remove(packet);
    packet.resetQueued();
  }

  private signal(): void {
    if (this.isSignalled) return;
    this.isSignalled = true;
    const process = () => this.processPacketQueue();
    if (this.options.signal === undefined) queueMicrotask(process);
    else this.options.signal(process);
  }

  private tellPressure(): void {
    const { maxPackets, maxBytes } = this.limits;
    const share = Math.max(this.count / maxPackets, this.bytes / maxBytes);
    if (this.waiting.length > 0 && share < 1) for (const resolve of this.waiting.splice(0)) resolve();
    if (this.isHigh ? share >= LOW : share <= HIGH) return;
    this.isHigh = !this.isHigh;
    this.options.onPressure?.(this.isHigh);
  }
}
