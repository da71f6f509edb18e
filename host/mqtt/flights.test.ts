/** Places, and how long the oldest waits, in time that stands still. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Flights } from "./flights.ts";

let late = 0;

beforeEach(() => {
  late = 0;
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => vi.useRealTimers());

const flights = (places: number) =>
  new Flights({ places: () => places, ackMs: 60_000, onLate: () => late++ });

test("no more is on its way than there are places; who waits goes when one is free, or when all is over", async () => {
  const one = flights(2);
  const [a] = [await one.enter(), await one.enter()];
  const order: string[] = [];
  void one.enter().then(() => order.push("third"));
  void one.enter().then(() => order.push("fourth"));
  await Promise.resolve();
  expect(one.count).toBe(2);
  one.leave(a);
  await vi.waitFor(() => expect(order).toEqual(["third"]));
  one.close();
  await vi.waitFor(() => expect(order).toEqual(["third", "fourth"]));
});

test("the oldest is late after its time, counted from when it was the oldest", async () => {
  const one = flights(3);
  const a = await one.enter();
  const b = await one.enter();
  vi.advanceTimersByTime(59_000);
  one.leave(a);
  vi.advanceTimersByTime(59_000);
  expect(late).toBe(0);
  vi.advanceTimersByTime(1000);
  expect(late).toBe(1);
  one.leave(b);
});

test("acknowledgements of others do not keep an oldest one alive that never has its own", async () => {
  const one = flights(3);
  await one.enter();
  for (let i = 0; i < 6; i++) {
    const other = await one.enter();
    vi.advanceTimersByTime(10_000);
    one.leave(other);
  }
  expect(late).toBe(1);
});

test("while nothing is on its way, and once it is over, nothing is late", async () => {
  const one = flights(1);
  one.leave(await one.enter());
  vi.advanceTimersByTime(600_000);
  await one.enter();
  one.close();
  vi.advanceTimersByTime(600_000);
  expect(late).toBe(0);
});
