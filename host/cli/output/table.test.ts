import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { displayWidth } from "./display.ts";
import { type Column, formatTable } from "./table.ts";

const columns: Column<{ id: string; got: number; via: string }>[] = [
  { title: "board", value: ({ id }) => id },
  { title: "got", value: ({ got }) => got },
  { title: "via", value: ({ via }) => via },
];

test("formatTable() aligns by display width, numbers to the right, without spaces at the end", () => {
  const rows = [
    { id: "sim-1", got: 7, via: "tcp" },
    { id: "\u6e29\u5ea6", got: 1200, via: "" },
  ];
  expect(formatTable(columns, rows)).toEqual(["board   got  via", "sim-1     7  tcp", "\u6e29\u5ea6   1200"]);
});

test("formatTable() of nothing is its titles", () => {
  expect(formatTable(columns, [])).toEqual(["board  got  via"]);
});

test("formatTable() shows a control character as an escape", () => {
  expect(formatTable(columns.slice(0, 1), [{ id: "a\u001b[2J", got: 0, via: "" }])).toEqual([
    "board",
    "a\\u001b[2J",
  ]);
});

const ports: Column<{ board: string; via: string; kind: string; got: number; last: string }>[] = [
  { title: "board", value: ({ board }) => board },
  { title: "via", value: ({ via }) => via },
  { title: "kind", value: ({ kind }) => kind },
  { title: "messages", value: ({ got }) => got },
  { title: "last", value: ({ last }) => last },
];
const row = {
  board: "a-board-with-a-long-name",
  via: "serial /dev/serial/by-id/usb-1",
  kind: "PICO",
  got: 7,
  last: "-",
};

test("on a narrow terminal long texts are shortened in their middle, but for what names the row", () => {
  expect(formatTable(ports, [row, { ...row, via: "tcp 1" }], 69)).toEqual([
    "board                     via                    kind  messages  last",
    "a-board-with-a-long-name  serial /de…y-id/usb-1  PICO         7  -",
    "a-board-with-a-long-name  tcp 1                  PICO         7  -",
  ]);
});

test("where that does not do each row is its name and its values, as many in a line as fit", () => {
  expect(formatTable(ports, [row, { ...row, board: "b", via: "-", last: "12:00:00" }], 40)).toEqual([
    "board: a-board-with-a-long-name",
    "  via: serial /dev/serial/by-id/usb-1",
    "  kind: PICO  messages: 7",
    "board: b",
    "  kind: PICO  messages: 7",
    "  last: 12:00:00",
  ]);
});

test.each([20, 40, 50, 56, 57, 60, 64, 70, 80, 200])(
  "at %i columns no line of numbers and short texts is wider",
  (width) => {
    const rows = [
      { ...row, board: "a", via: "serial /dev/1" },
      { ...row, board: "b", via: "-" },
    ];
    for (const line of formatTable(ports, rows, width)) expect(line.length).toBeLessThanOrEqual(width);
  },
);

const messages: Column<{ name: string; state: string; says: string }>[] = [
  { title: "component", value: ({ name }) => name },
  { title: "state", value: ({ state }) => state, tone: ({ state }) => (state === "dead" ? "bad" : "good") },
  { title: "message", value: ({ says }) => says, isText: true },
];
const says = "connecting to 127.0.0.1:12043: connect ECONNREFUSED 127.0.0.1:12043";

test("sentences go on in the next line, and nothing of them is left out", () => {
  expect(formatTable(messages, [{ name: "peer", state: "dead", says }], 50)).toEqual([
    "component  state  message",
    "peer       dead   connecting to 127.0.0.1:12043:",
    "                  connect ECONNREFUSED",
    "                  127.0.0.1:12043",
  ]);
  expect(formatTable(messages, [{ name: "peer", state: "dead", says }], 30)).toEqual([
    "component: peer",
    "  state: dead",
    "  message: connecting to",
    "    127.0.0.1:12043: connect",
    "    ECONNREFUSED",
    "    127.0.0.1:12043",
  ]);
});

test("names too long to stand beside the rest have a line of their own", () => {
  const rows = [
    { name: "a-name-of-a-component-that-is-rather-long", state: "alive", says: "7 messages" },
    { name: "short", state: "alive", says: "6 messages" },
  ];
  expect(formatTable(messages, rows, 50)).toEqual([
    "component                        state  message",
    "a-name-of-a-component-that-is-rather-long",
    "                                 alive  7 messages",
    "short                            alive  6 messages",
  ]);
});

test("colour is around what it is of, and moves nothing", () => {
  const rows = [
    { name: "a", state: "dead", says: "-" },
    { name: "b", state: "alive", says: "x" },
  ];
  expect(formatTable(messages, rows, 50, true)).toEqual([
    "\u001b[1mcomponent\u001b[0m  \u001b[1mstate\u001b[0m  \u001b[1mmessage\u001b[0m",
    "a          \u001b[31mdead\u001b[0m   -",
    "b          \u001b[32malive\u001b[0m  x",
  ]);
  const plain = (lines: string[]) => lines.map(stripVTControlCharacters);
  for (const width of [10, 25, 40])
    expect(plain(formatTable(messages, rows, width, true))).toEqual(formatTable(messages, rows, width));
});

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("whatever the rows hold: numbers and names are whole at any width, and sentences lose no letter", () => {
  const letters = ["a", "b", "-", " ", "\u6e29", "e\u0301", "\u{1f600}", "\u05d0"];
  for (let seed = 1; seed <= 50; seed++) {
    const random = randomOf(seed);
    const whole = (below: number) => Math.floor(random() * below);
    const text = (most: number) =>
      Array.from({ length: 1 + whole(most) }, () => letters[whole(letters.length)])
        .join("")
        .replace(/^[ -]+|[ -]+$|( ) +/g, "$1") || "x";
    const rows = Array.from({ length: 1 + whole(4) }, () => ({
      ...{ id: text(40), via: text(60), says: text(90) },
      got: whole(1e9) * 10 ** whole(7),
    }));
    const shown: Column<(typeof rows)[0]>[] = [
      { title: "board", value: ({ id }) => id },
      { title: "via", value: ({ via }) => via },
      { title: "messages", value: ({ got }) => got },
      { title: "says", value: ({ says }) => says, isText: true },
    ];
    const width = 20 + whole(140);
    const lines = formatTable(shown, rows, width);
    const isTable = lines[0].startsWith("board ");
    const printed = lines.join("\n");
    const letterCounts = (from: string) => [...from.replace(/[ \n]/g, "")].length;
    for (const { id, got } of rows) {
      expect(printed, `seed ${seed}`).toContain(id);
      expect(printed, `seed ${seed}`).toContain(String(got));
    }
    if (isTable)
      for (const line of lines.filter((one) => !rows.some(({ id }) => one === id)))
        expect(displayWidth(line), `seed ${seed}: ${line}`).toBeLessThanOrEqual(width);
    const alone = formatTable(shown.slice(3), rows, width);
    const said = rows.reduce((sum, row) => sum + letterCounts(row.says), 0);
    expect(letterCounts(alone.slice(1).join("\n")), `seed ${seed}`).toBe(said);
  }
});
