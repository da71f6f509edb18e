import { expect, test } from "vitest";
import type { ChaosBoard } from "../../../chaos/chaos-board.ts";
import { filler } from "../../../chaos/filler.ts";
import { Tally } from "../../../chaos/tally.ts";
import { addWithdrawals, ChainLedger } from "./chain-ledger.ts";
import type { Asked, FarRequests } from "./far-requests.ts";

/** A board that has sent `sent` messages, was asked these requests, and carried out those. */
function ledgerOf(sent: number, asked: Partial<Asked>[], ...ran: number[]): ChainLedger {
  const tally = new Tally();
  for (const i of ran) tally.take(i, true);
  const board = { id: "a", count: sent, sent, ran: tally } as unknown as ChaosBoard;
  const none = { key: "", isAccepted: true, end: undefined };
  const rest = { isContradicted: false, isForgotten: false, isForbidden: false, isCorrupted: false };
  const all = asked.map((one, i) => ({ ...none, ...rest, i: i + 1, ...one }));
  return new ChainLedger(board, { all } as unknown as FarRequests);
}

const delivered = { end: "delivered" } as const;
const cancelled = { end: "cancelled" } as const;
let n = 0;
const message = (i: number, s = filler(i)) => ({
  ...{ n: ++n, device: "gw1/a", epoch: "e", seq: n, at: 0 },
  message: { ot: "l:n", i, s },
});

test("a request is lost when it was not carried out, or is not known to be; not when it was withdrawn", () => {
  const ledger = ledgerOf(
    0,
    [delivered, delivered, cancelled, {}, { end: "unknown" }, delivered],
    1,
    4,
    5,
    6,
  );
  expect(ledger.down(true)).toMatchObject({ sent: 6, acknowledged: 6, delivered: 4, lost: 3 });
  expect(ledger.down(false)).toMatchObject({ lost: 0 });
  expect(ledger.lostWords).toEqual([
    "a: request 2 is delivered, and was not carried out",
    "a: request 4 is without an outcome, and was carried out",
    "a: request 5 is unknown, and was carried out",
  ]);
  expect(ledger.withdrawals(true)).toMatchObject({ open: 1, unknown: 1, forgotten: 0 });
  expect(ledgerOf(0, [{ isForgotten: true }]).withdrawals(true)).toMatchObject({ forgotten: 1 });
});

test("a request that nobody took is not acknowledged, and an answer that is another's is damage", () => {
  const ledger = ledgerOf(0, [{ ...delivered, isCorrupted: true }, { isAccepted: false }], 1);
  expect(ledger.down(true)).toMatchObject({ sent: 2, acknowledged: 1, lost: 0, corrupted: 1 });
});

test("what was withdrawn may have been carried out before, but not where it could not have come", () => {
  const forbidden = { ...cancelled, isForbidden: true };
  const ledger = ledgerOf(0, [cancelled, cancelled, forbidden, forbidden], 1, 4);
  const counts = ledger.withdrawals(true);
  expect(counts).toMatchObject({ withdrawn: 4, executed: 2, forbidden: 2, late: 1 });
  expect(addWithdrawals([counts, counts])).toMatchObject({ withdrawn: 8, late: 2 });
});

test("the far end is to have all that the board sent, once and in order", () => {
  const ledger = ledgerOf(5, []);
  for (const one of [message(1), message(3), message(2), message(3), message(4, "changed")])
    ledger.takeAcross(one);
  expect(ledger.far(false)).toMatchObject({ delivered: 4, lost: 0, repeated: 1, reordered: 1, corrupted: 1 });
  expect(ledger.far(true)).toMatchObject({ lost: 1 });
  expect(ledger.isComplete).toBe(false);
});
