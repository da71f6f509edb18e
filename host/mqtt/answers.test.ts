/** Answers beside a line that takes them, refuses them, and ends over them. */
import { beforeEach, expect, test } from "vitest";
import { type Log, silentLog } from "../platform/log.ts";
import { until } from "../platform/testing/until.ts";
import { Answers } from "./answers.ts";
import { BrokerError, PACKET_TOO_LARGE } from "./broker-error.ts";
import type { Publication } from "./connection.ts";

/** What is on its way, until the test lands it. */
interface Sent {
  topic: string;
  text: string;
  land(error?: Error): void;
}

let sent: Sent[];
let lost: string[];
let answers: Answers;
const lostLine = new BrokerError("the broker has closed the connection", 0, true);

beforeEach(() => {
  [sent, lost] = [[], []];
  const log: Log = { ...silentLog, warn: (_, text) => lost.push(text) };
  answers = new Answers(log);
});

const line = {
  publish: ({ topic, payload }: Publication, onLeaves: () => void) =>
    new Promise<void>((resolve, reject) => {
      onLeaves();
      const land = (error?: Error) => (error === undefined ? resolve() : reject(error));
      sent.push({ topic, text: payload.toString(), land });
    }),
};
const answer = (topic: string, text = topic) => ({ topic, payload: Buffer.from(text) });
const say = (...topics: string[]) => {
  for (const topic of topics) answers.say(answer(topic));
};
/** -> the topics that are on their way from now on. */
async function flying(...topics: string[]): Promise<Sent[]> {
  await until(() => expect(sent.map(({ topic }) => topic)).toEqual(topics));
  return sent.splice(0);
}
/** As a line that breaks. */
async function end(all: Sent[]): Promise<void> {
  answers.pause();
  for (const one of all) one.land(lostLine);
  await Promise.resolve();
}

test("what comes while the broker is away waits, and goes in order once it is there, a few at a time", async () => {
  say("a", "b", "c", "d", "e");
  answers.begin(line);
  const [first, ...others] = await flying("a", "b", "c", "d");
  first.land();
  const [last] = await flying("e");
  for (const one of [...others, last]) one.land();
  say("f");
  await flying("f");
  expect(lost).toEqual([]);
});

test("one that ends the connection is said once more, alone, then given up, and the others pass", async () => {
  say("a", "poison", "c");
  answers.begin(line);
  await end(await flying("a", "poison", "c"));
  answers.begin(line);
  say("d");
  // Those that were on their way go one after the other, whatever else waits.
  const [a] = await flying("a");
  a.land();
  await end(await flying("poison"));
  answers.begin(line);
  const [c] = await flying("c");
  c.land();
  const [last] = await flying("d");
  last.land();
  expect(lost).toEqual([
    "an answer to poison is lost: the connection ended over it, 2 times: the broker has closed the connection",
  ]);
});

test("one that had no place yet when the connection ended is not said to have tried", async () => {
  const full = { publish: () => Promise.reject(lostLine) };
  say("a");
  for (let i = 0; i < 5; i++) {
    answers.begin(full);
    answers.pause();
    await new Promise((resolve) => setImmediate(resolve));
  }
  answers.begin(line);
  await flying("a");
  expect(lost).toEqual([]);
});

test("in place of one that the broker will never take, who asked is told why; of what it may not have, the log", async () => {
  const large = new BrokerError("it has 3000 bytes, and the broker takes 2000", PACKET_TOO_LARGE);
  answers.begin(line);
  answers.say({ ...answer("a"), instead: (reason) => answer("a", reason) });
  answers.say({ ...answer("b"), instead: (reason) => answer("b", reason) });
  const [a, b] = await flying("a", "b");
  a.land(large);
  b.land(new BrokerError("Publish error: Not authorized", 0x87));
  const [instead] = await flying("a");
  expect(instead.text).toBe(large.message);
  // That is too large as well: nothing is said in its place.
  instead.land(large);
  await until(() => expect(lost).toHaveLength(3));
  expect(lost[1]).toBe("an answer to b is lost: Publish error: Not authorized");
  expect(sent).toEqual([]);
});

test("too many, and too large ones together, are lost from the oldest on; those that wait at the end are told", async () => {
  say(...Array.from({ length: 1001 }, (_, i) => `a${i}`));
  expect(lost).toEqual(["an answer to a0 is lost: too many wait for the broker"]);
  for (let i = 0; i < 70; i++) answers.say(answer("big", "x".repeat(65_536)));
  expect(lost).toHaveLength(1 + 1000 + 6);
  answers.stop();
  expect(lost).toHaveLength(1 + 1000 + 70);
  expect(lost.at(-1)).toBe("an answer to big is lost: the gateway stops");
});
