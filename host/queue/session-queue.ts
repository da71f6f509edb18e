/**
 * What of a peer's queue one session has: packets that wait for their turn, and those on the wire (iotgw X.1 steps 6, 7).
 * It writes whenever its own session can, and asks nobody else.
 *
 *   working list ─window─▶ lanes ─turn, claim─▶ wire ─acknowledged─▶ done
 *   one stream:            lanes ─turn─▶ numbered ─number is safe, claim─▶ wire
 */

import { LaneTurns } from "./lane-turns.ts";
import type { Packet } from "./packet.ts";
import { LANES, Place } from "./packet.ts";
import { PacketList } from "./packet-list.ts";
import type { PeerQueue } from "./peer-queue.ts";

/** A session as its queue sees it. */
export interface SessionPort {
  /** Whether so many bytes of a packet would leave now. */
  canWrite(bytes: number): boolean;
  /** Whether the peer takes more of this lane at present; absent: it always does. */
  takesLane?(lane: number): boolean;
  /**
   * Bytes [start…end) of the packet leave as one frame, acknowledged as one; of a void one an empty message. The session
   * may be lost in it, and frames may be acknowledged.
   */
  write(packet: Packet, start: number, end: number): void;
}

/** Frames acknowledged before the array of frames is made anew without them. */
const SPENT_FRAMES = 1024;

export class SessionQueue {
  readonly lanes = Array.from({ length: LANES }, () => new PacketList());
  /** One stream: in the order of their numbers. */
  readonly numbered = new PacketList();
  /** In the order in which their first bytes left. */
  readonly wire = new PacketList();
  isClosed = false;
  /** Of each lane, the packet of which some frames have left and some have not. */
  private readonly partial: (Packet | null)[] = [null, null, null, null];
  /** The packet of each frame on the wire, from `spent` on. */
  private frames: Packet[] = [];
  private spent = 0;
  private readonly sizes = [0, 0, 0, 0];
  private readonly turns = new LaneTurns();
  private isPumping = false;
  /** More than the lane that wrote last may have changed: `sizes` are to be looked at anew. */
  private isStale = true;

  constructor(
    private readonly queue: PeerQueue,
    private readonly port: SessionPort,
  ) {}

  /** Packets it holds. */
  get count(): number {
    return this.wire.count + this.numbered.count + this.lanes.reduce((sum, { count }) => sum + count, 0);
  }

  /** Frames that are not acknowledged. */
  get unacknowledged(): number {
    return this.frames.length - this.spent;
  }

  /** Whether a lane takes one more packet of so many bytes: its share of the window, or one alone (H1). */
  hasRoom(lane: number, bytes: number): boolean {
    const { count, bytes: held } = this.lanes[lane];
    const { packets, bytes: most } = this.queue.window;
    return count === 0 || ((count + 1) * LANES <= packets && (held + bytes) * LANES <= most);
  }

  /** The session can write, or there is something new: writes as much as leaves now. */
  pump(): void {
    this.isStale = true;
    if (this.isClosed || this.isPumping) return;
    this.isPumping = true;
    this.queue.time.read();
    try {
      if (this.queue.numbering === null) while (this.writeNext());
      else {
        this.writeNumbered();
        while (this.numberNext()) this.writeNumbered();
      }
    } finally {
      this.isPumping = false;
    }
    this.queue.settle();
  }

  /** The peer has the `count` oldest frames as safely as it promises. */
  acknowledged(count: number): void {
    if (this.isClosed) return; // a late word of a session that was lost (R6.4)
    if (count > this.unacknowledged)
      throw new RangeError(`${count} frames acknowledged, ${this.unacknowledged} are on the wire`);
    for (let i = 0; i < count; i++) {
      const packet = this.frames[this.spent++];
      if (--packet.framesOut === 0 && packet.offset >= packet.size) this.queue.delivered(packet);
    }
    if (this.spent > SPENT_FRAMES && this.spent * 2 > this.frames.length) {
      this.frames = this.frames.slice(this.spent);
      this.spent = 0;
    }
    this.pump();
  }

