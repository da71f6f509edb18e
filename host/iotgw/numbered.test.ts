import { expect, test } from "vitest";
import { Command, Reqtype } from "./commands.ts";
import { decodeFrame, type FrameView } from "./decode-frame.ts";
import { encodeFrame } from "./encode-frame.ts";
import type { Frame } from "./frame.ts";
import { encodeNumbered } from "./numbered.ts";
import { EPOCH_BYTES, originEpoch } from "./origin-epoch.ts";

const frame: Frame = {
  reqtype: Reqtype.ASYNC,
  cmd: Command.DATA,
  cmdVersion: 0,
  error: 0,
  rqid: 0,
  msgId: { origin: 5n, seq: 3 },
  qos: { lane: 2, delivery: 0, ttlMs: 1000 },
  crc: false,
};
const read = (bytes: Uint8Array) => decodeFrame(bytes, 0, bytes.length, 65_536) as FrameView;

test.each([false, true])("the body is the epoch, then the content; crc %s", (crc) => {
  const bytes = encodeNumbered({ ...frame, crc }, 0x0102_0304_0506_0708n, Buffer.from("abc"));
  const view = read(bytes);
  expect(Buffer.from(view.body).toString("hex")).toBe("0807060504030201616263");
  expect(originEpoch(view)).toBe(0x0102_0304_0506_0708n);
  expect(Buffer.from(bytes.subarray(view.bodyStart + EPOCH_BYTES)).toString()).toBe("abc");
});

test.each([
  ["without MSGID", { ...frame, msgId: undefined }, 8, "numbered DATA: without MSGID or QOS"],
  ["without QOS", { ...frame, qos: undefined }, 8, "numbered DATA: without MSGID or QOS"],
  ["with half an epoch", frame, 7, "numbered DATA: a body of 7 bytes; allowed 8 and more"],
])("a frame %s is no numbered one", (_, bent, size, text) => {
  expect(originEpoch(read(encodeFrame(bent, new Uint8Array(size))))).toMatchObject({
    text: expect.stringContaining(text),
  });
  if (size === 8) expect(() => encodeNumbered(bent, 1n, new Uint8Array(0))).toThrow(TypeError);
});
