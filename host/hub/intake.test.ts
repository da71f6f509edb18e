/** What is refused of what comes in, what is made readable, and what is passed on (MoniQue 2.9). */
import { beforeEach, describe, expect, test } from "vitest";
import { decodeMessage } from "../monique/body.ts";
import type { Message } from "../monique/message.ts";
import { bytesOf, messageVectors } from "../monique/testing/vectors.ts";
import { Drops } from "./drops.ts";
import { Intake } from "./intake.ts";
import { framesOf, messageOf, textOf } from "./testing/messages.ts";

const WALL = 1_795_301_705_000;
const sender = { key: 1, address: "127.0.0.1:1", names: [] };

let now = 0;
let told: string[];
let lines: object[];
let published: { com: (readonly Uint8Array[])[]; tech: (readonly Uint8Array[])[] };
let drops: Drops;
let intake: Intake;

beforeEach(() => {
  now = 0;
  told = [];
  lines = [];
  published = { com: [], tech: [] };
  const clock = { now: () => now, wall: () => WALL };
  const copied = (parts: readonly Uint8Array[]) => parts.map((part) => part.slice());
  drops = new Drops(
    { debug() {}, info() {}, warn: (fields, text) => void lines.push({ ...fields, text }), error() {} },
    clock,
  );
  intake = new Intake(
    {
      isAllowed: (spec) => spec !== "example_forbidden",
      isOwnName: (name) => name === "bowline_sim-1",
      publishCom: (parts) => published.com.push(copied(parts)),
      publishTech: (parts) => void published.tech.push(copied(parts)),
      onTask: ({ spec, id }) => void told.push(`task ${spec} ${id.length}`),
      onLateTask: () => void told.push("late task"),
      onAnswer: (pid, { type }) => void told.push(`${type} to ${pid.slice(0, 4)}`),
      onNews: (pid) => void told.push(`news of ${pid.slice(0, 4)}`),
      onHeartbeat: () => "taken",
      onKill: () => void told.push("kill"),
    },
    drops,
    clock,
  );
});

const good = framesOf(messageOf({ type: "data", spec: "example_radio", data: textOf({ a: 1 }) }));
const [tag, body] = good.map((part) => Buffer.from(part));
const withTag = (text: string) => [Buffer.from(text), body];
const id = "x".repeat(40);

describe("dropped, counted, and nothing else happens", () => {
  test.each([
    ["one frame", "FRAMES", [tag]],
    ["three frames", "FRAMES", [tag, body, body]],
    ["no frames", "FRAMES", []],
    ["the single frame of MoniQue 2", "FRAMES", [Buffer.from('{"tags":[],"cnt":{}}')]],
    ["a tag that is empty", "TAG_FIELDS", withTag("")],
    ["a tag of four fields", "TAG_FIELDS", withTag(`data:example_radio:${id}:`)],
    ["a tag of six fields", "TAG_FIELDS", withTag(`data:example_radio:${id}::me:too`)],
    ["a tag of another type", "TAG_TYPE", withTag(`news:example_radio:${id}::me`)],
    ["a tag that is no text", "TAG_NOT_UTF8", [Buffer.from([0xff, 0xfe, 0x3a, 0x3a, 0x3a, 0x3a]), body]],
    ["a tag that is too long", "TAG_TOO_LONG", withTag(`data:${"s".repeat(2000)}:${id}::me`)],
    ["a body that is empty", "BODY_UNREADABLE", [tag, Buffer.alloc(0)]],
    ["a body that is no map", "BODY_NO_MAP", [tag, Buffer.from([0x93, 1, 2, 3])]],
    ["a body cut short", "BODY_UNREADABLE", [tag, body.subarray(0, -1)]],
    ["bytes behind a body", "BODY_TRAILING", [tag, Buffer.concat([body, Buffer.of(0)])]],
    ["another body's tag", "BODY_DISAGREES", withTag(`data:example_radio:${id}::me`)],
    [
      "a spec that is not allowed",
      "SPEC_NOT_ALLOWED",
      framesOf(messageOf({ type: "data", spec: "example_forbidden" })),
    ],
  ] as const)("%s: %s", (_, reason, parts) => {
    intake.receiveCom([...parts], sender);
    expect(drops.counts).toEqual({ [reason]: 1 });
    expect([published.com, published.tech, told]).toEqual([[], [], []]);
  });

  test("on tech as well, but for specs, which are com's", () => {
    intake.receiveTech([tag], sender);
    intake.receiveTech([...framesOf(messageOf({ type: "data", spec: "example_forbidden" }))], sender);
    expect(drops.counts).toEqual({ FRAMES: 1 });
    expect(published.tech).toHaveLength(1);
  });

  test("one line a minute for each reason, with how many there were", () => {
    for (let i = 0; i < 1000; i++) intake.receiveCom([tag], sender);
    now = 60_000;
    intake.receiveCom([tag], sender);
    expect(lines).toMatchObject([
      { code: "FRAMES", times: 1, text: "a message was not passed on: 1 frames; allowed are 2" },
      { code: "FRAMES", times: 1000 },
    ]);
  });
});

