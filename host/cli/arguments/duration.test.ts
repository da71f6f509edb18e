import { expect, test } from "vitest";
import { formatUptime, parseDuration } from "./duration.ts";

test.each([
  ["5", 5000],
  ["5s", 5000],
  ["1.5m", 90_000],
  ["2h", 7_200_000],
  ["500ms", 500],
  ["596h", 2_145_600_000],
])("parseDuration(%s) is %i ms", (text, ms) => {
  expect(parseDuration("--timeout", text)).toBe(ms);
});

test.each(["", "s", "-1", "0", "5d", "1e3", "5 s", "597h", "NaN", "0.4ms"])(
  "parseDuration(%j) is a usage error that names the option",
  (text) => {
    expect(() => parseDuration("--timeout", text)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining("--timeout") }),
    );
  },
);

test.each([
  [0, "00:00:00"],
  [10.9, "00:00:10"],
  [3661, "01:01:01"],
  [360_000, "100:00:00"],
])("formatUptime(%d) is %s", (seconds, text) => {
  expect(formatUptime(seconds)).toBe(text);
});
