import { expect, test } from "vitest";
import {
  formatBytes,
  formatDuration,
  formatFields,
  formatNumber,
  formatTime,
  formatValue,
} from "./format.ts";

test.each([
  [0, "0"],
  [22.5, "22.5"],
  [22.123456, "22.123"],
  [-0.0014, "-0.001"],
  [0.0004213, "0.000421"],
  [-4e-9, "-4e-9"],
  [-0, "0"],
  [999, "999"],
  [1234567, "1\u202f234\u202f567"],
  [-1234.5, "-1\u202f234.5"],
  [1e20, "100000000000000000000"],
  [1e300, "1e+300"],
])("formatNumber(%d) is %j", (value, text) => expect(formatNumber(value)).toBe(text));

test.each([
  [true, "true"],
  [null, "null"],
  ["on", "on"],
  ["", "–"],
  [[1, 2], "[1,2]"],
  [{ a: 1 }, '{"a":1}'],
  ["x".repeat(61), `${"x".repeat(59)}…`],
])("formatValue(%j) is %j", (value, text) => expect(formatValue(value)).toBe(text));

test("formatFields() gives telemetry its units, and leaves out what says nothing", () => {
  const message = {
    ot: "l:telemetry",
    temp: 20.75,
    supply: null,
    free: 3200,
    uptime: 130,
    flags: [],
    lost: 0,
  };
  expect(formatFields(message)).toEqual([
    { name: "temp", text: "20.75 °C", value: 20.75 },
    { name: "free", text: "3\u202f200", value: 3200 },
    { name: "uptime", text: "2 min 10 s", value: 130 },
  ]);
  expect(formatFields({ ot: "l:telemetry", flags: ["FIFO_FULL"], lost: 2 })).toEqual([
    { name: "flags", text: '["FIFO_FULL"]', value: null },
    { name: "lost", text: "2", value: 2 },
  ]);
});

test("formatFields() leaves out what has its own place, and the rest of many", () => {
  expect(formatFields({ ot: "l:temp", t: 5, v: 22.5 })).toEqual([{ name: "v", text: "22.5", value: 22.5 }]);
  const many = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`f${i}`, i]));
  expect(formatFields(many)).toHaveLength(13);
  expect(formatFields(many)[12]).toEqual({ name: "…", text: "3 more", value: null });
});

test("formatFields() gives what is nested a name with points, three deep, and draws yes as 1", () => {
  const message = { ot: "b", bme: { temp: 20, air: { wet: true, deep: { x: 1 } } } };
  expect(formatFields(message)).toEqual([
    { name: "bme.temp", text: "20", value: 20 },
    { name: "bme.air.wet", text: "true", value: 1 },
    { name: "bme.air.deep", text: '{"x":1}', value: null },
  ]);
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [67_108_864, "64.0 MiB"],
  [2 ** 60, "1048576 TiB"],
])("formatBytes(%d) is %j", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [0, "0 s"],
  [59.9, "59 s"],
  [61, "1 min 1 s"],
  [3600, "1 h"],
  [100_000, "1 d 3 h"],
])("formatDuration(%d) is %j", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

test("formatTime() names the day unless it is today's", () => {
  const at = new Date(2026, 10, 2, 9, 3, 7).getTime();
  expect(formatTime(at, at + 3_600_000)).toBe("09:03:07");
  expect(formatTime(at, at + 86_400_000)).toBe("2026-11-02 09:03:07");
});
