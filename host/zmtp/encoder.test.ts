import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encodeCommand, encodeMessage, encodeReady } from "./encoder.ts";
import { greeting } from "./greeting.ts";

const file = new URL("./testing/zmtp-vectors.json", import.meta.url);
const vectors: readonly { name: string; hex: string }[] = JSON.parse(readFileSync(file, "utf8")).zmtp;
const hexOf = (name: string) => vectors.find((vector) => vector.name === name)!.hex;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const text = (words: string) => Buffer.from(words, "latin1");

test("our greeting is libzmq's, but for the version: 3.0", () => {
  expect(hex(greeting)).toBe(hexOf("greeting").replace("7f0301", "7f0300"));
});

test("READY, subscriptions and messages are libzmq's byte for byte", () => {
  const topic = text("config:example_calculator");
  expect(hex(encodeReady("PUSH"))).toBe(hexOf("ready-push"));
  expect(hex(encodeReady("PULL"))).toBe(hexOf("ready-pull"));
  expect(hex(encodeReady("SUB"))).toBe(hexOf("ready-sub"));
  expect(hex(encodeMessage([text("\x01")]))).toBe(hexOf("subscribe-all-3.0"));
  expect(hex(encodeMessage([Buffer.concat([text("\x01"), topic])]))).toBe(hexOf("subscribe-3.0"));
  expect(hex(encodeCommand("SUBSCRIBE", topic))).toBe(hexOf("subscribe-3.1"));
  const [short, long] = [hexOf("message-short"), hexOf("message-long")].map((one) => Buffer.from(one, "hex"));
  expect(hex(encodeMessage([short.subarray(2, 94), short.subarray(96)]))).toBe(hex(short));
  expect(hex(encodeMessage([long.subarray(2, 91), long.subarray(100)]))).toBe(hex(long));
});

test("255 bytes are short, 256 are long", () => {
  expect(hex(encodeMessage([new Uint8Array(255)]))).toBe(`00ff${"00".repeat(255)}`);
  expect(hex(encodeMessage([new Uint8Array(256), new Uint8Array()]))).toBe(
    `030000000000000100${"00".repeat(256)}0000`,
  );
});

test("READY tells properties, as text or as bytes", () => {
  const ready = encodeReady("PULL", { "X-Text": "é", "X-Bytes": Buffer.of(0xff) });
  const read = "0b536f636b65742d547970650000000450554c4c";
  expect(hex(ready)).toBe(`0434055245414459${read}06582d5465787400000002c3a907582d427974657300000001ff`);
});

test("a message without parts and a command without a name are wrong calls", () => {
  expect(() => encodeMessage([])).toThrow("encodeMessage: no parts; allowed are 1 and more");
  expect(() => encodeCommand("", text(""))).toThrow("a name in a command: 0 bytes; allowed are 1…255");
  expect(() => encodeCommand("x".repeat(256), text(""))).toThrow("256 bytes; allowed are 1…255");
});
