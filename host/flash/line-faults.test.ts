/** The line between us and a board's prompt as lines are: slow, at a speed that does not hold, losing and spoiling bytes. */
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { parseSlot } from "../../device/layout.mjs";
import { boardKinds } from "../simulator/board-kinds.ts";
import { SimulatedBoard } from "../simulator/simulated-board.ts";
import type { SimulatedBoardOptions } from "../simulator/simulated-board-options.ts";
import { folderForEach } from "../testing/folders.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { FORGOTTEN_MS, flashBoard, type OnProgress, openBoard, restart } from "./flash.ts";
import { SimulatedWire } from "./testing/simulated-wire.ts";
import { namedProgram } from "./testing/stories.ts";

const stops = stopAfterEach();
afterEach(() => void vi.useRealTimers());
const folder = folderForEach("line");
const PROGRAM = namedProgram("new", 1500);

function makeBoard(wire: SimulatedWire, options: Partial<SimulatedBoardOptions> = {}): SimulatedBoard {
  const transport = { kind: "serial", port: wire } as const;
  const board = new SimulatedBoard({ id: "sim-1", kind: boardKinds.esp32, transport, ...options });
  board.start();
  stops.push(() => board.stop());
  return board;
}

async function flash(
  wire: SimulatedWire,
  onProgress: OnProgress = () => {},
  signal = new AbortController().signal,
) {
  const openWire = async () => wire;
  const opened = await openBoard({ path: "", allowReset: false, signal, onNote() {}, openWire });
  const backupFolder = join(folder(), "backups");
  const result = await flashBoard(opened, { program: PROGRAM, config: {}, backupFolder, signal, onProgress });
  await restart(opened);
  return { ...result, found: opened.baud };
}

const slot = (board: SimulatedBoard) => parseSlot(board.flash.read("bl.a") ?? new Uint8Array(0));

test("a slow console is made fast for the upload", async () => {
  const wire = new SimulatedWire();
  const board = makeBoard(wire, { consoleBaud: 9600, baudOfHost: () => wire.baud });
  expect(await flash(wire)).toMatchObject({ found: 9600, baud: 115_200 });
  expect(slot(board)).toMatchObject({ program: PROGRAM });
});

test("where the fast speed does not hold, it is done at the one before", async () => {
  const wire = new SimulatedWire();
  const baudOfHost = () => (wire.baud === 115_200 ? 113_000 : wire.baud);
  const board = makeBoard(wire, { consoleBaud: 9600, baudOfHost });
  expect(await flash(wire)).toMatchObject({ found: 9600, baud: 9600 });
  expect(slot(board)).toMatchObject({ program: PROGRAM });
});

/** Spoils what is written to the board, where `fault` makes something else of a line. */
class FaultyWire extends SimulatedWire {
  /** Lines with a piece of a file that were written. */
  pieces = 0;
  constructor(private readonly fault: (line: string, piece: number) => string) {
    super();
  }
  override write(said: Uint8Array | string): Promise<void> {
    if (typeof said !== "string" || !said.includes("atob(")) return super.write(said);
    this.pieces++;
    return super.write(this.fault(said, this.pieces));
  }
}

test.each<[string, (line: string, piece: number) => string]>([
  ["with a character changed", (line, piece) => (piece === 2 ? line.replace('atob("', 'atob("A') : line)],
  ["with its end lost", (line, piece) => (piece === 2 ? line.slice(0, 200) : line)],
  [
    "with a quote lost, which leaves a string open",
    (line, piece) => (piece === 2 ? line.replace('atob("', "atob(") : line),
  ],
])("a line that arrives %s is said again, and what is there is right", async (_, fault) => {
  const wire = new FaultyWire(fault);
  const board = makeBoard(wire);
  await flash(wire);
  expect(wire.pieces).toBeGreaterThan(4);
  expect(slot(board)).toMatchObject({ program: PROGRAM });
});

test("a piece whose answer is lost counts as written", async () => {
  let lost = 0;
  const wire = new (class extends SimulatedWire {
    override write(said: Uint8Array | string): Promise<void> {
      const isAnswer = typeof said !== "string" && /@O\d+ 240\./.test(Buffer.from(said).toString("latin1"));
      if (isAnswer && lost++ === 0) return Promise.resolve();
      return super.write(said);
    }
  })();
  const board = makeBoard(wire);
  await flash(wire);
  expect(lost).toBeGreaterThan(0);
  expect(slot(board)).toMatchObject({ program: PROGRAM });
});

test("a board that takes no piece as it is sent is refused, and runs what it ran", async () => {
  const wire = new FaultyWire((line) => line.replace('atob("', 'atob("A'));
  const board = makeBoard(wire, { bundle: namedProgram("old") });
  await expect(flash(wire)).rejects.toMatchObject({
    code: "FLASH_BOARD_ERROR",
    message: expect.stringContaining("spoiled"),
  });
  expect(board.flash.read("bl.b")).toBeUndefined();
  expect(slot(board)?.program).toContain("I am old");
});

test("called off in the midst of the upload, it starts what ran before, and the port is free", async () => {
  const wire = new SimulatedWire();
  const printed: string[] = [];
  const board = makeBoard(wire, { bundle: namedProgram("old"), onConsole: (line) => printed.push(line) });
  const abort = new AbortController();
  const onProgress: OnProgress = (step, done) => {
    if (step !== "upload" || done === 0) return;
    printed.length = 0;
    abort.abort();
  };
  await expect(flash(wire, onProgress, abort.signal)).rejects.toMatchObject({
    code: "FLASH_INTERRUPTED",
    exitCode: 130,
  });
  await expect.poll(() => printed).toContain("I am old");
  expect(slot(board)?.program).toContain("I am old");
});

test("forgotten in the midst of the upload, by a flasher that was killed, it starts by itself what ran before", async () => {
  vi.useFakeTimers({
    shouldAdvanceTime: true,
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  });
  const wire = new SimulatedWire();
  const printed: string[] = [];
  makeBoard(wire, { bundle: namedProgram("old"), onConsole: (line) => printed.push(line) });
  const killed = new Promise<void>((resolve) => {
    const onProgress: OnProgress = (step, done) => {
      if (step !== "upload" || done === 0) return;
      wire.write = () => new Promise(() => {}); // not a word more, to the board or from it
      resolve();
    };
    void flash(wire, onProgress);
  });
  await killed;
  printed.length = 0;
  await vi.advanceTimersByTimeAsync(FORGOTTEN_MS + 1000);
  expect(printed).toContain("I am old");
});
