import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { until } from "../platform/testing/until.ts";
import { SimulatedBoard } from "./simulated-board.ts";
import type { SimulatedBoardOptions } from "./simulated-board-options.ts";

let board: SimulatedBoard | undefined;
let lines: string[];
let sent: string;
let toBoard: (bytes: Uint8Array) => void;

beforeEach(() => {
  lines = [];
  sent = "";
});

afterEach(() => {
  board?.stop();
  vi.useRealTimers();
});

/** A started board with a serial port whose other end is `sent` and `toBoard`. */
function boardWith(bundle: string, options: Partial<SimulatedBoardOptions> = {}): SimulatedBoard {
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
    bundle,
    transport: { kind: "serial", port },
    onConsole: (line) => lines.push(line),
    ...options,
  });
  board.start();
  return board;
}

const quiet = "E.setConsole(null, { force: true });";

test("the program finds its configuration in Storage", () => {
  boardWith(`print(JSON.stringify(require("Storage").readJSON("bowline.json", true)))`, {
    config: { interval: 5 },
  });
  expect(lines).toEqual(['{"id":"sim-1","port":"Serial1","interval":5}']);
});

test("bytes of a port come as byte strings of 1…63 characters, none lost, while nothing is printed among them", async () => {
  boardWith(
    `${quiet} print("no console"); Serial1.on("data", function (d) { Serial1.write([d.length], d) })`,
  );
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i & 255);
  toBoard(bytes);
  await until(() => expect(sent.length).toBeGreaterThan(1000));
  let received = "";
  for (let at = 0; at < sent.length; at += 1 + sent.charCodeAt(at)) {
    expect(sent.charCodeAt(at)).toBeLessThan(64);
    received += sent.substr(at + 1, sent.charCodeAt(at));
  }
  expect(received).toBe(Buffer.from(bytes).toString("latin1"));
});

test("while the port is the console it has no data, and carries what is printed", async () => {
  const { pins } = boardWith(
    `Serial1.on("data", print); setWatch(function () { ${quiet} print("gone") }, BTN1); print("hi")`,
  );
  toBoard(Buffer.from("lost"));
  await until(() => expect(sent).toContain(">lost")); // the line editor has it
  pins.set("BTN1", 1);
  await until(() => expect(lines).toContain("gone"));
  expect(sent).toMatch(/^hi\r\n/);
  expect(sent).not.toContain("gone");
  expect(lines).toEqual(["hi", "gone"]);
});

test("without a listener 512 bytes are kept, and the flag says that more came", async () => {
  boardWith(`${quiet} E.on("errorFlag", function (f) {
    print(f.join(), E.getErrorFlags().join(), E.getErrorFlags().length);
    var n = 0; Serial1.on("data", function (d) { n += d.length; if (n == 512) print("all") }) })`);
  toBoard(new Uint8Array(600));
  await until(() => expect(lines).toEqual(["BUFFER_FULL BUFFER_FULL 0", "all"]));
});

test("what a callback throws is printed, and the next call comes all the same", async () => {
  boardWith(
    `var n = 0; setInterval(function () { if (++n > 2) clearInterval(1); throw new Error("boom " + n) }, 1)`,
  );
  await until(() => expect(lines.filter((line) => line.startsWith("Uncaught"))).toHaveLength(3));
  expect(lines.slice(0, 2)).toEqual([
    "Uncaught Error: boom 1",
    expect.stringMatching(/^ +at .*sim-1\.js:1:\d+/),
  ]);
});

test("a program that ends badly is printed, a promise too", async () => {
  boardWith(`Promise.reject("no"); later()`);
  expect(lines[0]).toBe('Uncaught ReferenceError: "later" is not defined');
  await until(() => expect(lines.at(-1)).toBe("Uncaught Unhandled promise rejection: no"));
});

test("E.CRC32 is zlib's and refuses what the board would get wrong", () => {
  boardWith(
    `print(E.CRC32(E.toUint8Array("123", [52, "56"], new Uint8Array([55, 56, 57]))).toString(16)); E.CRC32([1])`,
  );
  expect(lines.slice(0, 2)).toEqual([
    "cbf43926",
    "Uncaught Error: E.CRC32 does not flatten: on the board this is a wrong number",
  ]);
});

test("pins: outside sees what the program writes, the program what outside sets, once an edge", async () => {
  const { pins } = boardWith(`digitalWrite(LED1, 1); digitalWrite("B3", true); print(new Pin("B3") === B3);
    setWatch(function (e) { print("BTN1", e.state, digitalRead(BTN1)) }, BTN1, { repeat: true, edge: "rising" })`);
  expect([pins.get("LED1"), pins.get("B3")]).toEqual([1, 1]);
  pins.set("BTN1", 1);
  await until(() => expect(lines).toEqual(["true", "BTN1 true 1"]));
  pins.setAnalog("A1", 0.25);
  expect(() => pins.get("Z9")).toThrow("Invalid pin");
});

test("E.reboot() loses memory and keeps Storage", async () => {
  boardWith(`var s = require("Storage"), n = s.read("n") || "";
    print("start", n.length, typeof leftover); leftover = 1;
    if (n.length < 2) { s.write("n", n + "x"); E.reboot(); print("not printed any more") }`);
  await until(() => expect(lines).toEqual([0, 1, 2].map((n) => `start ${n} undefined`)));
  expect(board?.restarts).toBe(2);
});

test("reset() leaves the board without its program, load() brings it back", async () => {
  boardWith(
    `print("start"); setTimeout(function () { setTimeout(print, 5, "never"); print("reset"); reset() }, 5)`,
  );
  await until(() => expect(lines).toEqual(["start", "reset"]));
  await new Promise((resolve) => setTimeout(resolve, 60));
  board?.reboot();
  expect(lines).toEqual(["start", "reset", "start"]);
});

test("a watchdog that nobody kicks restarts the board; the fake clock tells when", () => {
  vi.useFakeTimers();
  const reasons: string[] = [];
  boardWith(
    `var id = setInterval(E.kickWatchdog, 500); E.enableWatchdog(1, false);
    setTimeout(function () { clearInterval(id) }, 5000)`,
    { onRestart: (reason) => reasons.push(reason) },
  );
  vi.advanceTimersByTime(5900);
  expect(reasons).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(reasons).toEqual(["watchdog"]);
});

test("the clock counts from power-on until it is set", () => {
  let nowMs = 5000;
  const clock = { now: () => nowMs, wall: () => 0 };
  const { pins } = boardWith(
    `function show() { print(getTime(), Date.now()) } setWatch(function () { setTime(100); show() }, BTN1); show()`,
    { clock },
  );
  expect(lines).toEqual(["0 0"]);
  nowMs += 250;
  pins.set("BTN1", 1);
  return until(() => expect(lines[1]).toBe("100 100000"));
});

test("the temperature is plausible and the same for the same seed", () => {
  boardWith("print(E.getTemperature(), E.hwRand())", { seed: 3 });
  board?.reboot();
  expect(lines[1]).toBe(lines[0]);
  expect(Number(lines[0].split(" ")[0])).toBeCloseTo(22, -1);
});

test("a bundle in a file is read anew at every start, and stop() is quiet", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-board-"));
  try {
    const bundle = join(folder, "firmware.js");
    writeFileSync(bundle, `print("one"); setInterval(function () { print("tick") }, 1)`);
    boardWith(bundle, { storageDir: join(folder, "flash") });
    board?.stop();
    writeFileSync(bundle, `print("two")`);
    board?.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lines).toEqual(["one", "two"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