  /** Its lists were changed by others. */
  touch(): void {
    this.isStale = true;
  }

  /** It is lost: it writes nothing more, and hears no acknowledgement. Its queue takes back what it holds. */
  close(): void {
    this.isClosed = true;
    this.frames = [];
    this.spent = 0;
    this.partial.fill(null);
  }

  /** Writes the frame whose turn it is. False: there is none, or it would not leave now. */
  private writeNext(): boolean {
    const { partial, sizes, lanes } = this;
    if (this.isStale) for (let lane = 0; lane < LANES; lane++) this.measure(lane);
    // What a peer takes of a lane may end with any frame.
    this.isStale = this.port.takesLane !== undefined;
    const lane = this.turns.pick(sizes);
    if (lane < 0 || !this.port.canWrite(sizes[lane])) return false;
    const packet = partial[lane] ?? this.claim(lanes[lane].first!);
    if (packet !== null) {
      this.turns.spend(lane, sizes[lane]);
      const end = Math.min(packet.size, packet.offset + sizes[lane]);
      partial[lane] = end < packet.size ? packet : null;
      this.write(packet, end);
      if (this.isClosed) return false;
    }
    this.measure(lane);
    return true;
  }

  /** Bytes of the lane's next frame; 0: it has none. */
  private measure(lane: number): void {
    this.queue.refill(lane);
    const next = this.partial[lane] ?? this.lanes[lane].first;
    if (next === null || this.port.takesLane?.(lane) === false) this.sizes[lane] = 0;
    else {
      const rest = next.size - next.offset;
      const { fragmentBytes } = this.queue;
      this.sizes[lane] = rest > fragmentBytes ? fragmentBytes : rest === 0 ? 1 : rest;
    }
  }

  /** From lane or stream to wire; null: it is no longer wanted, and was dropped. One that is void goes all the same. */
  private claim(packet: Packet): Packet | null {
    if (!packet.isVoid && (this.queue.time.isOver(packet) || !packet.claimForWriting())) {
      this.queue.drop(packet);
      if (!packet.isVoid) return null;
    }
    packet.list!.remove(packet);
    packet.place = packet.isVoid ? Place.DONE : Place.WIRE;
    this.wire.push(packet);
    return packet;
  }

  /** The last of a frame: in the call the session may be lost. */
  private write(packet: Packet, end: number): void {
    const start = packet.offset;
    packet.offset = end;
    packet.framesOut++;
    if (!packet.isVoid) {
      packet.wasBegun = true;
      if (end >= packet.size) packet.wasWritten = true;
    }
    this.frames.push(packet);
    this.port.write(packet, start, end);
  }

  /** In the order of the numbers, as far as these are safe. */
  private writeNumbered(): void {
    while (!this.isClosed) {
      const next = this.numbered.first;
      if (next === null || !next.isNumberSafe || !this.port.canWrite(next.size)) return;
      this.claim(next);
      this.write(next, next.size);
    }
  }

  /** Gives a number to the packet whose turn it is. False: there is none, or no room. */
  private numberNext(): boolean {
    const { queue, sizes, lanes, numbered } = this;
    if (this.isClosed) return false;
    for (let lane = 0; lane < LANES; lane++) {
      queue.refill(lane);
      const next = lanes[lane].first;
      sizes[lane] = next === null ? 0 : Math.max(1, next.size);
    }
    const lane = this.turns.pick(sizes);
    if (lane < 0 || !queue.numbering!.hasRoom(sizes[lane])) return false;
    const packet = lanes[lane].first!;
    if (queue.time.isOver(packet)) {
      queue.drop(packet);
      return true;
    }
    this.turns.spend(lane, sizes[lane]);
    lanes[lane].remove(packet);
    numbered.push(packet);
    queue.numbering!.number(packet);
    return true;
  }
}
