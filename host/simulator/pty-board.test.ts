import { lstatSync, mkdtempSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SerialPort } from "serialport";
import { expect, test } from "vitest";
import { isPtyAvailable } from "../transports/pty.ts";
import { PtyBoard } from "./pty-board.ts";

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
