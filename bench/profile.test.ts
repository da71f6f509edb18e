/** Profiles: whose time it was. */
import { expect, test } from "vitest";
import { formatProfile } from "./profile.ts";

const node = (id: number, functionName: string, url = "file:///bench.mjs") => ({
  id,
  callFrame: { functionName, url },
});

test("formatProfile() adds up a function over all its callers, the most first, and leaves what was idle or the profiler's apart", () => {
  const nodes = [
    node(1, "(idle)", ""),
    node(2, "copy"),
    node(3, "write", "node:net"),
    node(4, "copy"),
    node(5, ""),
    node(6, "dispatch", ""),
  ];
  const samples = [1, 2, 3, 4, 5, 6];
  const timeDeltas = [5000, 1000, 3000, 5000, 1000, 2000];
  expect(formatProfile({ nodes, samples, timeDeltas })).toEqual([
    "  busy 10 ms, idle 7 ms",
    "   60.0 %  copy",
    "   30.0 %  write node:net",
    "   10.0 %  (anonymous)",
  ]);
});
