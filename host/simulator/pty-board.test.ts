import { lstatSync, mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SerialPort } from "serialport";
import { expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { folderForEach } from "../testing/folders.ts";
import { makeSocket } from "../testing/special-files.ts";
import { isPtyAvailable } from "../transports/pty.ts";
import { PtyBoard } from "./pty-board.ts";

const folder = folderForEach("pty-taken");
const echo = `E.setConsole(null, { force: true }); Serial1.on("data", function (d) { Serial1.write(d) })`;

test.skipIf(!isPtyAvailable())(
  "a serial port opens the link and talks to the program; stop() takes it away",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "bowline-pty-"));
    const board = new PtyBoard({ id: "sim-1", bundle: echo, link: join(folder, "board") });
    await board.start();
    const port = new SerialPort({ path: board.path, baudRate: 115200 });
    try {
      expect(readlinkSync(board.path)).toMatch(/^\/dev\/pts\/\d+$/);
      const bytes = Uint8Array.from({ length: 512 }, (_, i) => i & 255);
      const echoed = new Promise<Buffer>((resolve) => {
        let seen = Buffer.alloc(0);
        port.on("data", (chunk: Buffer) => {
          seen = Buffer.concat([seen, chunk]);
          if (seen.length >= bytes.length) resolve(seen);
        });
      });
      port.write(bytes);
      expect([...(await echoed)]).toEqual([...bytes]);
    } finally {
      const closed = new Promise((resolve) => port.close(resolve));
      await closed;
      const { path } = board;
      await board.stop();
      expect(() => lstatSync(path)).toThrow("ENOENT");
      rmSync(folder, { recursive: true });
    }
  },
);

test.skipIf(!isPtyAvailable())("what stands where its link is to be stays, and it does not run", async () => {
  const link = join(folder(), "board");
  makeSocket(link);
  const board = new PtyBoard({ id: "sim-1", bundle: echo, link });
  await expect(board.start()).rejects.toMatchObject({ code: "PATH_TAKEN" });
  expect(() => board.board).toThrow("does not run");
  expect(lstatSync(link).isSocket()).toBe(true);
});

test.skipIf(!isPtyAvailable())("with consoleBaud only an opener of that speed is understood", async () => {
  const board = new PtyBoard({ id: "sim-1", consoleBaud: 9600 });
  await board.start();
  const port = new SerialPort({ path: board.path, baudRate: 115200 });
  try {
    let heard = "";
    port.on("data", (chunk: Buffer) => {
      heard += chunk.toString("latin1");
    });
    await new Promise((resolve) => port.once("open", resolve));
    port.write("\x10print(1)\n");
    await until(() => expect(heard).toMatch(/[\x80-\xff]{10}/)); // what it takes for a line, echoed
    expect(heard).not.toContain("1\r\n");
    await new Promise((resolve) => port.update({ baudRate: 9600 }, resolve));
    heard = "";
    port.write("\x03");
    await until(() => expect(heard).toMatch(/>$/));
    port.write("\x10print(2)\n");
    await until(() => expect(heard).toMatch(/2\r\n>$/));
  } finally {
    await new Promise((resolve) => port.close(resolve));
    await board.stop();
  }
});
