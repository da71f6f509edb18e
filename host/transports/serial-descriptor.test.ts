import { spawnSync } from "node:child_process";
import { EventEmitter } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SerialPort } from "serialport";
import { afterEach, expect, test } from "vitest";
import { type UnixPort, useDescriptor } from "./serial-descriptor.ts";

const descriptors: number[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const fd of descriptors.splice(0)) closeSync(fd);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function opened(path: string, flags: number = constants.O_RDWR): number {
  const fd = openSync(path, flags | constants.O_NONBLOCK);
  descriptors.push(fd);
  return fd;
}

/** Both ends of a pipe in one descriptor: what is written is there to be read. */
function pipe(): number {
  const folder = mkdtempSync(join(tmpdir(), "bowline-pipe-"));
  folders.push(folder);
  spawnSync("mkfifo", [join(folder, "pipe")]);
  return opened(join(folder, "pipe"));
}

/** A port on any file, as bindings-cpp has it; useDescriptor() has replaced how it reads and writes. */
function portOn(fd: number | null, onPoll: UnixPort["poller"]["once"] = (_event, ready) => ready(null)) {
  const port: { -readonly [K in keyof UnixPort]: UnixPort[K] } = {
    fd,
    poller: { once: onPoll, poll() {}, listenerCount: () => 0 },
    writeOperation: null,
    read: () => Promise.reject(new Error("the original")),
    write: () => Promise.reject(new Error("the original")),
  };
  useDescriptor({ port } as unknown as SerialPort);
  return port;
}

test("0 bytes are an error instead of another try", async () => {
  const port = portOn(opened("/dev/null"));
  await expect(port.read(Buffer.alloc(4), 0, 4)).rejects.toThrow("the device hung up");
});

test("bytes go where they are wanted", async () => {
  const { buffer, bytesRead } = await portOn(opened("/dev/zero")).read(Buffer.alloc(6, 1), 2, 3);
  expect([[...buffer], bytesRead]).toEqual([[1, 1, 0, 0, 0, 1], 3]);
});

test("each read waits until the port is readable, also when there was more than it took", async () => {
  const polled: string[] = [];
  const port = portOn(opened("/dev/zero"), (event, ready) => {
    polled.push(event);
    ready(null);
  });
  await port.read(Buffer.alloc(3), 0, 3);
  await port.read(Buffer.alloc(3), 0, 3);
  expect(polled).toEqual(["readable", "readable"]);
});

test("a port that says it is readable and has nothing is waited for again", async () => {
  const fd = pipe();
  let polls = 0;
  const port = portOn(fd, (_event, ready) => {
    if (++polls === 2) void port.write(Buffer.from("late"));
    ready(null);
  });
  const { buffer, bytesRead } = await port.read(Buffer.alloc(8), 0, 8);
  expect([buffer.toString("latin1", 0, bytesRead), polls]).toEqual(["late", 2]);
});

test("a write that finds no room goes on when there is, with every byte once and in order", async () => {
  const fd = pipe();
  const wanted = Buffer.from(Array.from({ length: 200_000 }, (_, i) => i % 251));
  const read: Buffer[] = [];
  const port = portOn(fd, (event, ready) => {
    expect(event).toBe("writable");
    read.push(take(fd));
    ready(null);
  });
  const writing = port.write(wanted);
  expect(port.writeOperation).toBe(writing); // drain() waits for it
  await writing;
  read.push(take(fd));
  expect(read.length).toBeGreaterThan(2); // a pipe holds 65 536
  expect(Buffer.concat(read).equals(wanted)).toBe(true);
});

test("a write that waits is still polled for when a read begins to wait", async () => {
  const polled: number[] = [];
  const poller = Object.assign(new EventEmitter(), { poll: (flags: number) => void polled.push(flags) });
  const port = portOn(pipe());
  port.poller = poller;
  const writing = port.write(Buffer.alloc(200_000));
  const reading = port.read(Buffer.alloc(1), 0, 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(polled).toEqual([2, 3]); // writable; both
  poller.emit("readable", null);
  expect((await reading).bytesRead).toBe(1);
  poller.emit("writable", new Error("gone"));
  await expect(writing).rejects.toThrow("gone");
});

test("a broken port rejects the write that waits, and the read", async () => {
  const gone: UnixPort["poller"]["once"] = (_event, ready) => ready(new Error("gone"));
  await expect(portOn(pipe(), gone).write(Buffer.alloc(200_000))).rejects.toThrow("gone");
  await expect(portOn(pipe(), gone).read(Buffer.alloc(1), 0, 1)).rejects.toThrow("gone");
  // libuv's word for a tty that was hung up.
  const hungUp: UnixPort["poller"]["once"] = (_event, ready) => ready(new Error("bad file descriptor"));
  await expect(portOn(pipe(), hungUp).read(Buffer.alloc(1), 0, 1)).rejects.toThrow("the device hung up");
});

test("a port closed while it waits touches its descriptor no more, and it is no disconnection", async () => {
  const port = portOn(opened("/dev/zero"), (_event, ready) => {
    port.fd = null;
    ready(null);
  });
  await expect(port.read(Buffer.alloc(1), 0, 1)).rejects.toMatchObject({ canceled: true });
  await expect(port.read(Buffer.alloc(1), 0, 1)).rejects.toMatchObject({ canceled: true });
  await expect(port.write(Buffer.alloc(1))).rejects.toMatchObject({ canceled: true });
});

test("a port without a descriptor keeps its own read() and write()", async () => {
  const port = portOn(null);
  await expect(port.read(Buffer.alloc(1), 0, 1)).rejects.toThrow("the original");
  await expect(port.write(Buffer.alloc(1))).rejects.toThrow("the original");
});

/** What is in the pipe, up to 100 000 bytes. */
function take(fd: number): Buffer {
  const buffer = Buffer.alloc(100_000);
  return buffer.subarray(0, readSync(fd, buffer));
}
