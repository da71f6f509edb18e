/** A board flashed, flashed again over its own program, and restored: on the real interpreter, over a pty. */
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { Files, loader } from "../../device/layout.mjs";
import { until } from "../platform/testing/until.ts";
import { folderForEach } from "../testing/folders.ts";
import { interpreters } from "../testing/interpreter.ts";
import { PromptBoard } from "../testing/prompt-board.ts";
import { stopAfterEach } from "../testing/stops.ts";
import {
  type BoardAtPrompt,
  estimateUploadS,
  flashBoard,
  judge,
  type OnProgress,
  openBoard,
  restart,
  restoreBoard,
} from "./flash.ts";

const stops = stopAfterEach();
const folder = folderForEach("flash");
const signal = new AbortController().signal;
const silent: OnProgress = () => {};

/** A program that says its name, of some chunks. */
const program = (name: string) => `print("I am ${name}");\n${"// a line that says nothing\n".repeat(60)}`;

const boards = interpreters.map((path) => ({ path, name: basename(path) }));
describe
  .skipIf(boards.length === 0)
  .each(boards.length > 0 ? boards : [{ path: "", name: "no interpreter" }])(
  "flashing $path (ESPRUINO_BIN=/path/to/espruino npm test; skipped where it is not set)",
  ({ path }) => {
    async function switchedOn(): Promise<PromptBoard> {
      const board = await PromptBoard.create(path);
      stops.push(() => board.stop());
      board.powerOn();
      return board;
    }

    async function open(board: PromptBoard): Promise<BoardAtPrompt> {
      const opened = await openBoard({ path: board.path, allowReset: false, signal, onNote: () => {} });
      stops.push(() => opened.close());
      return opened;
    }

    async function flash(board: PromptBoard, name: string, config: object = {}) {
      const opened = await open(board);
      const backupFolder = folder();
      const options = { program: program(name), config, backupFolder, signal, onProgress: silent };
      const result = await flashBoard(opened, options);
      board.said = "";
      await restart(opened);
      await until(() => board.said.includes(`I am ${name}`));
      return result;
    }

    async function restore(board: PromptBoard) {
      const opened = await open(board);
      const result = await restoreBoard(opened, { backupFolder: folder(), signal, onProgress: silent });
      board.said = "";
      await restart(opened);
      return result;
    }

    test("a dry run says what the board is, and leaves it as it was", async () => {
      const board = await switchedOn();
      const opened = await open(board);
      expect(opened.identity).toMatchObject({
        board: "LINUX",
        console: "Serial1",
        missing: [],
        config: undefined,
      });
      const judgement = judge(opened.identity, 20_000);
      expect(judgement).toEqual({
        warnings: [expect.stringContaining(".boot0")],
        mode: "two-slots",
        needsCompaction: false,
      });
      expect(estimateUploadS(opened.identity, opened.baud, 20_000)).toBe(5);
      await restart(opened);
      await board.powerOff();
      expect(await board.evaluate(`require("Storage").list()`)).toBe(".boot0");
    });

    test("an empty board runs the program after it, with the configuration; then another; then the former again", async () => {
      const board = await switchedOn();
      expect(await flash(board, "first", { id: "esp-1", interval: 5 })).toMatchObject({
        slot: "bl.a",
        generation: 0,
        mode: "two-slots",
        backup: { isNew: true, files: {} },
      });
      const second = await flash(board, "second", { interval: 7 });
      expect(second).toMatchObject({ slot: "bl.b", generation: 1, backup: { isNew: true } });
      expect(Object.keys(second.backup.files)).toEqual([Files.loader, "bl.a", Files.config]);
      expect(await restore(board)).toMatchObject({ to: "program", path: second.backup.path });
      await until(() => board.said.includes("I am first"));
      await board.powerOff();
      const read = (name: string) => board.evaluate(`require("Storage").read(${JSON.stringify(name)})`);
      expect(await read(Files.loader)).toBe(loader);
      expect(JSON.parse(await read(Files.config))).toEqual({ id: "esp-1", interval: 5 });
    });
  },
);
