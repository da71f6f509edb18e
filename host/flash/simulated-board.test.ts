/** A simulated board flashed over its pseudo-terminal, from the states a board may be found in. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildDevice } from "../../device/build.mjs";
import { Files, parseSlot } from "../../device/layout.mjs";
import { until } from "../platform/testing/until.ts";
import { PtyBoard, type PtyBoardOptions } from "../simulator/pty-board.ts";
import { folderForEach } from "../testing/folders.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { isPtyAvailable } from "../transports/pty.ts";
import { flashBoard, openBoard, restart } from "./flash.ts";

const stops = stopAfterEach();
const folder = folderForEach("flash-simulated");
const signal = new AbortController().signal;

/** Of some chunks. */
const program = (name: string) => `print("I am ${name}");\n${"// a line that says nothing\n".repeat(60)}`;

describe.skipIf(!isPtyAvailable())("a simulated board", () => {
  async function start(
    options: Partial<PtyBoardOptions> = {},
  ): Promise<{ board: PtyBoard; lines: string[] }> {
    const lines: string[] = [];
    const onConsole = (line: string) => lines.push(line);
    const board = new PtyBoard({ id: "sim-1", loopLimitMs: 2000, onConsole, ...options });
    await board.start();
    stops.push(() => board.stop());
    return { board, lines };
  }

  async function flash(board: PtyBoard, name: string): Promise<void> {
    const opened = await openBoard({ path: board.path, allowReset: false, signal, onNote: () => {} });
    stops.push(() => opened.close());
    const onProgress = () => {};
    await flashBoard(opened, {
      program: program(name),
      config: {},
      backupFolder: folder(),
      signal,
      onProgress,
    });
    await restart(opened);
    await opened.close();
  }

  test("runs what was flashed, and another after that, from the other slot", async () => {
    const { board, lines } = await start();
    await flash(board, "first");
    await until(() => expect(lines).toContain("I am first"));
    await flash(board, "second");
    await until(() => expect(lines).toContain("I am second"));
    const slots = Files.slots.map((name) => parseSlot(board.board.flash.read(name) as Uint8Array)?.program);
    expect(slots).toEqual([program("first"), program("second")]);
  });

  test("that speaks over its link gives its port to the flasher, and keeps its program in the other slot", async () => {
    const { outfile } = await buildDevice({ outfile: join(folder(), "firmware.js"), quiet: true });
    const { board } = await start({ bundle: outfile, config: { grace: 0 } });
    await flash(board, "first");
    expect(parseSlot(board.board.flash.read(Files.slots[1]) as Uint8Array)?.program).toBe(program("first"));
  });

  test.each<[string, Partial<PtyBoardOptions>, string]>([
    ["with half a line typed", {}, `print("half`],
    ["within open brackets", {}, "if (1) {\n"],
    ["in a program that prints all the time", { bundle: `setInterval(function(){print("noise")},5)` }, ""],
    ["in a loop that does not end", { bundle: "while(1){}" }, ""],
    ["in the debugger", { bundle: "while(1){}" }, "\x03"],
  ])("that is found %s runs what was flashed", async (_, options, typed) => {
    const { board, lines } = await start(options);
    board.board.type(typed);
    await flash(board, "first");
    await until(() => expect(lines).toContain("I am first"));
  });
});
