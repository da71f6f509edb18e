import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Files, parseSlot, slotImage } from "../../device/layout.mjs";
import { until } from "../platform/testing/until.ts";
import { boardKinds } from "./board-kinds.ts";
import { SimulatedBoard } from "./simulated-board.ts";
import type { SimulatedBoardOptions } from "./simulated-board-options.ts";

let board: SimulatedBoard;
let sent: string;
let toBoard: (bytes: Uint8Array) => void;

beforeEach(() => {
  sent = "";
});

afterEach(() => board.stop());

function create(options: Partial<SimulatedBoardOptions> = {}): SimulatedBoard {
  const port = {
    write: (bytes: Uint8Array) => {
      sent += Buffer.from(bytes).toString("latin1");
    },
    onData: (listener: (bytes: Uint8Array) => void) => {
      toBoard = listener;
    },
  };
  board = new SimulatedBoard({
    id: "sim-1",
    transport: { kind: "serial", port },
    ...options,
  });
  return board;
}

/** Short, for loops that never end; far above what anything else takes here, also on a busy machine. */
const limits = { loopLimitMs: 1000 };

/** What is sent from now on, until it ends so. */
async function answerTo(typed: string, end = ">"): Promise<string> {
  sent = "";
  toBoard(Buffer.from(typed, "latin1"));
  await until(() => expect(sent.endsWith(end), JSON.stringify(sent)).toBe(true));
  return sent;
}

const prompted = () => until(() => expect(sent).toMatch(/>$/));
const contentOf = (name: string) => Buffer.from(board.flash.read(name) ?? []).toString("latin1");

test("a board with nothing in its Storage greets and prompts, with the appeal where it is not official, and what its loader says", async () => {
  create().start();
  await until(() =>
    expect(sent).toBe(
      [
        "\x1b[?7l",
        " ____                 _ ",
        "|  __|___ ___ ___ _ _|_|___ ___ ",
        "|  __|_ -| . |  _| | | |   | . |",
        "|____|___|  _|_| |___|_|_|_|___|",
        "         |_| espruino.com",
        " 2v29 (c) 2026 G.Williams",
        "",
        ">",
      ].join("\r\n"),
    ),
  );
  expect(board.flash.list()).toEqual([]);
  board.stop();
  sent = "";
  create({ kind: boardKinds.esp32 }).start();
  await prompted();
  expect(sent).toMatch(/^ets Jun {2}8 2016.*\r\n\r\nrst:0x1 .*\r\n/); // of its loader
  expect(sent).toContain("http://espruino.com/Donate\r\n\r\n>");
});

test("each kind names itself, its memory and its Storage", async () => {
  create({ kind: boardKinds.puck }).start();
  await prompted();
  const report = `\x10print("@"+[process.env.BOARD,process.env.VERSION,process.env.RAM,process.memory().total,require("Storage").getFree()])\n`;
  expect(await answerTo(report)).toBe("@PUCKJS,2v29,65536,2630,40960\r\n>");
  expect(await answerTo("\x05", "\r\n")).toBe("Espruino 2v29 PUCKJS\r\n");
});

test("the factory's program lies in a slot behind the loader, and is what runs", async () => {
  create({ bundle: `print("factory", typeof bl)`, config: { interval: 3 } }).start();
  await prompted();
  expect(sent).toMatch(/^factory string\r\n/);
  expect(parseSlot(board.flash.read(Files.slots[0]) as Uint8Array)).toMatchObject({
    program: `print("factory", typeof bl)\n`,
    generation: 0,
  });
  expect(JSON.parse(contentOf(Files.config))).toEqual({ id: "sim-1", port: "Serial1", interval: 3 });
});

