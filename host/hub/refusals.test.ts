/** What the hub does not pass on, or not as it came: counted by reason, and nobody else is worse off for it (MoniQue traps 3 and 9). */
import { encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decodeMessage } from "../monique/body.ts";
import type { Message } from "../monique/message.ts";
import { bytesOf, messageVectors } from "../monique/testing/vectors.ts";
import { until } from "../platform/testing/until.ts";
import { HubBench } from "./testing/components.ts";
import { framesOf, messageOf, textOf } from "./testing/messages.ts";

let bench: HubBench;
beforeEach(async () => {
  bench = new HubBench();
  await bench.start();
});
afterEach(() => bench.stop());

const good = messageOf({ type: "data", spec: "example_news" });
const [tag, body] = framesOf(good);
/** As another codec writes it, with fields of its own. */
const packed = (fields: object) => encode({ ...good, ...fields });
const without = (key: string) =>
  encode(Object.fromEntries(Object.entries(good).filter(([name]) => name !== key)));

const refused: [string, Uint8Array[], string][] = [
  ["one frame", [Buffer.from('{"tags":[],"cnt":{}}')], "FRAMES"],
  ["three frames", [tag, body, body], "FRAMES"],
  ["a tag that is no UTF-8", [Buffer.concat([tag, Buffer.from([0xff])]), body], "TAG_NOT_UTF8"],
  ["a tag of four fields", [Buffer.from("data:a_b:1:2"), body], "TAG_FIELDS"],
  ["a creator with a colon", [Buffer.concat([tag, Buffer.from(":x")]), body], "TAG_FIELDS"],
  ["a tag of another type", [Buffer.from("task:a_b:1:2:me"), body], "TAG_TYPE"],
  ["a tag without an end", [Buffer.alloc(5000, 0x61), body], "TAG_TOO_LONG"],
  ["a body that is no MessagePack", [tag, Buffer.from("{}")], "BODY_NO_MAP"],
  ["a body cut short", [tag, body.subarray(0, -1)], "BODY_UNREADABLE"],
  ["a body without its creator", [tag, without("creator")], "BODY_KEY_MISSING"],
  ["a body with a number as id", [tag, packed({ id: 1 })], "BODY_FIELD"],
  [
    "the body of another message",
    [tag, framesOf(messageOf({ type: "data", spec: "example_news" }))[1]],
    "BODY_DISAGREES",
  ],
  [
    "an older form with an id that it did not make",
    [Buffer.concat([Buffer.from([0xc4, tag.length]), tag]), body],
    "ERA_ID",
  ],
];

test.each(refused)(
  "%s is dropped on both layers and counted, and what comes next passes",
  async (_, frames, code) => {
    const ears = [await bench.comOut(), await bench.techOut()];
    for (const push of [await bench.comIn(), await bench.techIn()]) {
      await push.send(frames.map((frame) => Buffer.from(frame)));
      await push.send([tag, body]);
    }
    await until(() => ears.every(({ heard }) => heard.length === 1));
    for (const { heard } of ears)
      expect(heard[0].map((part) => part.toString("hex"))).toEqual(
        [tag, body].map((part) => Buffer.from(part).toString("hex")),
      );
    expect(bench.hub.counts.dropped).toEqual({ [code]: 2 });
  },
);

test("data that is text, which ends the original's work, goes on as bytes", async () => {
  const com = await bench.comOut();
  await (await bench.comIn()).send([tag, packed({ data: "{}" })]);
  await until(() => com.heard.length === 1);
  const asBytes = framesOf({ ...good, data: Buffer.from("{}") })[1];
  expect(com.heard[0][1].toString("hex")).toBe(Buffer.from(asBytes).toString("hex"));
});

test("messages of the older forms go on in the final one", async () => {
  const com = await bench.comOut();
  const old = messageVectors.filter(({ era }) => era !== "C");
  const push = await bench.comIn();
  for (const { frame0, frame1 } of old) await push.send([bytesOf(frame0), bytesOf(frame1)]);
  await until(() => com.heard.length === old.length);
  expect(com.tags).toEqual(old.map(({ tag: text }) => text));
  expect(com.heard.map(([, one]) => decodeMessage(one))).toEqual(
    old.map(({ fields }) => ({ ...fields, data: bytesOf(fields.data.hex) })),
  );
});

test("a heartbeat whose text was not escaped is passed on, shown as it came, and a sign of life", async () => {
  const tech = await bench.techOut();
  const raw = '{ "sync_time" : 1, "name" : "example_own", "is_alive" : true, "message" : "say "hi""}';
  const beat = (data: Uint8Array): Message => messageOf({ type: "data", spec: "monitoring", data });
  const push = await bench.techIn();
  await push.send([
    ...framesOf(beat(textOf({ sync_time: 1, name: "example_own", is_alive: true, message: "well" }))),
  ]);
  await push.send([...framesOf(beat(Buffer.from(raw)))]);
  await until(() => tech.heard.length === 2);
  expect(bench.hub.components()).toMatchObject([
    { name: "example_own", heartbeats: 2, invalid: 1, raw, message: "well", isDown: false },
  ]);
});

test("a heartbeat that is said on com, as the Java library does, is a sign of life, and stays on com", async () => {
  const [com, tech] = [await bench.comOut(), await bench.techOut()];
  const said = { sync_time: Date.now(), name: "example_java", is_alive: true, message: "well" };
  await (await bench.comIn()).send([
    ...framesOf(messageOf({ type: "data", spec: "monitoring", data: textOf(said) })),
  ]);
  await until(() => com.heard.length === 1);
  expect(bench.hub.components()).toMatchObject([{ name: "example_java", message: "well", heartbeats: 1 }]);
  await (await bench.techIn()).send([tag, body]);
  await until(() => tech.heard.length === 1);
  expect(tech.tags).toEqual([Buffer.from(tag).toString()]);
});

test("a heartbeat whose name no text can hold is counted, and the next one is taken", async () => {
  const push = await bench.techIn();
  const beat = (name: string) =>
    messageOf({
      ...{ type: "data", spec: "monitoring" },
      data: Buffer.from(`{"sync_time":1,"name":"${name}","is_alive":true,"message":""}`),
    });
  await push.send([...framesOf(beat("a_\\ud800"))]);
  await push.send([...framesOf(beat("__proto__"))]);
  await until(() => bench.hub.components().length === 1);
  expect(bench.hub.components()[0].name).toBe("__proto__");
  expect(bench.hub.counts.tech).toMatchObject({ heartbeats: 2, unreadable: 1 });
});
