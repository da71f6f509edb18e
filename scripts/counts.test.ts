import { expect, test } from "vitest";
import { formatCounts } from "./counts.mjs";

test("formatCounts() leaves out skipped tests when there are none", () => {
  expect(formatCounts({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
});

test("formatCounts() names skipped tests, so that they are not taken for passed ones", () => {
  expect(formatCounts({ passed: 3, failed: 1, skipped: 2 })).toBe("3 passed, 1 failed, 2 skipped");
});
