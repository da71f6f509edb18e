/** Heartbeats: their exact text, and what becomes of broken ones. */
import { expect, test } from "vitest";
import { formatMonitoring, isReadable, readMonitoring } from "./monitoring.ts";

const heartbeat = {
  sync_time: 1_795_301_705_979,
  name: "example_calculator-py",
  is_alive: true,
  message: "",
};
const read = (text: string) => readMonitoring(Buffer.from(text));

test("a heartbeat has the text of the original, letter by letter", () => {
  expect(Buffer.from(formatMonitoring(heartbeat)).toString()).toBe(
    '{ "sync_time" : 1795301705979, "name" : "example_calculator-py", "is_alive" : true, "message" : ""}',
  );
});

test("whatever a status text holds, the heartbeat is JSON and comes back", () => {
  for (const message of ['say "hi"', "back\\slash", "two\nlines", "\u0000", "Кухня", "None"]) {
    const bytes = formatMonitoring({ ...heartbeat, is_alive: false, message });
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({ ...heartbeat, is_alive: false, message });
    expect(readMonitoring(bytes)).toEqual({ ...heartbeat, is_alive: false, message });
  }
});

test("a status text without an end is cut", () => {
  const { length } = formatMonitoring({ ...heartbeat, message: "x".repeat(1_000_000) });
  expect(length).toBeLessThan(5000);
});

test("compact JSON, keys in any order, and no message are read", () => {
  expect(read('{"message":"m","is_alive":false,"sync_time":5,"name":"a_b"}')).toEqual({
    sync_time: 5,
    name: "a_b",
    is_alive: false,
    message: "m",
  });
  expect(read('{"is_alive":true,"name":"a_b","message":null,"sync_time":"soon"}')).toEqual({
    sync_time: 0,
    name: "a_b",
    is_alive: true,
    message: "",
  });
});

test.each([
  [
    "a quote in the text",
    '{ "sync_time" : 1, "name" : "a_b", "is_alive" : true, "message" : "say "hi""}',
    "a_b",
  ],
  [
    "a line end in the text",
    '{ "sync_time" : 1, "name" : "a_b", "is_alive" : true, "message" : "a\nb"}',
    "a_b",
  ],
  ["an absent time", '{ "sync_time" : None, "name" : "a_b", "is_alive" : true, "message" : ""}', "a_b"],
  ["no state", '{"name":"a_b"}', "a_b"],
  ["no name", '{"is_alive":true}', undefined],
  ["a name that is a list", '{"is_alive":true,"name":["a_b"]}', undefined],
  ["nothing", "", undefined],
  ["a list", "[1]", undefined],
])("%s: it is shown as it came, with its name where that can be told", (_name, text, name) => {
  const one = read(text);
  expect(isReadable(one)).toBe(false);
  expect(one).toEqual(name === undefined ? { raw: text } : { raw: text, name });
});

test("half a letter, which JSON can escape, is a mark in the text, and no name", () => {
  const said = String.raw`{"name":"a_b","is_alive":true,"sync_time":1,"message":"a\ud800b"}`;
  expect(read(said)).toEqual({ sync_time: 1, name: "a_b", is_alive: true, message: "a\uFFFDb" });
  const named = String.raw`{"name":"a_\ud800","is_alive":true,"sync_time":1,"message":""}`;
  expect(read(named)).toEqual({ raw: named });
});

test("what is no text at all is shown in part", () => {
  const one = readMonitoring(new Uint8Array(1_000_000).fill(0xff));
  expect("raw" in one && one.raw.length).toBe(500);
});
