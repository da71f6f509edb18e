/** What is to stand on a broker, beside what stands there, over brokers and gateways that go and come. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import type { DurableStore } from "../store/durable-store.ts";
import { openTestStore } from "../testing/stores.ts";
import { type PublishRetained, RetainedTopics } from "./retained-topics.ts";

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
  const onFault = (fault: string) => faults.push(fault);
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