test("what was flashed later stays, over restarts, over another bundle, and with the folder over another board", async () => {
  const storageDir = mkdtempSync(join(tmpdir(), "bowline-flash-"));
  try {
    create({ bundle: `print("factory")`, storageDir }).start();
    await prompted();
    board.flash.write(Files.slots[1], slotImage(`print("flashed")`, 1));
    board.flash.write(Files.config, Buffer.from(`{"id":"mine"}`));
    board.stop();
    sent = "";
    board.start();
    await prompted();
    expect(sent).toMatch(/^flashed\r\n/);
    board.flash.erase(Files.marks); // it never said that it is well
    board.stop();
    sent = "";
    create({ bundle: `print("another factory")`, storageDir }).start();
    await prompted();
    expect(sent).toMatch(/^flashed\r\n/);
    expect(contentOf(Files.config)).toBe(`{"id":"mine"}`);
  } finally {
    rmSync(storageDir, { recursive: true });
  }
});

test("a Storage that was emptied stays so: the factory delivers once", async () => {
  create({ bundle: `print("factory")` }).start();
  await prompted();
  await answerTo(`\x10require("Storage").eraseAll();print("gone")\n`);
  board.reboot();
  sent = "";
  await prompted();
  expect(sent).not.toContain("factory");
  expect(board.flash.list()).toEqual([]);
});

test("reset() keeps the program from running, load() runs it, BTN1 at power-on keeps it from running", async () => {
  create({ bundle: `print("runs");function ofProgram(){}` }).start();
  await prompted();
  expect(await answerTo("reset()\n", "\r\n\r\n>")).not.toContain("runs");
  expect(await answerTo("typeof ofProgram\n")).toContain('="undefined"');
  expect(await answerTo("\x10load()\n")).toBe("\r\x1b[Jruns\r\n>");
  board.pins.set("BTN1", 1);
  sent = "";
  board.reboot();
  await prompted();
  expect(sent).not.toContain("runs");
});

test("boot files run in their order, .bootrst after reset() too and instead of the program", async () => {
  create();
  const files = [".bootcde", ".boot3", ".boot0", ".bootPowerOn"];
  for (const name of files) board.flash.write(name, Buffer.from(`print("${name}")`));
  board.start();
  await prompted();
  expect(sent.slice(0, sent.indexOf("\x1b"))).toBe(".bootPowerOn\r\n.boot0\r\n.boot3\r\n.bootcde\r\n");
  expect(await answerTo("\x10reset()\n")).toContain("\r\x1b[J.boot0\r\n.boot3\r\n\x1b[?7l");
  board.flash.write(".bootrst", Buffer.from(`print(".bootrst")`));
  expect(await answerTo("\x10load()\n")).toBe("\r\x1b[J.boot0\r\n.boot3\r\n.bootrst\r\n>");
});

test("what comes in while the board is busy finds as much room as there is, and FIFO_FULL tells", async () => {
  create({ kind: boardKinds.original, ...limits }).start();
  await prompted();
  await answerTo(`\x10E.on("errorFlag",function(f){print("@"+f)});print("on")\n`);
  await answerTo("while(1);\n", "\r\n");
  toBoard(Buffer.from(`\x10${"x".repeat(600)}\n`));
  expect(await answerTo("\x03", "debug>")).not.toContain("FIFO"); // nobody is told while the loop holds the board
  await answerTo("\x03");
  await until(() => expect(sent).toContain("@FIFO_FULL\r\n"));
});

test("a line longer than the input buffer, sent at once, loses its end; in two parts it does not", async () => {
  create({ kind: boardKinds.original }).start();
  await prompted();
  const line = `print("${"x".repeat(600)}".length)\n`;
  await answerTo(line, "x");
  expect(sent).toHaveLength(512);
  expect(await answerTo(`")\n`)).toContain(`\r\n${"x".repeat(505)}\r\n`); // the rest is gone
  await answerTo(line.slice(0, 400), "x");
  expect(await answerTo(line.slice(400))).toContain("600\r\n");
});

test("with flow control the other end is asked to stop and to go on", async () => {
  create({ hasFlowControl: true }).start();
  await prompted();
  sent = "";
  toBoard(Buffer.from(`\x10//${"x".repeat(797)}`));
  expect(sent).toBe("\x13");
  await until(() => expect(sent).toBe("\x13\x11"));
});

