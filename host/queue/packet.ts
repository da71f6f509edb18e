/**
 * One request, reply or notification on its way to a peer (iotgw X.1). At any time it is in exactly one place, and it
 * comes to exactly one outcome.
 */
import { Claim, type ClaimHandle, changeClaim, claimOf } from "./claim-words.ts";
import { Memblock, type MemblockBudget } from "./memblock.ts";
import type { PacketList } from "./packet-list.ts";

export const enum Lane {
  /** Cancel, kill, errors: before all else. */
  CONTROL = 0,
  ALARM = 1,
  NORMAL = 2,
  BULK = 3,
}
export const LANES = 4;

export const enum Place {
  /** Made, and not added to a queue. */
  NONE = 0,
  NEW = 1,
  WORKING = 2,
  SESSION = 3,
  WIRE = 4,
  DONE = 5,
}

export type Outcome =
  /** The peer has it as safely as its role promises. */
  | "delivered"
  /** Not one byte left in time. */
  | "expired"
  | "cancelled"
  | "peer-removed"
  | "dropped-by-policy"
  | "rejected"
  /** It left whole, and nobody can tell whether it arrived. */
  | "unknown";

/** Who is told what became of a packet, once. */
export interface PacketOwner {
  onOutcome(packet: Packet, outcome: Outcome): void;
}

export interface PacketOptions {
  lane?: Lane;
  /** ms of the queue's clock after which it is no longer wanted. */
  deadline?: number;
  owner?: PacketOwner;
  /** Whatever the owner knows it by. */
  tag?: unknown;
  /** false: once bytes have left, the loss of the session is its end, with outcome unknown. */
  isRequeued?: boolean;
  /** A newer one with the same key takes its place (policy coalesce). */
  key?: string;
  /** Of a packet from another thread: the word with which that one may withdraw it. */
  claim?: ClaimHandle;
}

/** Who has the packet now. */
interface Holder {
  /** setInvalid() has won. */
  onInvalid(packet: Packet): void;
}

const nobody: PacketOwner = { onOutcome() {} };

export class Packet {
  place: Place = Place.NONE;
  outcome: Outcome | null = null;
  /** The order in which packets of its queue were added. */
  order = 0;
  /** ms of its queue's clock at which it began to wait; NaN before. Whoever knows of an earlier time sets it first. */
  addedAt = Number.NaN;
  /** Of one stream: its number, 0 before it has one. */
  number = 0;
  /** Its number is safe: its bytes may leave. */
  isNumberSafe = false;
  /** It has come to its outcome, and only fills the place of its number. */
  isVoid = false;
  /** Bytes written in the present session; frames of it that are not acknowledged. */
  offset = 0;
  framesOut = 0;
  /** A byte of it was written once, or all of it, in whichever session: the peer may have it. */
  wasBegun = false;
  wasWritten = false;
  references = 1;
  holder: Holder | null = null;

  list: PacketList | null = null;
  before: Packet | null = null;
  after: Packet | null = null;

  /** Of one that only this thread knows; else the word decides. */
  private claim = Claim.QUEUED;

  /** Bytes of its body. */
  readonly size: number;

  private constructor(
    readonly body: Memblock,
    readonly lane: Lane,
    public deadline: number,
    readonly owner: PacketOwner,
    readonly tag: unknown,
    readonly isRequeued: boolean,
    readonly key: string,
    private readonly word: ClaimHandle | null,
  ) {
    this.size = body.bytes.length;
  }

  /** One with a body that it takes over; the caller is its first holder. */
  static of(body: Memblock, options: PacketOptions = {}): Packet {
    const { lane = Lane.NORMAL, deadline = Infinity, owner = nobody, tag, key = "", claim = null } = options;
    if (!(lane >= 0 && lane < LANES)) throw new RangeError(`a packet in lane ${lane}; allowed: 0…3`);
    return new Packet(body, lane, deadline, owner, tag, options.isRequeued !== false, key, claim);
  }

  /** One with a copy of `bytes`; null: above the budget (R1.2). */
  static copyOf(bytes: Uint8Array, options?: PacketOptions, budget?: MemblockBudget): Packet | null {
    const body = Memblock.copyOf(bytes, budget);
    return body === null ? null : Packet.of(body, options);
  }

  /** In a queue, or on the wire. */
  get isQueued(): boolean {
    return this.holder !== null;
  }

  /** iotgw X.1 step 4: a queue has it. */
  setQueued(holder: Holder): void {
    this.holder = holder;
    this.retain();
  }

  /** iotgw X.1 step 8: no queue has it any more. */
  resetQueued(): void {
    this.holder = null;
    this.release();
  }

  /** Nobody has said that it is no longer wanted (iotgw X.1 step 8). */
  isValid(): boolean {
    return (this.word === null ? this.claim : claimOf(this.word)) !== Claim.INVALID;
  }

  /**
   * It is no longer wanted (iotgw X.1 step 8). True: no byte of it has left or ever will. Of one that was given back by
   * a lost session no further byte leaves, but the peer may have it: false.
   */
  setInvalid(): boolean {
    const isUnseen = this.change(Claim.QUEUED, Claim.INVALID);
    if (isUnseen || this.change(Claim.RETURNED, Claim.INVALID)) this.holder?.onInvalid(this);
    return isUnseen;
  }

  /** Another thread may have withdrawn it by its word: then it need not wait for its turn. */
  noticeInvalid(): void {
    if (this.place !== Place.DONE && !this.isValid()) this.holder?.onInvalid(this);
  }

  /** It is withdrawn; should it have left, whatever is sent of it again says that its time is over. */
  endLife(): void {
    if (!this.setInvalid()) this.deadline = -Infinity;
  }

  /** The writer takes it: from here on it is too late to withdraw it. False: it was withdrawn, or taken before. */
  claimForWriting(): boolean {
    return this.change(Claim.QUEUED, Claim.CLAIMED) || this.change(Claim.RETURNED, Claim.CLAIMED);
  }

  /** Its session is lost: it begins again at byte 0 (R6.2). */
  giveBack(): void {
    this.rewind();
    this.change(Claim.CLAIMED, Claim.RETURNED);
  }

  /** An earlier gateway may have sent it: it is as one that a lost session gave back. */
  markSent(): void {
    this.claimForWriting();
    this.giveBack();
    this.wasBegun = this.wasWritten = true;
  }

  rewind(): void {
    this.offset = 0;
    this.framesOut = 0;
  }

  /** Bytes of it have left, in this session or one before. */
  get hasLeft(): boolean {
    return this.wasBegun || this.wasWritten;
  }

  /** With outcome peer-removed or unknown: the peer may have it all the same (G5). */
  get maybeDelivered(): boolean {
    return this.wasWritten && this.outcome !== "delivered";
  }

  retain(): void {
    if (this.references === 0) throw new RangeError("a packet that nobody held is held again");
    this.references++;
  }

  release(): void {
    if (this.references === 0) throw new RangeError("a packet is let go more often than it was held");
    if (--this.references > 0) return;
    this.body.release();
  }

  /** From one claim to the next, unless it is another by now. */
  private change(from: Claim, to: Claim): boolean {
    if (this.word !== null) return changeClaim(this.word, from, to);
    if (this.claim !== from) return false;
    this.claim = to;
    return true;
  }
}
