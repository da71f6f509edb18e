/** What one board was given and what came from it, counted at both ends, both ways. */
import type { CountedEnd } from "../../chaos/counted-end.ts";
import { filler } from "../../chaos/filler.ts";
import { Tally } from "../../chaos/tally.ts";
import type { DeliveredMessage } from "../../http/api.ts";

/** One direction, as it is printed. */
export interface Counts {
  sent: number;
  /** Of these, how many the receiver's side has promised to have. */
  acknowledged: number;
  delivered: number;
  lost: number;
  repeated: number;
  reordered: number;
  corrupted: number;
}

export class Ledger {
  /** Requests made so far, and of these, accepted by the gateway; their numbers count from 1. */
  asked = 0;
  accepted = 0;
  /** Messages the board still held when it was asked last; undefined when it was not asked. */
  held: number | undefined;
  /** Its messages and its replies, as the gateway delivered them. */
  readonly messages = new Tally();
  readonly replies = new Tally();

  constructor(readonly board: CountedEnd) {}

  /** A message of this board was delivered. */
  take({ message }: DeliveredMessage): void {
    const { ot, re, i, s } = message;
    const isReply = typeof re === "number" && i !== undefined;
    if (isReply || ot === "l:n") {
      const tally = isReply ? this.replies : this.messages;
      tally.take(i as number, s === filler(i as number));
    }
  }

  /** Requests that are accepted, and whose reply has not come. */
  get unanswered(): number {
    return this.accepted - this.replies.delivered;
  }

  /** The board's last message has come: in order, so all before it are here or lost. */
  get isComplete(): boolean {
    return this.messages.highest >= this.board.count;
  }

  /** From the board: its messages, and its replies. `isOver`: what has not come by now is lost. */
  up(isOver: boolean): Counts {
    const { board, messages, replies } = this;
    const sent = board.sent + board.ran.delivered;
    const delivered = messages.delivered + replies.delivered;
    // Before the end only what was overtaken is known to be lost.
    const last = isOver ? board.sent : messages.highest;
    const unanswered = isOver ? board.ran.delivered - replies.delivered : 0;
    return {
      sent,
      acknowledged: sent - (this.held ?? Math.max(0, sent - delivered)),
      delivered,
      lost: messages.missing(last) + Math.max(0, unanswered),
      repeated: messages.repeated + replies.repeated,
      reordered: messages.reordered + replies.reordered,
      corrupted: messages.corrupted + replies.corrupted,
    };
  }

  /** To the board: requests. */
  down(isOver: boolean): Counts {
    const { ran } = this.board;
    const { delivered, repeated, reordered, corrupted } = ran;
    const { asked: sent, accepted: acknowledged } = this;
    const lost = ran.missing(isOver ? acknowledged : Math.min(ran.highest, acknowledged));
    return { sent, acknowledged, delivered, lost, repeated, reordered, corrupted };
  }
}

export function addCounts(all: readonly Counts[]): Counts {
  const sum = { sent: 0, acknowledged: 0, delivered: 0, lost: 0, repeated: 0, reordered: 0, corrupted: 0 };
  for (const one of all) for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += one[name];
  return sum;
}
