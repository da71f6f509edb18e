import { expect, test } from "vitest";
import { Command, Reqtype } from "../iotgw/commands.ts";
import { Delivery } from "../iotgw/frame.ts";
import { encodeNumbered } from "../iotgw/numbered.ts";
import type { Outcome } from "../queue/packet.ts";
import { openTestStore } from "../testing/stores.ts";
import { DeadLetters } from "./dead-letters.ts";

const dead = (seq: number, outcome: Outcome, content = Buffer.from("hot")) => ({
  outcome,
  maybeDelivered: false,
  frame: encodeNumbered(
    {
      ...{ reqtype: Reqtype.ASYNC, cmd: Command.EVENT, cmdVersion: 1, error: 0, rqid: 0, crc: false },
      msgId: { origin: 7n, seq },
      route: { src: 7n, dst: 9n, hopsLeft: 3, hopsDone: 0, flags: 0 },
      qos: { lane: 2, delivery: Delivery.CUSTODY, ttlMs: 5 },
    },
    1n,
    content,
  ),
});

test("what will not arrive is told of, the newest first, in every life of the store, until it is cleared", async () => {
  const store = await openTestStore();
  const letters = new DeadLetters(store, () => 1000);
  letters.add(8n, dead(1, "expired"));
  letters.add(8n, dead(2, "peer-removed"));
  await new Promise<void>((resolve) => store.keep([], resolve));
  const again = new DeadLetters(store, () => 2000);
  await again.load();
  again.add(8n, dead(3, "unknown"));
  const told = again
    .list()
    .map(({ n, at, peer, seq, outcome, command, dst }) => [n, at, peer, seq, outcome, command, dst]);
  expect(told).toEqual([
    [3, 2000, "8", 3, "unknown", "EVENT", "9"],
    [2, 1000, "8", 2, "peer-removed", "EVENT", "9"],
    [1, 1000, "8", 1, "expired", "EVENT", "9"],
  ]);
  expect(again.list()[0].frame).toMatch(/^4947.*686f74$/);
  expect([again.clear(), again.list()]).toEqual([3, []]);
  await new Promise<void>((resolve) => store.keep([], resolve));
  expect(await store.records("dl/")).toEqual([]);
});

test("only the newest thousand are kept", async () => {
  const store = await openTestStore();
  const letters = new DeadLetters(store, () => 0);
  for (let seq = 1; seq <= 1001; seq++) letters.add(8n, dead(seq, "expired"));
  await new Promise<void>((resolve) => store.keep([], resolve));
  expect([letters.list().length, (await store.records("dl/")).length]).toEqual([1000, 1000]);
});

test("large ones are kept up to 4 MiB, and room is there again once they are cleared", async () => {
  const store = await openTestStore();
  const letters = new DeadLetters(store, () => 0);
  const large = (seq: number) => dead(seq, "expired", Buffer.alloc(1 << 20));
  for (let seq = 1; seq <= 5; seq++) letters.add(8n, large(seq));
  expect(letters.list().map(({ seq }) => seq)).toEqual([5, 4, 3]);
  const again = new DeadLetters(store, () => 0);
  await new Promise<void>((resolve) => store.keep([], resolve));
  await again.load();
  again.add(9n, large(6));
  expect(again.list().map(({ seq }) => seq)).toEqual([6, 5, 4]);
  expect([again.clear("8"), again.list().map(({ seq }) => seq)]).toEqual([2, [6]]);
  for (let seq = 7; seq <= 8; seq++) again.add(8n, large(seq));
  expect(again.list().map(({ seq }) => seq)).toEqual([8, 7, 6]);
});
