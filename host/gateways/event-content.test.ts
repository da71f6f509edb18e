import { expect, test } from "vitest";
import { parseEvent, parseSubscribe } from "./event-content.ts";

const event = { device: "sim-1", epoch: "00000000000000ee", seq: 3, message: { ot: "l:temp" } };
const bytesOf = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const read = (value: unknown) => parseEvent(bytesOf(value), 0, bytesOf(value).length);

test("an event is read with what is known of it", () => {
  expect(read({ ...event, t: 5, missed: 2, other: 1 })).toEqual({ ...event, t: 5, missed: 2 });
});

test.each([
  ["{", "the event is no JSON object"],
  [[], "the event is no JSON object"],
  [{ ...event, device: "gw2/sim-1" }, "the event names no board"],
  [{ ...event, device: "~1.2.3" }, "the event names no board"],
  [{ ...event, epoch: "" }, "the event has no epoch of 16 hex digits"],
  [{ ...event, seq: -1 }, "the event has no seq"],
  [{ ...event, seq: 2 ** 53 }, "the event has no seq"],
  [{ ...event, message: [] }, "the event has no message"],
])("%j is no event: %s", (value, words) => {
  expect(read(value)).toBe(words);
});

test.each([
  [{}, "SUBSCRIBE has no list of devices"],
  [{ devices: ["a/b"] }, "SUBSCRIBE names a device that is no name; * stands for any letters"],
  [{ devices: [1] }, "SUBSCRIBE names a device that is no name; * stands for any letters"],
  [{ devices: new Array(1001).fill("x") }, "SUBSCRIBE has 1001 devices; 1000 allowed"],
])("%j is no subscription", (value, words) => {
  const bytes = bytesOf(value);
  expect(parseSubscribe(bytes, 0, bytes.length)).toBe(words);
});
