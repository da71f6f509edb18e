/** What one board of a chain was asked and has sent, counted at the board, at its gateway, and at the far end. */
import type { ChaosBoard } from "../../../chaos/chaos-board.ts";
import { filler } from "../../../chaos/filler.ts";
import { Tally } from "../../../chaos/tally.ts";
import type { DeliveredMessage } from "../../../http/api.ts";
import { type Counts, Ledger } from "../ledger.ts";
import type { Asked, FarRequests } from "./far-requests.ts";

/** Of requests that were withdrawn, and of all outcomes. */
export interface WithdrawalCounts {
  withdrawn: number;
  /** Of those, how many had been carried out before: at most once, as any request. */
  executed: number;
  /** Withdrawn where they could not have come to their board; and of these, how many it carried out all the same. */
  forbidden: number;
  late: number;
  /** Accepted, and never told what became of them; told two things; not known any more; told that it is not known. */
  open: number;
  contradicted: number;
  forgotten: number;
  unknown: number;
}

export class ChainLedger extends Ledger {
  /** Its messages, as the far end's gateway delivered them. */
  readonly across = new Tally();

  constructor(
    board: ChaosBoard,
    readonly requests: FarRequests,
  ) {
    super(board);
  }

  takeAcross({ message }: DeliveredMessage): void {
    const { ot, i, s } = message;
    if (ot === "l:n") this.across.take(i as number, s === filler(i as number));
  }

  override get isComplete(): boolean {
    return super.isComplete && this.across.highest >= this.board.count;
  }

  /** From the board's gateway to the far end. */
  far(isOver: boolean): Counts {
    const { board, messages, across } = this;
    const { delivered, repeated, reordered, corrupted } = across;
    const lost = across.missing(isOver ? board.sent : across.highest);
    return {
      ...{ sent: messages.delivered, acknowledged: messages.delivered },
      ...{ delivered, lost, repeated, reordered, corrupted },
    };
  }

  /** To the board: requests from the far end. What was withdrawn need not arrive. */
  override down(isOver: boolean): Counts {
    const { ran } = this.board;
    const { all } = this.requests;
    const { delivered, repeated, reordered } = ran;
    const accepted = all.filter(({ isAccepted }) => isAccepted);
    const lost = isOver ? this.lost.length : 0;
    const corrupted = ran.corrupted + all.filter(({ isCorrupted }) => isCorrupted).length;
    return {
      ...{ sent: all.length, acknowledged: accepted.length },
      ...{ delivered, lost, repeated, reordered, corrupted },
    };
  }

  /** Accepted and not withdrawn, and not carried out, or not told to have been: a sentence each, once all is over. */
  get lostWords(): string[] {
    const { board } = this;
    return this.lost.map(
      ({ i, end }) =>
        `${board.id}: request ${i} is ${end ?? "without an outcome"}, and ${board.ran.has(i) ? "was" : "was not"} carried out`,
    );
  }

  private get lost(): Asked[] {
    const { ran } = this.board;
    const wanted = this.requests.all.filter(({ isAccepted, end }) => isAccepted && end !== "cancelled");
    return wanted.filter(({ i, end }) => !ran.has(i) || end !== "delivered");
  }

  withdrawals(isOver: boolean): WithdrawalCounts {
    const { ran } = this.board;
    const { all } = this.requests;
    const cancelled = all.filter(({ end }) => end === "cancelled");
    const forbidden = all.filter(({ isForbidden }) => isForbidden);
    return {
      withdrawn: cancelled.length,
      executed: cancelled.filter(({ i }) => ran.has(i)).length,
      forbidden: forbidden.length,
      late: forbidden.filter(({ i }) => ran.has(i)).length,
      open: isOver ? all.filter(({ isAccepted, end }) => isAccepted && end === undefined).length : 0,
      contradicted: all.filter(({ isContradicted }) => isContradicted).length,
      forgotten: all.filter(({ isForgotten }) => isForgotten).length,
      unknown: all.filter(({ end }) => end === "unknown").length,
    };
  }
}

export function addWithdrawals(all: readonly WithdrawalCounts[]): WithdrawalCounts {
  const sum: WithdrawalCounts = {
    ...{
      withdrawn: 0,
      executed: 0,
      forbidden: 0,
      late: 0,
      open: 0,
      contradicted: 0,
      forgotten: 0,
      unknown: 0,
    },
  };
  for (const one of all)
    for (const name of Object.keys(sum) as (keyof WithdrawalCounts)[]) sum[name] += one[name];
  return sum;
}
