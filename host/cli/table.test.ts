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
