import { openSync } from "node:fs";
import { open } from "node:fs/promises";
import type { SerialPort } from "serialport";
import { expect, test } from "vitest";
import { noticeHangUp, type UnixPort } from "./serial-hangup.ts";

/** A port on any file, as bindings-cpp has it; noticeHangUp() has replaced its read(). */
function portOn(fd: number | null): UnixPort {
  const poller = {
    once: (_event: string, callback: (error: Error | null) => void) => void callback(new Error("gone")),
  };
  const unix = { fd, poller, read: () => Promise.reject(new Error("the original")) };
  noticeHangUp({ port: unix } as unknown as SerialPort);
  return unix;
}

test("0 bytes are an error instead of another try", async () => {
  const file = await open("/dev/null");
  await expect(portOn(file.fd).read(Buffer.alloc(4), 0, 4)).rejects.toThrow("the device hung up");
  await file.close();
});

test("bytes go where they are wanted", async () => {
  const file = await open("/dev/zero");
  const { buffer, bytesRead } = await portOn(file.fd).read(Buffer.alloc(6, 1), 2, 3);
  await file.close();
  expect([[...buffer], bytesRead]).toEqual([[1, 1, 0, 0, 0, 1], 3]);
});

test("a closed port is a cancelled read, which is no disconnection", async () => {
  const closing = {
    fd: openSync("/dev/null", "r"),
    poller: { once() {} },
    read: () => Promise.reject(new Error()),
  };
  noticeHangUp({ port: closing } as unknown as SerialPort);
  (closing as { fd: number | null }).fd = null;
  await expect((closing as unknown as UnixPort).read(Buffer.alloc(1), 0, 1)).rejects.toMatchObject({
    canceled: true,
  });
});

test("a port without descriptor or poller keeps its own read()", async () => {
  await expect(portOn(null).read(Buffer.alloc(1), 0, 1)).rejects.toThrow("the original");
});
