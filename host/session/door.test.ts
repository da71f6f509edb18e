import { beforeEach, describe, expect, test } from "vitest";
import { Code } from "../../shared/session/codes.ts";
import {
  Door,
  FAILURE_DELAY_MS,
  MAX_CONNECTIONS,
  MAX_PER_ADDRESS,
  MAX_STRANGERS,
  MAX_STRANGERS_PER_ADDRESS,
  type Visitor,
} from "./door.ts";

class Guest implements Visitor {
  isAdmitted = false;
  fault: Code | 0 = 0;
  constructor(readonly remoteAddress: string) {}
  drop(code: Code): void {
    this.fault = code;
  }
}

let time = 0;
let door: Door;
const clock = { now: () => time, wall: () => 0 };
beforeEach(() => {
  time = 0;
  door = new Door(clock);
});

/** A connection from `address`, if it is let in. */
function come(address: string, isAdmitted = false): Guest | null {
  if (!door.isOpenTo(address)) return null;
  const guest = new Guest(address);
  door.enter(guest);
  guest.isAdmitted = isAdmitted;
  return guest;
}
const fail = (address: string, code: Code) => {
  const guest = come(address)!;
  guest.fault = code;
  door.left(guest);
};
const delayFor = (address: string) => {
  const guest = new Guest(address);
  const delay = door.enter(guest);
  door.left(guest);
  return delay;
};

describe("strangers", () => {
  test("one too many takes the place of the one that stood longest; the admitted are not touched", () => {
    const admitted = Array.from({ length: 500 }, (_, i) => come(`10.0.${i >> 8}.${i & 255}`, true)!);
    const strangers = Array.from(
      { length: MAX_STRANGERS + 10 },
      (_, i) => come(`10.1.${i >> 8}.${i & 255}`)!,
    );
    expect(strangers.filter(({ fault }) => fault !== 0)).toEqual(strangers.slice(0, 10));
    expect(strangers[0].fault).toBe(Code.TOO_MANY);
    expect(admitted.every(({ fault }) => fault === 0)).toBe(true);
    expect(door.counts.strangers).toBe(MAX_STRANGERS);
  });

  test("of one address are few, and the next is turned away until one is admitted or gone", () => {
    const guests = Array.from({ length: MAX_STRANGERS_PER_ADDRESS }, () => come("10.0.0.1")!);
    expect(come("10.0.0.1")).toBe(null);
    expect(come("10.0.0.2")).not.toBe(null);
    guests[7].isAdmitted = true;
    expect(come("10.0.0.1")).not.toBe(null);
    expect(come("10.0.0.1")).toBe(null);
    door.left(guests[3]);
    expect(come("10.0.0.1")).not.toBe(null);
    expect(door.counts.turnedAway).toBe(2);
  });
});

test("connections are bounded for an address and in all, admitted or not", () => {
  for (let i = 0; i < MAX_PER_ADDRESS; i++) expect(come("10.0.0.1", true)).not.toBe(null);
  expect(come("10.0.0.1", true)).toBe(null);
  for (let i = MAX_PER_ADDRESS; i < MAX_CONNECTIONS; i++)
    come(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, true);
  expect(come("10.9.9.9")).toBe(null);
  expect(come("")).toBe(null);
});

test("loopback is counted in all, and by address not at all", () => {
  for (let i = 0; i < 2 * MAX_PER_ADDRESS; i++) expect(come("", true)).not.toBe(null);
  for (let i = 0; i < 5; i++) fail("", Code.SESSION_UNKNOWN);
  expect(delayFor("")).toBe(0);
});

describe("after three failures", () => {
  test.each([
    Code.SESSION_UNKNOWN,
    Code.HANDSHAKE_TIMEOUT,
    Code.KEY_NEEDED,
    Code.PROOF_INVALID,
    Code.HELLO_INVALID,
    Code.ADMISSION_OVERDUE,
  ])("of code %i an address has to wait, others have not, and it is forgotten after a minute", (code) => {
    for (let i = 0; i < 2; i++) fail("10.0.0.1", code);
    expect(delayFor("10.0.0.1")).toBe(0);
    fail("10.0.0.1", code);
    expect(delayFor("10.0.0.1")).toBe(FAILURE_DELAY_MS);
    expect(delayFor("10.0.0.2")).toBe(0);
    time += 60_000;
    expect(delayFor("10.0.0.1")).toBe(0);
  });

  test("of an honest kind nobody waits", () => {
    for (let i = 0; i < 10; i++) fail("10.0.0.1", Code.DEAD);
    expect(delayFor("10.0.0.1")).toBe(0);
  });
});

test("nothing is kept of an address that is gone, and of failures no more than a bound", () => {
  const size = () => (door as unknown as { neighbours: Map<string, unknown> }).neighbours.size;
  for (let i = 0; i < 1000; i++) door.left(come(`10.0.${i >> 8}.${i & 255}`)!);
  expect(size()).toBe(0);
  for (let i = 0; i < 30_000; i++) fail(`10.1.${i >> 8}.${i & 255}`, Code.SESSION_UNKNOWN);
  expect(size()).toBeLessThanOrEqual(10_001);
});
