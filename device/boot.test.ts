/** The firmware cannot brick a board: its grace at the start, its mark of a good start, its way to the prompt, its watchdog. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { boardKinds } from "../host/simulator/board-kinds.ts";
import { SimulatedBoard } from "../host/simulator/simulated-board.ts";
import { buildDevice } from "./build.mjs";
import { Files } from "./layout.mjs";

/** "P", any link byte, sequence 0, CRC-32, between two END (PROTOCOL.md: REPL). */
const REPL_FRAME = Buffer.from("c0505a007c42a9d3c0", "hex");

let firmware = "";
let board: SimulatedBoard;
let toBoard: (bytes: Uint8Array) => void;
let sent = "";
let restarts: string[] = [];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "bowline-boot-"));
  const { outfile } = await buildDevice({
    links: "cable",
    outfile: join(folder, "firmware.js"),
    quiet: true,
  });
  firmware = await readFile(outfile, "latin1");
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  vi.useFakeTimers();
  sent = "";
  restarts = [];
});

afterEach(() => {
  board.stop();
  vi.useRealTimers();
});

function power(config: object, program = firmware, kind = boardKinds.simulator): void {
  board = new SimulatedBoard({
    id: "fw-1",
    bundle: program,
    transport: {
      kind: "serial",
      port: {
        write: (bytes) => {
          sent += Buffer.from(bytes).toString("latin1");
        },
        onData: (listener) => {
          toBoard = listener;
        },
      },
    },
    kind,
    config: { interval: 0, ...config },
    onRestart: (reason) => restarts.push(reason),
  });
  board.start();
}

const marks = () =>
  Buffer.from(board.flash.read(Files.marks) ?? [])
    .toString("latin1")
    .replace(/\xff+$/, "");

async function typed(text: string | Buffer): Promise<string> {
  sent = "";
  toBoard(Buffer.from(text));
  await vi.advanceTimersByTimeAsync(200);
  return sent;
}

test("for three seconds after power-up the console answers on the port; then the port is the gateway's", async () => {
  power({});
  await vi.advanceTimersByTimeAsync(2500);
  expect(await typed("\x10print(6*7)\n")).toContain("42");
  await vi.advanceTimersByTimeAsync(1000);
  expect(await typed("\x10print(6*7)\n")).not.toContain("42");
});

test("a start is marked at once, and as good after ten seconds that were", async () => {
  power({ grace: 0 });
  expect(marks()).toBe("boot");
  await vi.advanceTimersByTimeAsync(9500);
  expect(marks()).toBe("boot");
  await vi.advanceTimersByTimeAsync(2000);
  expect(marks()).toBe("bootgood");
});

test("a program that throws at its start is at the prompt, and after three such starts is not run any more", async () => {
  power({}, `print("on");throw "broken";\n`);
  await vi.advanceTimersByTimeAsync(100);
  for (let start = 1; start < 3; start++) {
    expect(sent).toMatch(/on[\s\S]*Uncaught[\s\S]*broken/);
    expect(await typed("\x10print(6*7)\n")).toContain("42");
    board.reboot();
    await vi.advanceTimersByTimeAsync(100);
  }
  sent = "";
  board.reboot();
  await vi.advanceTimersByTimeAsync(100);
  expect(sent).toContain("bowline: 3 starts failed; the program does not run for 5 minutes");
  expect(sent).not.toContain("broken");
  expect(marks()).toBe("bootbootboot");
  await vi.advanceTimersByTimeAsync(301_000);
  expect(sent).toContain("broken");
});

test.each([
  [
    "that a power cut left with half a mark at its end",
    () => putMarks("bootgood".repeat(31).concat("bootbo")),
  ],
  ["in which a word was written in part", () => putMarks("bootgoodb\xffot")],
  ["that no longer fits into a full Storage", fillStorage],
])("a file of marks %s does not keep the program from its start", async (_, spoil) => {
  power({}, `print("on");\n`);
  await vi.advanceTimersByTimeAsync(100);
  spoil();
  for (let start = 0; start < 2; start++) {
    sent = "";
    board.reboot();
    await vi.advanceTimersByTimeAsync(100);
    expect(sent, `start ${start}`).toMatch(/\bon\b/);
    expect(sent).not.toContain("Uncaught");
  }
});

function putMarks(text: string): void {
  board.flash.erase(Files.marks);
  board.flash.write(Files.marks, Buffer.from(text, "latin1"), 0, 256);
}

function fillStorage(): void {
  board.flash.erase(Files.marks);
  board.flash.compact();
  const headerBytes = 32;
  board.flash.write("log", Buffer.alloc(board.flash.stats().freeBytes - headerBytes, 1));
}

test("the link's REPL frame brings the prompt, and the watchdog that is armed by then does not end what is done there", async () => {
  power({ grace: 0 });
  await vi.advanceTimersByTimeAsync(5000); // the watchdog is armed
  await typed(REPL_FRAME);
  expect(await typed("\x10print(6*7)\n")).toContain("42");
  await typed("\x10reset()\n");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(restarts).toEqual([]);
  expect(await typed("\x10print(6*7)\n")).toContain("42");
});

test("bytes that are lost at the prompt break no link: nothing of it gets into what is said there", async () => {
  power({ grace: 0 });
  await vi.advanceTimersByTimeAsync(500);
  toBoard(openAck(sent.charCodeAt(sent.indexOf("\xc0O") + 2)));
  await typed(REPL_FRAME);
  sent = "";
  board.raiseErrorFlag("FIFO_FULL");
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent).not.toContain("\xc0");
});

/** "A", link byte, sequence 0, link version 1, 100 bytes of room, packets of 100 (PROTOCOL.md: OPEN_ACK). */
function openAck(link: number): Buffer {
  const frame = Buffer.from([0x41, link, 0, 1, 100, 100, 0, 0, 0, 0]);
  frame.writeUInt32LE(crc32(frame.subarray(0, 6)), 6);
  const escaped = [...frame].flatMap((byte) =>
    byte === 0xc0 ? [0xdb, 0xdc] : byte === 0xdb ? [0xdb, 0xdd] : [byte],
  );
  return Buffer.from([0xc0, ...escaped, 0xc0]);
}

test("a prompt that is asked for before the watchdog is armed stays without one", async () => {
  power({ grace: 0 });
  await vi.advanceTimersByTimeAsync(500);
  await typed(REPL_FRAME);
  await vi.advanceTimersByTimeAsync(3000); // the flasher asks what board this is
  await typed("\x10reset()\n");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(restarts).toEqual([]);
  expect(await typed("\x10print(6*7)\n")).toContain("42");
});

test.each([
  ["original", "f190", 384],
  ["pico", "f310", 768],
] as const)(
  "the %s board opens its link with room for three quarters of its input buffer",
  async (name, room, bytes) => {
    power({ grace: 0 }, firmware, boardKinds[name]);
    await vi.advanceTimersByTimeAsync(500);
    const opened = Buffer.from(sent, "latin1").toString("hex");
    // "O", link byte, sequence 0, link version 1, room.
    expect(opened, `${bytes} bytes`).toMatch(new RegExp(`c04f..0001${room}`));
  },
);

test("a board whose timers all ended is restarted by its watchdog", async () => {
  power({ grace: 0 }, `${firmware}setTimeout(function(){clearInterval()},5000);\n`);
  await vi.advanceTimersByTimeAsync(14_000);
  expect(restarts).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(restarts).toEqual(["watchdog"]);
});
