import { expect, test } from "vitest";
import { LineQuota } from "./line-quota.ts";

test("so many lines a window, and the next one tells how many were not written", () => {
  const quota = new LineQuota(2, 1000);
  expect([0, 1, 2, 3, 999].map((now) => quota.take(now)?.suppressed)).toEqual([
    0,
    0,
    undefined,
    undefined,
    undefined,
  ]);
  expect(quota.take(1000)).toEqual({ suppressed: 3 });
  expect(quota.take(1001)).toEqual({ suppressed: 0 });
  expect(quota.take(1002)).toBeNull();
});
