/** How a board is brought to its prompt: on a wire that is made up, and on the real interpreter in every state. */
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { interpreters } from "../testing/interpreter.ts";
import { PromptBoard } from "../testing/prompt-board.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { getAttention } from "./attention.ts";
import { Conversation } from "./conversation.ts";
import { openBoard } from "./flash.ts";
import type { PromptWire } from "./prompt-wire.ts";

const stops = stopAfterEach();
const signal = new AbortController().signal;
const onNote = () => {};

/** A board that says what `answer` makes of each line written at a speed. */
class MadeUpWire implements PromptWire {
  readonly name = "made up";
  baud = 115_200;
  resets = 0;
  onText: (text: string) => void = () => {};
  onLost: (reason: string) => void = () => {};
  constructor(private readonly answer: (text: string, wire: MadeUpWire) => string) {}
  async write(text: string) {
    const said = this.answer(text, this);
    if (said !== "") queueMicrotask(() => this.onText(said));
  }
  async setBaud(baud: number) {
    this.baud = baud;
  }
  async pulseReset() {
    this.resets++;
  }
  async close() {}
}

/** What Espruino says to the question that ends a try. */
const answerTo = (text: string) => {
  const tag = /"(P\d+) "/.exec(text)?.[1];
  return tag === undefined ? ">" : `\r\x1b[J@${tag} 1\r\n>`;
};

test("the speed at which the board answers is kept", async () => {
  const wire = new MadeUpWire((text, { baud }) => (baud === 9600 ? answerTo(text) : "\xff\x80\xfe"));
  await getAttention(new Conversation(wire, signal), {
    bauds: [115_200, 9600, 1_000_000],
    allowReset: false,
    onNote,
  });
  expect(wire.baud).toBe(9600);
});

test("a reset is pulsed only when allowed, and once", async () => {
  for (const allowReset of [true, false]) {
    const wire = new MadeUpWire((text, { resets }) => (resets > 0 ? answerTo(text) : ""));
    const abort = new AbortController();
    if (!allowReset) setTimeout(() => abort.abort(), 3000);
    const attention = getAttention(new Conversation(wire, abort.signal), {
      bauds: [115_200],
      allowReset,
      onNote,
    });
    if (allowReset) await attention;
    else await expect(attention).rejects.toMatchObject({ code: "FLASH_INTERRUPTED", exitCode: 130 });
    expect(wire.resets).toBe(allowReset ? 1 : 0);
  }
});

test("no line is ever completed that somebody else began: Ctrl-C comes before the first new line", async () => {
  let written = "";
  const wire = new MadeUpWire((text) => {
    written += text;
    return answerTo(text);
  });
  await getAttention(new Conversation(wire, signal), { bauds: [115_200], allowReset: false, onNote });
  expect(written.indexOf("\x03")).toBeGreaterThan(-1);
  expect(written.indexOf("\x03")).toBeLessThan(written.indexOf("\n"));
  expect(written[written.indexOf("\x03") - 1]).toBe(" ");
});

test("a port that goes while it is asked is FLASH_PORT_LOST", async () => {
  const wire = new MadeUpWire((_, { onLost }) => {
    queueMicrotask(() => onLost("the device hung up"));
    return "";
  });
  const attention = getAttention(new Conversation(wire, signal), {
    bauds: [115_200],
    allowReset: false,
    onNote,
  });
  await expect(attention).rejects.toMatchObject({ code: "FLASH_PORT_LOST", exitCode: 3 });
});

const states: readonly [string, string][] = [
  ["at its prompt", ""],
  ["with half a line typed", "require('Storage').eraseAll("],
  ["with half a function typed", "function f() {\n  if (true) {\n"],
  ["with a program that prints all the time", '\x10setInterval(function(){print("temp=22.5")},7)\n'],
  ["in an endless loop", "\x10while(true);\n"],
  ["in an endless loop that prints", '\x10while(true)print("x");\n'],
  ["in its debugger", 'function f(){print("it "+"runs");while(true){var i=1}}\nf()\n'],
  ["with echo off", "\x10echo(0)\n"],
];

const boards = interpreters.map((path) => ({ path, name: basename(path) }));
describe
  .skipIf(boards.length === 0)
  .each(boards.length > 0 ? boards : [{ path: "", name: "no interpreter" }])(
  "attention on $path (ESPRUINO_BIN=/path/to/espruino npm test; skipped where it is not set)",
  ({ path }) => {
    test.each(states)("a board %s comes to its prompt", async (state, typed) => {
      const board = await PromptBoard.create(path);
      stops.push(() => board.stop());
      board.powerOn();
      await until(() => expect(board.saidSinceBoot).toMatch(/>$/));
      board.type(typed);
      if (state === "in its debugger") {
        await until(() => expect(board.saidSinceBoot).toContain("it runs"));
        board.type("\x03");
        await until(() => expect(board.saidSinceBoot).toMatch(/debug>$/));
      }
      const opened = await openBoard({ path: board.path, allowReset: false, signal, onNote });
      stops.push(() => opened.close());
      expect(opened.identity.board).toBe("LINUX");
      expect(board.hasFailed).toBe(false);
    });
  },
);
