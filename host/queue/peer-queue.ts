/**
 * The queue to one peer, whichever sessions carry it (iotgw X.1 steps 3–8).
 *
 *   addPacket ─▶ new ─signal─▶ processPacketQueue ─▶ working list, by lane ─▶ session queue ─▶ wire
 *                                                      ▲ at its head, in order      │ session lost │
 *                                                      └────────────────────────────┴──────────────┘
 *
 * Losing a connection changes nothing here. All of it runs on one thread; others only change a packet's claim.
 */
import { OwnerNews } from "./owner-news.ts";
import { LANES, type Outcome, type Packet, Place } from "./packet.ts";
import { PacketList } from "./packet-list.ts";
import { PacketTime } from "./packet-time.ts";
import { defaultLimits, type QueueLimits, type Refusal } from "./queue-limits.ts";
import { type Numbering, nothingYet, type QueueCounts, type QueueOptions } from "./queue-options.ts";
import { QueueRoom } from "./queue-room.ts";
import { type SessionPort, SessionQueue } from "./session-queue.ts";

export class PeerQueue {
  readonly window: { packets: number; bytes: number };
  readonly fragmentBytes: number;
  readonly numbering: Numbering | null;
  readonly counts: QueueCounts = nothingYet();
  readonly time: PacketTime;
  isRemoved = false;
  private readonly room: QueueRoom;
  private readonly fresh = new PacketList();
  private readonly working = Array.from({ length: LANES }, () => new PacketList());
  /** One stream: what a lost session had, in the order of the numbers. */
  private readonly returned = new PacketList();
  private session: SessionQueue | null = null;
  private readonly keys = new Map<string, Packet>();
  private order = 0;
  private isSignalled = false;
  private signalledAt = 0;
  private readonly news = new OwnerNews();
  private readonly process = () => this.processPacketQueue();

  constructor(private readonly options: QueueOptions) {
    this.window = options.window ?? { packets: 32, bytes: 32_768 };
    this.fragmentBytes = options.fragmentBytes ?? Infinity;
    this.numbering = options.numbering ?? null;
    this.time = new PacketTime(() => options.now());
    this.room = new QueueRoom({ ...defaultLimits, ...options.limits }, (isHigh) =>
      options.onPressure?.(isHigh),
    );
  }

  get limits(): QueueLimits {
    return this.room.limits;
  }

  /** Packets, and their bytes, that have come to no outcome. */
  get count(): number {
    return this.room.count;
  }

  get bytes(): number {
    return this.room.bytes;
  }

  /** Step 4. Null: it is queued, and comes to exactly one outcome. Else nothing has changed. */
  addPacket(packet: Packet): Refusal | null {
    return this.add(packet, this.stateRefusalOf(packet) ?? this.makeRoom(packet), Place.NEW);
  }

  /** The same for one that is in the store: it is taken although there may be no room for it. */
  addCommitted(packet: Packet): Refusal | null {
    return this.add(packet, this.stateRefusalOf(packet), Place.NEW);
  }

  /** As addCommitted(), and before all of its lane that wait: its owner had it queued before them (step 6). */
  addFirst(packet: Packet): Refusal | null {
    return this.add(packet, this.stateRefusalOf(packet), Place.WORKING);
  }

  /** Step 5: all that is new goes to the working list, and from there what the session takes. */
  processPacketQueue(): void {
    this.isSignalled = false;
    this.time.read();
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
    if (this.session !== null) this.giveUp(this.session);
    const session = new SessionQueue(this, port);
    if (this.isRemoved) session.close();
    else this.session = session;
    this.processPacketQueue();
    return session;
  }

  /** Step 6: the session is lost. What it had goes to the head of the working list, in its order, from byte 0 on. */
  closeSession(session: SessionQueue): void {
    if (session.isClosed) return;
    this.giveUp(session);
    this.settle();
  }

  /** The peer is no longer configured: all its packets end at once (G5), and none is taken any more. */
  remove(): void {
    this.isRemoved = true;
    const lists = this.lists();
    this.session?.close();
    this.session = null;
    for (const list of lists)
      for (let packet = list.first; packet !== null; packet = list.first) this.end(packet, "peer-removed");
    this.time.next = Infinity;
    this.settle();
  }

  /** Ends what is over; to be called when `deadline` has come. */
  tick(): void {
    if (!this.time.beginSweep()) return;
    for (const list of this.lists()) {
      if (list === this.session?.wire) continue; // it has left: its time is looked at when it comes back (R8.3)
      for (let packet = list.first; packet !== null; ) {
        const { after } = packet;
        if (!packet.isVoid && this.time.isOver(packet)) this.drop(packet);
        else if (!packet.isVoid) this.time.expect(packet.deadline);
        packet = after;
      }
    }
    this.settle();
  }

