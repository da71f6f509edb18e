/** What the model knows of one packet: what was asked of the queue, and what it was seen to do. */
import { Claim, type ClaimHandle, changeClaim } from "../../host/queue/claim-words.ts";
import type { Outcome, Packet } from "../../host/queue/packet.ts";

export class Entry {
  outcome: Outcome | null = null;
  /** Its place among those that were added to its lane. */
  seq = 0;
  wasAccepted = false;
  /** setInvalid() was called; it said true. */
  isWithdrawn = false;
  isWithdrawnUnseen = false;
  /** Not on the wire when it was withdrawn: no byte leaves any more. */
  isSilent = false;
  /** A byte of it left, or all of it, in whichever session. */
  wasBegun = false;
  wasWhole = false;
  /** The session in which it left last, and up to which byte. */
  session = 0;
  end = 0;
  /** The peer has all of it; it had left to a life of the peer that is over. */
  isReceived = false;
  isForgotten = false;
  generation = 0;

  constructor(
    readonly id: number,
    readonly packet: Packet,
    private readonly word?: ClaimHandle,
  ) {}

  /** As its own thread does, or another, which can only change the word. */
  withdraw(): boolean {
    if (this.word === undefined) return this.packet.setInvalid();
    const isUnseen = changeClaim(this.word, Claim.QUEUED, Claim.INVALID);
    if (!isUnseen) changeClaim(this.word, Claim.RETURNED, Claim.INVALID);
    return isUnseen;
  }

  get lane(): number {
    return this.packet.lane;
  }

  get size(): number {
    return this.packet.size;
  }

  get isLive(): boolean {
    return this.wasAccepted && this.outcome === null;
  }

  toString(): string {
    return `packet ${this.id}`;
  }
}
