/** Finding, making and reading a stream, at a JetStream that answers as it did when somebody else was first, or in the way. */
import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import { beforeEach, expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import { ApiCode } from "./fault.ts";
import { findStream, readTaken } from "./stream.ts";
import { Taken } from "./taken.ts";

const { nats: settings } = configSchema.parse({
  nats: { servers: ["nats://h:1"], stream: "BOWLINE", subject: "bowline", create: { enabled: true } },
});
const api = (code: number) => Object.assign(new Error(`code ${code}`), { name: "JetStreamApiError", code });

/** What `info` and `add` come to, in turn. */
let infos: (Error | object)[];
let adds: (Error | object)[];
const next = async (answers: (Error | object)[]) => {
  const answer = answers.shift();
  if (answer instanceof Error) throw answer;
  return answer;
};
const manager = {
  streams: { info: () => next(infos), add: () => next(adds) },
} as unknown as JetStreamManager;
const found = (config: object) => ({ config: { retention: "limits", subjects: ["bowline.>"], ...config } });
const find = () => findStream(manager, settings, "bowline.gw-1.>");

beforeEach(() => {
  [infos, adds] = [[], []];
});

test("one that another gateway made in between is taken as it is", async () => {
  infos = [api(ApiCode.streamMissing), found({ max_bytes: 5 })];
  adds = [api(ApiCode.nameTaken)];
  expect(await find()).toMatchObject({ config: { max_bytes: 5 } });
});

test("what JetStream answers otherwise is passed on, whether it was asked for the stream or to make it", async () => {
  infos = [api(10_039)];
  await expect(find()).rejects.toThrow("code 10039");
  infos = [api(ApiCode.streamMissing)];
  adds = [api(ApiCode.replicasOfOne)];
  await expect(find()).rejects.toThrow("code 10074");
});

test.each([
  [{ subjects: undefined }, /takes nothing, and not bowline\.gw-1\.>$/],
  [{ subjects: ["other.>"] }, /takes other\.>, and not bowline\.gw-1\.>$/],
  [{ retention: "workqueue" }, /keeps no message that was read \(retention workqueue\)/],
])("one with %o is refused", async (config, text) => {
  infos = [found(config)];
  await expect(find()).rejects.toThrow(text);
});

interface Told {
  seq: number;
  id?: string;
}

/** A stream with these messages, whose last is said to be `last`; without an end it waits for more. */
function streamOf(told: Told[], last: number) {
  const closed: string[] = [];
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const messages = {
    async *[Symbol.asyncIterator]() {
      for (const { seq, id } of told)
        yield { seq, headers: id === undefined ? undefined : { get: () => id } };
      await stopped;
    },
    stop: () => stop(),
    close: async () => void closed.push("messages"),
  };
  const consumer = { consume: async () => messages, delete: async () => void closed.push("consumer") };
  return {
    closed,
    client: { consumers: { get: async () => consumer } } as unknown as JetStreamClient,
    manager: { streams: { getMessage: async () => ({ seq: last }) } } as unknown as JetStreamManager,
  };
}

test("what has no id of ours is passed over", async () => {
  const { client, manager, closed } = streamOf([{ seq: 1 }, { seq: 2, id: "a:e:7" }, { seq: 3, id: "" }], 3);
  const taken = new Taken(null);
  const reading = { client, manager, stream: "BOWLINE", timeoutMs: 60_000, onProgress: () => {} };
  await readTaken(taken, 0, "bowline.>", reading);
  expect([taken.size, taken.take("a:e:7")]).toEqual([1, 2]);
  expect(closed).toEqual(["messages", "consumer"]);
});

test("one that says no more than it has told, though there is more, is not believed to have told all", async () => {
  const { client, manager, closed } = streamOf([{ seq: 4, id: "a:e:1" }], 9);
  const reading = { client, manager, stream: "BOWLINE", timeoutMs: 5, onProgress: () => {} };
  await expect(readTaken(new Taken(null), 3, "bowline.>", reading)).rejects.toMatchObject({
    message: "reading what stream BOWLINE has: nothing behind 4 within 0.005 s, expected up to 9",
    mend: "nats stream info BOWLINE",
  });
  expect(closed).toEqual(["messages", "consumer"]);
});

test("one that had nothing more since is not read", async () => {
  const { client, manager, closed } = streamOf([], 3);
  const reading = { client, manager, stream: "BOWLINE", timeoutMs: 60_000, onProgress: () => {} };
  await readTaken(new Taken(null), 3, "bowline.>", reading);
  expect(closed).toEqual([]);
});
