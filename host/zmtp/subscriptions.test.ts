import { expect, test } from "vitest";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { type Subscriber, Subscriptions, topicsOf } from "./subscriptions.ts";

interface Reader extends Subscriber {
  name: string;
}

const limits = { topicBytes: 20, topics: 4, allTopicBytes: 100_000 };
const reader = (name: string): Reader => ({ name, topics: new Map(), foundBy: 0 });
const bytes = (text: string) => Buffer.from(text, "utf8");

function found(subscriptions: Subscriptions<Reader>, first: string | Uint8Array): string[] {
  const readers: Reader[] = [];
  subscriptions.find(typeof first === "string" ? bytes(first) : first, readers);
  return readers.map(({ name }) => name);
}

test("a message goes to whoever asked for what its first part begins with, once", () => {
  const subscriptions = new Subscriptions<Reader>(limits);
  const [ann, bob, cid] = ["ann", "bob", "cid"].map(reader);
  subscriptions.add(ann, bytes("config:"));
  subscriptions.add(ann, bytes("config:a_b"));
  subscriptions.add(bob, bytes(""));
  subscriptions.add(cid, bytes("config:a_b:"));
  expect(found(subscriptions, "config:a_b:ID").sort()).toEqual(["ann", "bob", "cid"]);
  expect(found(subscriptions, "config:a_bc:ID").sort()).toEqual(["ann", "bob"]);
  expect(found(subscriptions, "config").sort()).toEqual(["bob"]);
  expect(found(subscriptions, "").sort()).toEqual(["bob"]);
});

test("prefixes are of bytes, whatever they are, and of any view", () => {
  const subscriptions = new Subscriptions<Reader>(limits);
  const ann = reader("ann");
  subscriptions.add(ann, Uint8Array.of(0xc3)); // half of an é
  expect(found(subscriptions, "é")).toEqual(["ann"]);
  expect(found(subscriptions, new Uint8Array([0, 0xc3, 0xff]).subarray(1))).toEqual(["ann"]);
  expect(found(subscriptions, Uint8Array.of(0xc4))).toEqual([]);
  subscriptions.add(ann, bytes("ключ"));
  expect(topicsOf(ann)).toEqual(["\ufffd", "ключ"]);
});

test("one cancel takes one of two subscriptions to the same topic; what was never asked for is passed over", () => {
  const subscriptions = new Subscriptions<Reader>(limits);
  const ann = reader("ann");
  expect([subscriptions.add(ann, bytes("a")), subscriptions.add(ann, bytes("a"))]).toEqual([1, 2]);
  expect(subscriptions.remove(ann, bytes("b"))).toBe(0);
  expect(subscriptions.remove(ann, bytes("a"))).toBe(1);
  expect(found(subscriptions, "a")).toEqual(["ann"]);
  expect(subscriptions.remove(ann, bytes("a"))).toBe(0);
  expect(found(subscriptions, "a")).toEqual([]);
  expect(subscriptions.remove(ann, bytes("a"))).toBe(0);
});

test("topics have a length and a number at most", () => {
  const subscriptions = new Subscriptions<Reader>(limits);
  const ann = reader("ann");
  expect(subscriptions.add(ann, bytes("x".repeat(20)))).toBe(1);
  expect(subscriptions.add(ann, bytes("x".repeat(21)))).toEqual({
    code: "TOPIC_TOO_LONG",
    text: "subscribing: a topic of 21 bytes; allowed are 20",
  });
  for (const topic of ["a", "b", "c"]) subscriptions.add(ann, bytes(topic));
  expect(subscriptions.add(ann, bytes("d"))).toEqual({
    code: "TOO_MANY_TOPICS",
    text: "subscribing: topic 5; allowed are 4",
  });
  expect(subscriptions.add(ann, bytes("c"))).toBe(2);
});

test("all together have room for so many topics, and what is given up is room again", () => {
  const subscriptions = new Subscriptions<Reader>({ ...limits, allTopicBytes: 402 });
  const [ann, bob] = ["ann", "bob"].map(reader);
  expect([subscriptions.add(ann, bytes("a")), subscriptions.add(bob, bytes("a"))]).toEqual([1, 1]);
  expect(subscriptions.add(bob, bytes("a"))).toBe(2);
  const fault = { code: "TOO_MANY_TOPICS", text: "subscribing: 402 bytes of all topics; allowed are 402" };
  expect(subscriptions.add(bob, bytes("b"))).toEqual(fault);
  expect(found(subscriptions, "b")).toEqual([]);
  subscriptions.removeAll(ann);
  expect(subscriptions.add(bob, bytes("b"))).toBe(1);
  expect(subscriptions.add(bob, bytes("c"))).toEqual(fault);
  subscriptions.remove(bob, bytes("b"));
  expect(subscriptions.add(bob, bytes("c"))).toBe(1);
});

test("random subscriptions find whom a look at every topic of everybody finds", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed);
    const subscriptions = new Subscriptions<Reader>({ topicBytes: 20, topics: 100, allTopicBytes: 100_000 });
    const readers = Array.from({ length: 6 }, (_, i) => reader(`r${i}`));
    const twin = readers.map(() => [] as string[]);
    const word = () =>
      Array.from({ length: randomInteger(random, 0, 5) }, () => "abc"[randomInteger(random, 0, 2)]).join("");
    for (let step = 0; step < 400; step++) {
      const who = randomInteger(random, 0, 5);
      const topic = word();
      const roll = random();
      if (roll < 0.4) {
        subscriptions.add(readers[who], bytes(topic));
        twin[who].push(topic);
      } else if (roll < 0.7) {
        subscriptions.remove(readers[who], bytes(topic));
        const at = twin[who].indexOf(topic);
        if (at >= 0) twin[who].splice(at, 1);
      } else if (roll < 0.72) {
        subscriptions.removeAll(readers[who]);
        twin[who] = [];
      }
      const first = word() + word();
      const expected = readers.filter((_, i) => twin[i].some((one) => first.startsWith(one)));
      expect(found(subscriptions, first).sort(), `seed ${seed}, step ${step}`).toEqual(
        expected.map(({ name }) => name),
      );
    }
  }
});
