/** The firmware itself: flashed onto an empty board, heard by a gateway, flashed again while it runs, and cut off in between. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildDevice } from "../../device/build.mjs";
import { until } from "../platform/testing/until.ts";
import { folderForEach } from "../testing/folders.ts";
import { startGateway } from "../testing/gateway.ts";
import { interpreters } from "../testing/interpreter.ts";
import { PromptBoard } from "../testing/prompt-board.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { flashBoard, openBoard, restart } from "./flash.ts";

const stops = stopAfterEach();
const folder = folderForEach("firmware");
let program = "";

beforeAll(async () => {
  const outfile = "dist/device/flash-test.js";
  const built = await buildDevice({ entry: "device/main.ts", outfile, quiet: true });
  program = await readFile(built.outfile, "latin1");
});

const boards = interpreters.map((path) => ({ path, name: basename(path) }));
describe
  .skipIf(boards.length === 0)
  .each(boards.length > 0 ? boards : [{ path: "", name: "no interpreter" }])(
  "the firmware flashed on $path (ESPRUINO_BIN=/path/to/espruino npm test; skipped where it is not set)",
  ({ path }) => {
    async function flash(board: PromptBoard, onUpload: (done: number) => void = () => {}) {
      const abort = new AbortController();
      const opened = await openBoard({
        path: board.path,
        allowReset: false,
        signal: abort.signal,
        onNote() {},
      });
      stops.push(() => opened.close());
      const result = await flashBoard(opened, {
        program,
        config: { id: "esp-1", port: "Serial1", path: board.boardPath, interval: 1, grace: 1 },
        backupFolder: folder(),
        signal: abort.signal,
        onProgress(step, done) {
          if (step !== "upload") return;
          onUpload(done);
          if (done > 0 && onUpload === CALL_OFF) abort.abort();
        },
      });
      await restart(opened);
      return result;
    }
    const CALL_OFF = () => {};

    /** Its epoch, once it has said hello. */
    async function hello(board: PromptBoard): Promise<unknown> {
      const gw = await startGateway([`serial.0.path=${board.path}`, "serial.0.interByteTimeoutMs=3000"]);
      try {
        await until(() => expect(gw.gateway.devicesView()[0]?.epoch, board.output).toMatch(/./));
        return gw.gateway.devicesView()[0].epoch;
      } finally {
        await gw.stop();
      }
    }

    test("it says hello; over it, running, it is flashed again; called off, the former one starts again", async () => {
      const board = await PromptBoard.create(path);
      stops.push(() => board.stop());
      board.powerOn();
      const first = await flash(board);
      expect(first).toMatchObject({ slot: "bl.a", generation: 0, backup: { files: {} } });
      const epoch = await hello(board);
      expect(epoch).toMatch(/./);

      expect(await flash(board)).toMatchObject({ slot: "bl.b", generation: 1 });
      const next = await hello(board);
      expect(next).not.toBe(epoch);

      await expect(flash(board, CALL_OFF)).rejects.toMatchObject({
        code: "FLASH_INTERRUPTED",
        exitCode: 130,
      });
      const last = await hello(board);
      expect(last).not.toBe(next);
      await board.powerOff();
      expect(await board.evaluate('require("Storage").read("bl.b").length')).toBe(String(first.bytes));
    });
  },
);