  /** ms at which tick() has something to do, Infinity for never. */
  get deadline(): number {
    return this.time.next;
  }

  /** One stream: what an earlier gateway gave a number to, in the order of the numbers, before anything is added. */
  restore(packet: Packet): void {
    packet.setQueued(this);
    packet.markSent();
    packet.isNumberSafe = true;
    packet.place = Place.WORKING;
    packet.order = ++this.order;
    if (Number.isNaN(packet.addedAt)) packet.addedAt = this.options.now();
    this.returned.push(packet);
    this.room.enter(packet.size);
    this.time.expect(packet.deadline);
  }

  /** One stream: the number of this packet is safe. */
  numberIsSafe(packet: Packet): void {
    packet.isNumberSafe = true;
    this.session?.pump();
  }

  /**
   * One stream: the peer has forgotten all numbers, and there is no session. What had left ends `unknown`; what had not
   * waits in front of all others. Packets that only filled a number's place are gone.
   */
  forgetNumbers(): void {
    const unseen: Packet[] = [];
    for (let packet = this.returned.shift(); packet !== null; packet = this.returned.shift()) {
      packet.number = 0;
      packet.isNumberSafe = false;
      if (packet.isVoid) packet.resetQueued();
      else if (packet.hasLeft) this.end(packet, "unknown");
      else unseen.push(packet);
    }
    for (const packet of unseen.reverse()) this.working[packet.lane].unshift(packet);
    this.settle();
  }

  /** One stream: the number of the first packet that is not acknowledged; 0 when none has one. */
  get firstNumber(): number {
    const { session } = this;
    return (session?.wire.first ?? session?.numbered.first ?? this.returned.first)?.number ?? 0;
  }

  /** One stream: bytes of the packets that have a number. */
  get numberedBytes(): number {
    const { session } = this;
    return this.returned.bytes + (session === null ? 0 : session.wire.bytes + session.numbered.bytes);
  }

  /** Resolves once there is room for one of so many bytes, or none will ever be taken again (policy wait). */
  whenRoom(bytes = 1): Promise<void> {
    const room = this.room.when(bytes);
    this.settle();
    return room;
  }

  /** All that have come to no outcome, and places of numbers: by place, and in each in the order in which they would leave. */
  *packets(): Generator<Packet> {
    for (const list of this.lists()) yield* list;
  }

  /** Ends a packet in whatever place, as the peer or a person has it. */
  finish(packet: Packet, outcome: Outcome): void {
    if (packet.holder !== this || packet.place === Place.DONE) return;
    this.end(packet, outcome);
    this.settle();
  }

  // ── for its packets and session queues ──────────────────────────────────────────────────────────────────────

  onInvalid(packet: Packet): void {
    this.drop(packet);
    this.settle();
  }

  /** It was found to be over: it leaves its list, with the outcome that fits (H4, H10). */
  drop(packet: Packet): void {
    packet.claimForWriting();
    this.end(packet, packet.wasWritten ? "unknown" : packet.isValid() ? "expired" : "cancelled");
  }

  delivered(packet: Packet): void {
    if (packet.place === Place.DONE) this.clear(packet);
    else this.end(packet, "delivered");
  }

  /** From the working list to the session, as far as its window allows (H1). */
  refill(lane: number): void {
    const list = this.working[lane];
    if (list.first === null) return;
    const session = this.session!;
    for (let next = list.first; next !== null && session.hasRoom(lane, next.size); next = list.first) {
      if (this.time.isOver(next)) this.drop(next);
      else {
        list.remove(next);
        next.place = Place.SESSION;
        session.lanes[lane].push(next);
      }
    }
  }

  /** Owners are told once the lists are in order: they may add and withdraw. */
  settle(): void {
    this.session?.touch();
    if (this.news.isTelling) return;
    this.news.tell();
    this.room.tell(this.isRemoved);
  }

  private add(packet: Packet, refusal: Refusal | null, place: Place.NEW | Place.WORKING): Refusal | null {
    if (refusal !== null) {
      this.counts.refused++;
      this.counts.refusals[refusal]++;
      this.settle();
      return refusal;
    }
    packet.setQueued(this);
    packet.place = place;
    packet.order = ++this.order;
    // One look at the clock for all that are added until they are processed.
    if (!this.isSignalled) this.signalledAt = this.options.now();
    if (Number.isNaN(packet.addedAt)) packet.addedAt = this.signalledAt;
    if (place === Place.NEW) this.fresh.push(packet);
    else this.working[packet.lane].unshift(packet);
    this.counts.added++;
    this.room.enter(packet.size);
    this.time.expect(packet.deadline);
    if (packet.key !== "") this.keys.set(`${packet.lane}:${packet.key}`, packet);
    this.signal();
    this.settle();
    return null;
  }

