import { expect, test } from "vitest";
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
    "a-board-with-a-long-name",
    "  via: serial /dev/serial/by-id/usb-1",
    "  kind: PICO  messages: 7",
    "b",
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
