import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ExitCode } from "../platform/errors.ts";
import { until } from "../platform/testing/until.ts";
import { findHolders } from "./holders.ts";
import { isPtyAvailable, openPty, type Pty } from "./pty.ts";
import { recorder } from "./recorder.ts";
import { openSerial } from "./serial-transport.ts";
import type { StreamTransport } from "./stream-transport.ts";

const bytes = (...values: number[]) => Uint8Array.of(...values);

test("a port that is not there is SERIAL_NOT_FOUND", async () => {
  await expect(
    openSerial({ path: "/dev/serial/by-id/usb-none", baud: 9600, resetOnOpen: "never" }),
  ).rejects.toMatchObject({
    code: "SERIAL_NOT_FOUND",
    exitCode: ExitCode.notFound,
    mend: "bowline ports",
  });
});

test("a file that is no port is SERIAL_OPEN_FAILED", async () => {
  const refused = openSerial({ path: import.meta.filename, baud: 9600, resetOnOpen: "never" });
  await expect(refused).rejects.toMatchObject({ code: "SERIAL_OPEN_FAILED" });
  await expect(refused).rejects.toThrow("it must be a serial port");
});

test("a port that another program has open, without any lock, is not opened", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bowline-shared-"));
  const path = join(folder, "tty");
  await writeFile(path, "");
  const reader = spawn("sh", ["-c", 'exec 3< "$0"; read line', path], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  try {
    const isHeld = async () => (await findHolders((link) => link === path)).size > 0;
    await until(isHeld);
    await expect(openSerial({ path, baud: 9600, resetOnOpen: "never" })).rejects.toMatchObject({
      code: "SERIAL_BUSY",
      exitCode: ExitCode.busy,
      mend: `kill ${reader.pid}`,
    });
  } finally {
    reader.kill("SIGKILL");
    await rm(folder, { recursive: true });
  }
});

describe.skipIf(!isPtyAvailable())("on a pseudo-terminal (sudo apt-get install bsdutils)", () => {
  let pty: Pty;
  const opened: StreamTransport[] = [];
  const open = async (resetOnOpen: "never" | "always" = "never") => {
    const port = await openSerial({ path: pty.path, baud: 115200, resetOnOpen });
    opened.push(port);
    return port;
  };

  beforeEach(async () => {
    pty = await openPty();
  });
  afterEach(async () => {
    for (const port of opened.splice(0)) {
      port.close();
      await port.closed;
    }
    await pty.close();
  });

  test("what arrives between opening and start() is not lost", async () => {
    const port = await open();
    const sent = Uint8Array.from({ length: 3000 }, (_, i) => i);
    pty.write(sent);
    await echoed(port); // by then the board's bytes have long arrived
    const seen = recorder();
    port.start(seen);
    await seen.until(({ bytes }) => bytes.length === 3000);
    expect(seen.bytes).toEqual([...sent]);
  });

  test("a board unplugged before start() is noticed, and onClose waits for start()", async () => {
    const port = await open();
    await pty.close();
    const reason = await port.closed;
    const seen = recorder();
    port.start(seen);
    await seen.until(({ closings }) => closings.length === 1);
    expect(seen.closings).toEqual([reason]);
  });

  test("an unplugged board is onClose, once, with what it last said before", async () => {
    const port = await open();
    const seen = recorder();
    port.start(seen);
    pty.write(bytes(1, 2, 3));
    await seen.until(({ bytes }) => bytes.length === 3);
    await pty.close();
    await port.closed;
    port.close();
    expect(seen.closings).toHaveLength(1);
    expect(seen.closings[0]).toBe("unplugged: the device hung up");
    expect(port.write(bytes(4))).toBe(false);
  });

  test("a board unplugged while bytes wait to be written is onClose, once", async () => {
    const port = await open();
    const seen = recorder();
    port.start(seen);
    while (port.write(new Uint8Array(4096)));
    await pty.close();
    await port.closed;
    expect(seen.closings).toHaveLength(1);
  });

  test("close() writes out, releases the lock, and is onClose", async () => {
    const port = await open();
    const inside = recorder();
    pty.onData(inside.onChunk);
    const seen = recorder();
    port.start(seen);
    port.write(bytes(1, 2, 3));
    port.close();
    await port.closed;
    expect(seen.closings).toEqual(["closed here"]);
    await inside.until(({ bytes }) => bytes.length === 3);
    await open();
  });

  test("write() says false when the line is slower, and onDrain follows; nothing is lost", async () => {
    const port = await open();
    const seen = recorder();
    port.start(seen);
    let written = 0;
    do written += 1024;
    while (port.write(new Uint8Array(1024).fill(0x55)));
    const inside = recorder();
    pty.onData(inside.onChunk);
    await seen.until(({ drains }) => drains === 1);
    await inside.until(({ bytes }) => bytes.length === written);
    expect(new Set(inside.bytes)).toEqual(new Set([0x55]));
  });

  test("what finds no room while a chunk is being read leaves once there is some, though nothing more is read", async () => {
    const port = await open();
    const seen = recorder();
    const large = new Uint8Array(65_536); // a terminal takes 4 KiB
    port.start({
      ...seen,
      onChunk(chunk) {
        port.write(large);
        seen.onChunk(chunk);
      },
    });
    pty.write(bytes(1));
    await seen.until((so) => so.bytes.length === 1);
    const inside = recorder();
    pty.onData(inside.onChunk);
    await seen.until(({ drains }) => drains === 1);
    await inside.until((so) => so.bytes.length === large.length);
  });

  test("a second opening is SERIAL_BUSY and names the holder", async () => {
    await open();
    const refused = open();
    await expect(refused).rejects.toMatchObject({ code: "SERIAL_BUSY", exitCode: ExitCode.busy });
    await expect(refused).rejects.toThrow(`pid ${process.pid} (node`);
  });

  test("`never` keeps DTR up at close", async () => {
    spawnSync("stty", ["-F", pty.path, "hupcl"]); // as the kernel has it on real ports
    const port = await open("never");
    port.close();
    await port.closed;
    expect(String(spawnSync("stty", ["-F", pty.path, "-a"]).stdout)).toMatch(/ -hupcl/);
  });

  test("no byte of ours stops the line: XON and XOFF mean nothing, either way", async () => {
    spawnSync("stty", ["-F", pty.path, "ixon", "ixoff", "ixany"]);
    const port = await open();
    expect(String(spawnSync("stty", ["-F", pty.path, "-a"]).stdout)).toMatch(/ -ixon -ixoff\s.* -ixany\s/s);
    const [seen, inside] = [recorder(), recorder()];
    pty.onData(inside.onChunk);
    port.start(seen);
    pty.write(bytes(0x13, 1, 0x11, 2));
    port.write(bytes(0x13, 3, 0x11, 4));
    await Promise.all([seen, inside].map((end) => end.until((so) => so.bytes.length === 4)));
    expect([seen.bytes, inside.bytes]).toEqual([
      [0x13, 1, 0x11, 2],
      [0x13, 3, 0x11, 4],
    ]);
  });

  test("`always` resets as far as the port has such lines", async () => {
    const port = await open("always");
    const seen = recorder();
    port.start(seen);
    pty.write(bytes(1));
    await seen.until(({ bytes }) => bytes.length === 1);
  });

  /** Writes a byte to the board and waits until it is there. */
  async function echoed(port: StreamTransport): Promise<void> {
    const inside = recorder();
    pty.onData(inside.onChunk);
    port.write(bytes(0));
    await inside.until(({ bytes }) => bytes.length === 1);
  }
});
