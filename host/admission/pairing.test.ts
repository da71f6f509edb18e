import { expect, test } from "vitest";
import { openKeys } from "./key-store.ts";
import { MAX_PAIRING_MS, Pairing } from "./pairing.ts";

function pairingAt() {
  const clock = { time: 0, now: () => clock.time, wall: () => 0 };
  const keys = openKeys("memory");
  return { clock, keys, pairing: new Pairing(keys, clock) };
}

test("it is closed until it is opened, and closes by itself", () => {
  const { clock, pairing } = pairingAt();
  expect([pairing.isOpen, pairing.remainingMs]).toEqual([false, 0]);
  pairing.open(60_000);
  clock.time = 59_999;
  expect([pairing.isOpen, pairing.remainingMs]).toEqual([true, 1]);
  clock.time = 60_000;
  expect([pairing.isOpen, pairing.remainingMs]).toEqual([false, 0]);
});

test("it stays open for an hour at most, and 0 closes it", () => {
  const { pairing } = pairingAt();
  pairing.open(1e12);
  expect(pairing.remainingMs).toBe(MAX_PAIRING_MS);
  pairing.open(0);
  expect(pairing.isOpen).toBe(false);
});

test("a board is given one key while it is open, however often it asks, and another the next time", () => {
  const { clock, keys, pairing } = pairingAt();
  pairing.open(1000);
  const first = pairing.keyFor("b-1");
  pairing.open(1000); // opened longer is opened on
  expect(pairing.keyFor("b-1")).toBe(first);
  expect(keys.get("b-1")).toEqual(first);
  expect(pairing.paired).toEqual(["b-1"]);
  clock.time = 5000;
  pairing.open(1000);
  expect(pairing.paired).toEqual([]);
  expect(pairing.keyFor("b-1").equals(first)).toBe(false);
});