test.each([
  ["in a file that is run at boot", `print("in");while(1){}`],
  ["in a timer", `setTimeout(function(){print("in");while(1){}},1)`],
])("a loop that does not end, %s, ends by Ctrl-C twice", async (_, bundle) => {
  create({ bundle, ...limits }).start();
  await until(() => expect(sent).toContain("in\r\n"));
  await answerTo("\x03", "debug>");
  expect(await answerTo("\x03")).toContain("Execution Interrupted");
  expect(await answerTo("\x10print(1)\n")).toBe("1\r\n>");
});

test("without a debugger it ends by the first", async () => {
  create({ kind: { ...boardKinds.simulator, hasDebugger: false }, ...limits }).start();
  await prompted();
  await answerTo("while(1);\n", "\r\n");
  expect(await answerTo("\x03")).toBe("Execution Interrupted\r\n>");
});

test("a loop that prints goes on printing until then", async () => {
  create(limits).start();
  await prompted();
  await answerTo(`\x10for(;;)print("on and on")\n`, "on and on\r\n");
  sent = "";
  await until(() => expect(sent).toContain("on and on\r\non and on\r\n"));
  expect(await answerTo("\x03", "Execution Interrupted\r\n>")).toMatch(/^(on and on\r\n)*Execution/);
  expect(await answerTo("\x10print(1)\n")).toBe("1\r\n>");
});

test("a watchdog bites in a loop that does not end", async () => {
  const reasons: string[] = [];
  const bundle = `E.enableWatchdog(0.1,false);setTimeout(function(){while(1){}},1)`;
  create({ bundle, ...limits, onRestart: (reason) => reasons.push(reason) }).start();
  await until(() => expect(reasons).toEqual(["watchdog"]));
});

test("what waited for a loop comes after it, an interval that was struck does not", async () => {
  create(limits).start();
  await prompted();
  await answerTo(
    `\x10setInterval(function(){print("in");while(1);},20);setTimeout(function(){print("after")},60)\n`,
    "in\r\n",
  );
  await answerTo("\x03", "debug>");
  await answerTo("\x03", "after\r\n>");
  expect(sent).toContain("removing it");
  expect(sent).not.toContain("\r\nin\r\n");
});

test("power that fails in the midst of a write leaves what was written; power on boots from it", async () => {
  create().start();
  await prompted();
  await answerTo(`\x10require("Storage").write(".boot0","print(1)");print("ok")\n`);
  let cuts = 0;
  board.cutPowerAfter(1 + 8 + 1, () => cuts++); // the old name, the new header, a word of the content
  sent = "";
  toBoard(
    Buffer.from(`\x10try{require("Storage").write(".boot0","print(22)")}catch(e){print(e)}\nprint(5)\n`),
  );
  await until(() => expect(cuts).toBe(1));
  await new Promise((resolve) => setImmediate(resolve));
  expect(sent).toBe(""); // a board without power says nothing any more, whatever its program catches
  expect(contentOf(".boot0")).toBe("prin\xff\xff\xff\xff\xff");
  board.start();
  await prompted();
  expect(sent).toContain("Uncaught");
});

test("at another speed than the board's nobody understands a byte, until the host has found it", async () => {
  let baud = 115200;
  create({ consoleBaud: 9600, baudOfHost: () => baud }).start();
  await until(() => expect(sent.length).toBeGreaterThan(100));
  expect(sent).toMatch(/^[\x80-\xff]+$/);
  await answerTo("\n\x03\n", "");
  baud = 9600;
  await answerTo("\x03"); // the garbage that collected in the line
  expect(await answerTo("\x10print(1)\n")).toBe("1\r\n>");
  sent = "";
  toBoard(Buffer.from("Serial1.setup(57600)\n"));
  await until(() => expect(sent).toMatch(/[\x80-\xff]{10}$/));
  baud = 57600;
  expect(await answerTo("\x10print(2)\n")).toBe("2\r\n>");
});