test("the older forms are passed on in the final one, with the id they have", () => {
  for (const era of ["A", "B"] as const) {
    const old = messageVectors.filter((vector) => vector.era === era && vector.layer === "com");
    expect(old.length).toBeGreaterThan(0);
    for (const { frame0, frame1, fields } of old) {
      intake.receiveCom([bytesOf(frame0), bytesOf(frame1)], sender);
      const [newTag, newBody] = published.com.at(-1)!;
      expect(Buffer.from(newTag).toString()).toBe(
        `${fields.type}:${fields.spec}:${fields.id}:${fields.pid}:${fields.creator}`,
      );
      expect(decodeMessage(newBody)).toMatchObject({
        id: fields.id,
        spec: fields.spec,
        created_at: fields.created_at,
      });
    }
    expect(intake.rewritten[era]).toBe(old.length);
  }
});

test("data that is text is passed on as bytes, for text ends the work of the original component", () => {
  const message = messageOf({ type: "data", spec: "example_radio", data: Buffer.from('{"a":1}') });
  const [textTag, bytes] = framesOf(message).map((part) => Buffer.from(part));
  // bin8 of 7 bytes becomes fixstr of 7 bytes.
  const asText = Buffer.concat([
    bytes.subarray(0, bytes.indexOf("c407", 0, "hex")),
    Buffer.of(0xa7),
    message.data,
  ]);
  intake.receiveCom([textTag, asText], sender);
  expect(published.com.map((parts) => parts.map((part) => Buffer.from(part).toString("hex")))).toEqual([
    [textTag.toString("hex"), bytes.toString("hex")],
  ]);
  expect(intake.rewritten.textData).toBe(1);
});

test("each sort of message goes where it belongs", () => {
  const com = (fields: Partial<Message> & { type: Message["type"]; spec: string }) =>
    intake.receiveCom([...framesOf(messageOf(fields))], sender);
  const pid = "parent".padEnd(40, "0");
  com({ type: "config", spec: "example_clock" });
  com({ type: "config", spec: "example_clock", expires_at: WALL + 1 });
  com({ type: "config", spec: "example_clock", expires_at: WALL });
  com({ type: "config", spec: "kill" });
  com({ type: "result", spec: "example_clock", pid });
  com({ type: "error", spec: "error", pid });
  com({ type: "data", spec: "example_clock", pid });
  com({ type: "data", spec: "example_clock" });
  expect(told).toEqual([
    ...[
      "task example_clock 40",
      "task example_clock 40",
      "late task",
      "result to pare",
      "error to pare",
      "news of pare",
    ],
  ]);
  // All but the task whose time is over.
  expect(published.com).toHaveLength(7);
  intake.receiveTech([...framesOf(messageOf({ type: "config", spec: "kill" }))], sender);
  expect(told.at(-1)).toBe("kill");
  expect(published.tech).toEqual([]);
});

test("a heartbeat under a name of the gateway's own parts is passed on by neither layer", () => {
  const data = textOf({ sync_time: 1, name: "bowline_sim-1", is_alive: true, message: "" });
  const frames = framesOf(messageOf({ type: "data", spec: "monitoring", data }));
  intake.receiveTech([...frames], sender);
  intake.receiveCom([...frames], sender);
  expect([published.com, published.tech, drops.counts]).toEqual([[], [], { OWN_NAME: 2 }]);
});
