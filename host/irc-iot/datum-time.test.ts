import { expect, test } from "vitest";
import { formatDatumTime, parseDatumTime } from "./datum-time.ts";

const ms = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

test.each([
  ["2026-01-02 03:04:05.006", ms],
  ["2026-01-02 03:04:05.006999", ms],
  ["2026-01-02T03:04:05Z", ms - 6],
  ["2026-01-02T04:04:05.006+01:00", ms],
  ["2026-01-02 02:04:05.0-0100", ms - 6],
  [ms, ms],
  [String(ms), ms],
  [1162, undefined],
  ["1162", undefined],
  [Number.POSITIVE_INFINITY, undefined],
  ["2026-13-02 03:04:05", undefined],
  ["soon", undefined],
  ["", undefined],
  [null, undefined],
])("%j", (t, expected) => {
  expect(parseDatumTime(t)).toBe(expected);
});

test("what is written is read back, to the millisecond", () => {
  expect(formatDatumTime(ms)).toBe("2026-01-02 03:04:05.006");
  expect(parseDatumTime(formatDatumTime(ms))).toBe(ms);
});
