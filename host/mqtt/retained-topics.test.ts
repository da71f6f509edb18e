/** What is to stand on a broker, beside what stands there, over brokers and gateways that go and come. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { openTestStore } from "../testing/stores.ts";
import { type PublishRetained, type RetainedFault, RetainedTopics } from "./retained-topics.ts";

const stops = stopAfterEach();
let store: DurableStore;
let broker: Map<string, string>;
let said: string[];
let faults: string[];

beforeEach(async () => {
  store = await openTestStore();
  [broker, said, faults] = [new Map(), [], []];
});
afterEach(() => store.stop());

const publish: PublishRetained = async (topic, payload) => {
  said.push(`${topic}=${payload}`);
  if (payload === "") broker.delete(topic);
  else broker.set(topic, payload);
};

async function topics(): Promise<RetainedTopics> {
  const onFault = (fault: RetainedFault | null) => faults.push(fault?.text ?? "");
  const one = new RetainedTopics({ store, clock: { wall: () => 0 }, onFault });
  await one.load();
  return one;
}

test("what is wanted stands there, once, and what is wanted no more does not", async () => {
  const one = await topics();
  one.begin(publish);
  one.settle(
    new Map([
      ["a", "1"],
      ["b", "2"],
    ]),
  );
  await until(() => one.isSettled);
  one.settle(
    new Map([
      ["a", "1"],
      ["c", "3"],
    ]),
  );
  await until(() => one.isSettled);
  expect([...broker]).toEqual([
    ["a", "1"],
    ["c", "3"],
  ]);
  expect(said.sort()).toEqual(["a=1", "b=", "b=2", "c=3"]);
});

test("what makes its text is asked when it is said, and said as often as it was touched at the most", async () => {
  const one = await topics();
  let n = 0;
  one.begin(publish);
  one.settle(new Map([["a", () => String(n)]]));
  for (n = 1; n < 100; n++) one.touch("a");
  await until(() => one.isSettled);
  expect(broker.get("a")).toBe("100");
  expect(said.length).toBeLessThan(3);
});

test("a broker that is back is told everything, and what to forget", async () => {
  const one = await topics();
  one.begin(publish);
  one.settle(
    new Map([
      ["a", "1"],
      ["b", "2"],
    ]),
  );
  await until(() => one.isSettled);
  one.pause();
  broker.delete("a");
  one.settle(new Map([["a", "1"]]));
  one.begin(publish);
  await until(() => one.isSettled);
  expect([...broker]).toEqual([["a", "1"]]);
});

test("the gateway after this one removes what it does not want, and then forgets that it was there", async () => {
  const one = await topics();
  one.begin(publish);
  one.settle(
    new Map([
      ["a", "1"],
      ["b", "2"],
    ]),
  );
  await until(() => one.isSettled);
  const two = await topics();
  two.begin(publish);
  expect(said).not.toContain("a=");
  two.settle(new Map([["b", "2"]]));
  await until(() => two.isSettled);
  expect([...broker]).toEqual([["b", "2"]]);
  await new Promise<void>((resolve) => store.put([], { onCommitted: resolve, onFailed: () => resolve() }));
  const three = await topics();
  three.begin(publish);
  three.settle(new Map());
  await until(() => three.isSettled);
  expect(said.filter((one) => one === "a=")).toHaveLength(1);
});

test("what is not taken is told, and the others are said", async () => {
  const one = await topics();
  one.settle(
    new Map([
      ["a", "1"],
      ["b", "2"],
    ]),
  );
  one.begin((topic, payload) => {
    if (topic === "a") throw new Error("not authorized");
    return publish(topic, payload);
  });
  await until(() => expect([...broker]).toEqual([["b", "2"]]));
  expect(faults).toEqual(["a: not authorized"]);
  one.pause();
});

test("one that the broker does not take is tried again by the clock alone, however often it changes, and stops no other", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  stops.push(() => vi.useRealTimers());
  const one = await topics();
  let [tries, isTaken] = [0, false];
  one.settle(
    new Map([
      ["big", () => "x"],
      ["b", () => "2"],
    ]),
  );
  one.begin((topic, payload) => {
    if (topic === "big" && ++tries > 0 && !isTaken) throw new Error("it has 3000 bytes");
    return publish(topic, payload);
  });
  const settled = () => vi.waitFor(() => expect(one.isSettled).toBe(true));
  await settled();
  for (let i = 0; i < 20; i++) {
    one.touch("big");
    one.touch("b");
    await settled();
  }
  expect(tries).toBe(1);
  expect(said.length).toBeGreaterThan(10);
  vi.advanceTimersByTime(30_000);
  await vi.waitFor(() => expect(tries).toBe(2));
  isTaken = true;
  vi.advanceTimersByTime(30_000);
  await vi.waitFor(() => expect(broker.get("big")).toBe("x"));
  await settled();
  expect([faults.at(0), faults.at(-1)]).toEqual(["big: it has 3000 bytes", ""]);
  // From here on it is said with each change again.
  one.touch("big");
  await vi.waitFor(() => expect(tries).toBe(4));
});

test("of several that are not taken the first is named, and how many more", async () => {
  const one = await topics();
  one.settle(new Map(["a", "b", "c"].map((topic) => [topic, "1"])));
  one.begin(() => Promise.reject(new Error("not authorized")));
  await until(() => expect(faults.at(-1)).toBe("a: not authorized; and 2 more"));
  one.pause();
});
