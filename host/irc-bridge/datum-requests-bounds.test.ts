/** What an answer or the log would repeat is bounded, however a stranger calls himself, his request and whom it is for. */
import { expect, test } from "vitest";
import type { Datum } from "../irc-iot/datum.ts";
import { Addresses } from "./addresses.ts";
import { DatumRequests } from "./datum-requests.ts";

const speaker = { network: "lab", nick: "ann", user: "ann", host: "phone", account: null };

function make(boards?: string[]) {
  const numbers: unknown[] = [];
  const devices: unknown[] = [];
  const requests = new DatumRequests({
    addresses: new Addresses("kitchen", "bowline@kitchen"),
    desk: {
      ask: async ({ re, device }: { re: unknown; device: string }) => {
        numbers.push(re);
        devices.push(device);
        return null;
      },
    } as never,
    ...{ commandAgeMs: 300_000, wall: () => 0, refuse() {} },
    knows: (device: string) => boards?.includes(device) !== false,
  });
  const take = (fields: Partial<Datum>, channel: string | null = null) =>
    requests.take(
      { ot: "l:led", src: "ann@phone", dst: "sim-1@kitchen", ...fields },
      { speaker, channel, mid: "10001", containerText: "", identity: { key: null } },
    );
  return { numbers, devices, take };
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

test("a board behind another gateway is asked in private, where it is known; in a channel that gateway hears it too", async () => {
  const { devices, take } = make(["attic/sim-1"]);
  await take({ dst: "sim-1@attic" }, "#lab");
  await take({ dst: "sim-2@attic" });
  expect(devices).toEqual([]);
  await take({ dst: "sim-1@attic" });
  expect(devices).toEqual(["attic/sim-1"]);
});

test("what is for no address of a board is for none of ours", async () => {
  const { devices, take } = make();
  for (const dst of ["", "sim-1", "@kitchen", "sim-1@kitchen@attic"]) await take({ dst });
  expect(devices).toEqual([]);
});
