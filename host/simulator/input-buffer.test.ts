import { expect, test } from "vitest";
import { InputBuffer } from "./input-buffer.ts";

function bufferOf(capacity: number, hasFlowControl = false) {
  const sent: number[] = [];
  let losses = 0;
  const buffer = new InputBuffer({
    capacity,
    hasFlowControl,
    sendControl: (byte) => sent.push(byte),
    onLost: () => losses++,
  });
  return { buffer, sent, losses: () => losses };
}

test("what finds no room is lost, and told once for each time", () => {
  const { buffer, sent, losses } = bufferOf(4);
  buffer.push(Buffer.from("abc"));
  expect([buffer.lost, losses()]).toEqual([0, 0]);
  buffer.push(Buffer.from("defg"));
  expect([buffer.lost, losses()]).toEqual([3, 1]);
  expect(String.fromCharCode(buffer.take() as number)).toBe("a");
  buffer.push(Buffer.from("h"));
  expect([buffer.takeAll(), buffer.take(), buffer.length]).toEqual(["bcdh", undefined, 0]);
  expect(sent).toEqual([]);
});

test("with flow control XOFF goes out once above six eighths, XON once at three", () => {
  const { buffer, sent } = bufferOf(8, true);
  buffer.push(Buffer.from("123456"));
  expect(sent).toEqual([]);
  buffer.push(Buffer.from("7"));
  buffer.push(Buffer.from("8"));
  expect(sent).toEqual([0x13]);
  for (let i = 0; i < 4; i++) buffer.take();
  expect(sent).toEqual([0x13]);
  buffer.take();
  expect(sent).toEqual([0x13, 0x11]);
  expect(buffer.takeAll()).toBe("678");
  expect(sent).toEqual([0x13, 0x11]);
});
