/** What an answer or the log would repeat is bounded, however a stranger calls himself, his request and whom it is for. */
import { expect, test } from "vitest";
import type { Datum } from "../irc-iot/datum.ts";
import { Addresses } from "./addresses.ts";
import { DatumRequests } from "./datum-requests.ts";

const speaker = { network: "lab", nick: "ann", user: "ann", host: "phone", account: null };

function make() {
  const numbers: unknown[] = [];
  const requests = new DatumRequests({
    addresses: new Addresses("kitchen", "bowline@kitchen"),
    desk: { ask: async ({ re }: { re: unknown }) => numbers.push(re) && null } as never,
    ...{ commandAgeMs: 300_000, wall: () => 0, knows: () => true, refuse() {} },
  });
  const take = (fields: Partial<Datum>) =>
    requests.take(
      { ot: "l:led", src: "ann@phone", dst: "sim-1@kitchen", ...fields },
      { speaker, channel: null, mid: "10001", containerText: "", identity: { key: null } },
    );
  return { numbers, take };
}

test("a request has the number that its asker gave it, or that of its Container where that is no number", async () => {
  const { numbers, take } = make();
  for (const rq of [7, "seven", "x".repeat(64), "x".repeat(65), { a: 1 }, undefined]) await take({ rq });
  expect(numbers).toEqual([7, "seven", "x".repeat(64), "10001", "10001", "10001"]);
});

test("who has an address longer than any is not answered, so nothing is done for him", async () => {
  const { numbers, take } = make();
  await take({ src: `${"x".repeat(122)}@phone` });
  await take({ src: `${"x".repeat(123)}@phone` });
  expect(numbers).toHaveLength(1);
});

test("what is for an address longer than any is for no board of ours", async () => {
  const { numbers, take } = make();
  await take({ dst: `${"x".repeat(120)}@kitchen` });
  await take({ dst: `${"x".repeat(121)}@kitchen` });
  await take({ dst: `${"x".repeat(1_000_000)}@kitchen` });
  expect(numbers).toHaveLength(1);
});

test("who has not proved who they are does not find out whether there is a board", async () => {
  const told: string[] = [];
  let operator: { name: string } | null = { name: "ann" };
  const requests = new DatumRequests({
    addresses: new Addresses("kitchen", "bowline@kitchen"),
    desk: { identify: async () => operator, refused() {} } as never,
    ...{ commandAgeMs: 300_000, wall: () => 0, knows: () => false },
    refuse: (_speaker, _datum, _re, { refused }) => told.push(refused),
  });
  const ask = () =>
    requests.take(
      { ot: "l:led", src: "ann@phone", dst: "sim-9@kitchen" },
      { speaker, channel: null, mid: "10001", containerText: "", identity: { key: null } },
    );
  await ask();
  operator = null;
  await ask();
  expect(told).toEqual(["DEVICE_UNKNOWN", "NOT_PROVED"]);
});