  private stateRefusalOf(packet: Packet): Refusal | null {
    if (this.isRemoved) return "PEER_REMOVED";
    if (packet.isQueued) return "ALREADY_QUEUED";
    if (packet.place !== Place.NONE) return "INVALID_STATE";
    if (!packet.isValid()) return "OBJECT_INVALIDATED";
    if (packet.deadline !== Infinity) this.time.readNow();
    if (this.time.hasPassed(packet.deadline)) return "EXPIRED";
    return packet.size > this.limits.maxFrame ? "TOO_BIG" : null;
  }

  private makeRoom({ lane, key, size }: Packet): Refusal | null {
    const policy = this.limits.policies[lane];
    const older = policy === "coalesce" && key !== "" ? this.keys.get(`${lane}:${key}`) : undefined;
    if (older !== undefined && !older.hasLeft && this.room.has(size, older.size, 1)) {
      this.end(older, "dropped-by-policy");
      return null;
    }
    if (this.room.has(size)) return null;
    if (size > this.limits.maxBytes) return "QUEUE_FULL";
    if (policy === "wait") return "TRY_AGAIN";
    return policy === "dropOldest" && this.dropOldest(lane, size) ? null : "QUEUE_FULL";
  }

  /** Gives up the oldest of a lane of which no byte has left, if that makes room; else nothing. */
  private dropOldest(lane: number, size: number): boolean {
    this.time.read();
    this.drainNew();
    const victims: Packet[] = [];
    let bytes = 0;
    for (const list of [this.session?.lanes[lane], this.working[lane]]) {
      for (const packet of list ?? []) {
        if (this.room.has(size, bytes, victims.length)) break;
        if (packet.hasLeft) continue;
        victims.push(packet);
        bytes += packet.size;
      }
    }
    if (!this.room.has(size, bytes, victims.length)) return false;
    for (const packet of victims) this.end(packet, "dropped-by-policy");
    return true;
  }

  private drainNew(): void {
    for (let packet = this.fresh.shift(); packet !== null; packet = this.fresh.shift()) {
      if (this.time.isOver(packet)) this.drop(packet);
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

  private giveUp(session: SessionQueue): void {
    this.time.readNow(); // what was on the wire may have a deadline that was passed over
    session.close();
    if (this.session === session) this.session = null;
    // Each from its end to the head of the working list: what had left comes before what waited for its turn.
    for (const list of session.lanes) this.takeBack(list);
    this.takeBack(session.numbered);
    this.takeBack(session.wire);
  }

  /** From its end on, each to the head of the list that it came from. */
  private takeBack(list: PacketList): void {
    for (let packet = list.pop(); packet !== null; packet = list.pop()) {
      const isPlaceOnly = packet.place === Place.DONE;
      if (isPlaceOnly) packet.rewind();
      else {
        packet.giveBack();
        packet.place = Place.WORKING;
      }
      if (packet.number > 0) this.returned.unshift(packet);
      else if (!isPlaceOnly) this.working[packet.lane].unshift(packet);
      if (isPlaceOnly) {
        if (!packet.isVoid) this.clear(packet);
      } else if (this.time.isOver(packet)) this.drop(packet);
      else if (packet.hasLeft && !packet.isRequeued) this.end(packet, "unknown");
      else this.time.expect(packet.deadline);
    }
  }

  private end(packet: Packet, reason: Outcome): void {
    if (packet.place === Place.DONE) return this.clear(packet);
    const isOnWire = packet.place === Place.WIRE;
    // From here on it is too late to withdraw it; who did so before, on whatever thread, has won.
    packet.claimForWriting();
    const outcome = packet.isValid() || packet.hasLeft ? reason : "cancelled";
    packet.outcome = outcome;
    this.room.leave(packet.size);
    this.counts.outcomes[outcome]++;
    if (packet.key !== "" && this.keys.get(`${packet.lane}:${packet.key}`) === packet)
      this.keys.delete(`${packet.lane}:${packet.key}`);
    this.news.add(packet);
    packet.place = Place.DONE;
    if (outcome === "delivered" || this.isRemoved) this.clear(packet);
    // A number is never skipped: its place goes out empty (session part 4).
    else if (packet.number > 0) packet.isVoid = true;
    // Frames of it are under way, and are acknowledged like others.
    else if (!isOnWire) this.clear(packet);
  }

  /** No list has it any more. */
  private clear(packet: Packet): void {
    packet.list?.remove(packet);
    packet.resetQueued();
  }

  /** All lists, by how far a packet in them has come. */
  private lists(): PacketList[] {
    const { session, returned, working, fresh } = this;
    const rest = [returned, ...working, fresh];
    return session === null ? rest : [session.wire, session.numbered, ...session.lanes, ...rest];
  }

  private signal(): void {
    if (this.isSignalled) return;
    this.isSignalled = true;
    if (this.options.signal === undefined) queueMicrotask(this.process);
    else this.options.signal(this.process);
  }
}
