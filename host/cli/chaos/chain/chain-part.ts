/** What a run with several gateways counts besides, and what of it breaks the promise, in words. */
import type { Counts } from "../ledger.ts";
import type { WithdrawalCounts } from "./chain-ledger.ts";

export interface ChainPart {
  gateways: number;
  /** From the boards' gateways to the other end. */
  far: Counts;
  requests: WithdrawalCounts;
  /** Gateways that were ended in order and started again. */
  restarts: number;
  /** Times that a line was held while requests behind it were withdrawn; and how many there were to be. */
  holds: number;
  wantedHolds: number;
}

export function formatWithdrawals({ requests, restarts, holds }: ChainPart): string {
  const { withdrawn, executed, forbidden, late } = requests;
  return [
    `${withdrawn} requests withdrawn, ${executed} of them carried out before that`,
    `${forbidden} behind ${holds} held lines, ${late} of them carried out all the same`,
    `${restarts} restarts in order`,
  ].join("; ");
}

/** A sentence each. */
export function faultsOf({ requests, holds, wantedHolds }: ChainPart, isOver: boolean): string[] {
  const { late, open, contradicted, forgotten, unknown } = requests;
  const faults = [
    [late, "withdrawn requests carried out all the same"],
    [open, "requests without an outcome"],
    [contradicted, "requests of which two different outcomes were told"],
    [forgotten, "requests that were accepted, and are not known any more"],
    [unknown, "requests of which nobody knows what became"],
    [isOver ? wantedHolds - holds : 0, "lines that were to be held, and were not"],
  ] as const;
  return faults.filter(([count]) => count > 0).map(([count, text]) => `${count} ${text}`);
}
