import { describe, expect, test } from "vitest";
import type { ChaosBoard } from "../../chaos/chaos-board.ts";
import { filler } from "../../chaos/filler.ts";
import { Tally } from "../../chaos/tally.ts";
import { addCounts, Ledger } from "./ledger.ts";

/** A board that has sent `sent` of `count` messages, and carried out these requests. */
function ledgerOf(count: number, sent: number, ...ran: number[]): Ledger {
  const tally = new Tally();
  for (const i of ran) tally.take(i, true);
  return new Ledger({ id: "a", count, sent, ran: tally } as unknown as ChaosBoard);
}

let n = 0;
const delivered = (message: object) => ({
  ...{ n: ++n, device: "a", epoch: "e", seq: n, at: 0 },
  message: message as Record<string, unknown>,
});
const numbered = (i: number, s = filler(i)) => delivered({ ot: "l:n", i, s, t: 1 });
const reply = (i: number, s = filler(i)) => delivered({ re: 1000 + i, i, s });

describe("from the board", () => {
  test("its messages and its replies are counted, other messages are not", () => {
    const ledger = ledgerOf(2, 2, 1);
    for (const message of [numbered(1), reply(1), numbered(2), delivered({ ot: "l:telemetry" })])
      ledger.take(message);
    ledger.held = 0;
    expect(ledger.up(true)).toEqual({
      ...{ sent: 3, acknowledged: 3, delivered: 3 },
      ...{ lost: 0, repeated: 0, reordered: 0, corrupted: 0 },
    });
    expect(ledger.isComplete).toBe(true);
  });

  test("what is on its way is not lost until the run is over", () => {
    const ledger = ledgerOf(10, 5, 1);
    for (const i of [1, 2, 4]) ledger.take(numbered(i));
    expect(ledger.up(false)).toMatchObject({ sent: 6, delivered: 3, lost: 1, acknowledged: 3 });
    expect(ledger.up(true)).toMatchObject({ sent: 6, delivered: 3, lost: 3 });
    expect(ledger.isComplete).toBe(false);
  });

  test("a message that comes again, too late or changed is counted as such", () => {
    const ledger = ledgerOf(3, 3);
    for (const message of [numbered(1), numbered(3), numbered(2), numbered(3), reply(9, "changed")])
      ledger.take(message);
    expect(ledger.up(true)).toMatchObject({ lost: 0, repeated: 1, reordered: 1, corrupted: 1 });
  });

  test("what the board still holds is not acknowledged", () => {
    const ledger = ledgerOf(5, 5);
    for (const i of [1, 2, 3, 4, 5]) ledger.take(numbered(i));
    ledger.held = 2;
    expect(ledger.up(true)).toMatchObject({ sent: 5, acknowledged: 3, delivered: 5 });
  });
});

describe("to the board", () => {
  test("a request that was accepted and not carried out is lost, once the run is over or a later one was", () => {
    const ledger = ledgerOf(0, 0, 1, 3);
    ledger.asked = 5;
    ledger.accepted = 4;
    expect(ledger.down(false)).toMatchObject({ sent: 5, acknowledged: 4, delivered: 2, lost: 1 });
    expect(ledger.down(true)).toMatchObject({ lost: 2 });
  });

  test("a request that nobody accepted may have been carried out or not", () => {
    const ledger = ledgerOf(0, 0, 1, 2);
    ledger.asked = 3;
    ledger.accepted = 1;
    expect(ledger.down(true)).toMatchObject({ sent: 3, acknowledged: 1, delivered: 2, lost: 0 });
  });

  test("one that is carried out twice, or after a later one, is counted as such", () => {
    const ledger = ledgerOf(0, 0, 1, 3, 2, 3);
    ledger.asked = ledger.accepted = 3;
    expect(ledger.down(true)).toMatchObject({ lost: 0, repeated: 1, reordered: 1 });
  });
});

test("counts of all boards are added up", () => {
  const [a, b] = [ledgerOf(2, 2), ledgerOf(2, 1)];
  a.take(numbered(1));
  expect(addCounts([a.up(true), b.up(true)])).toMatchObject({ sent: 3, delivered: 1, lost: 2 });
});
