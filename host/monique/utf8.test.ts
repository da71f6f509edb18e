import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { readMonitoring } from "./monitoring.ts";
import { readError } from "./task-error.ts";
import { beginningOf } from "./utf8.ts";

test("of a text at most so much is left, and no half of a letter", () => {
  expect(beginningOf("short", 5)).toBe("short");
  expect(beginningOf("longer", 5)).toBe("longe");
  expect(beginningOf("a😀", 2)).toBe("a\uFFFD");
});

test("what is kept of long errors and status texts does not hold the rest in memory", () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const used = () => {
    gc();
    return process.memoryUsage().heapUsed;
  };
  const message = "x".repeat(2_000_000);
  const error = Buffer.from(JSON.stringify({ code: 500, message }));
  const beat = Buffer.from(JSON.stringify({ sync_time: 1, name: "a_b", is_alive: true, message }));
  const before = used();
  const kept = Array.from({ length: 40 }, () => [
    readError({ data: error, encoding: "JSON" }),
    readMonitoring(beat),
  ]);
  // All of them would be 160 MB.
  expect(used() - before).toBeLessThan(20_000_000);
  expect(kept).toHaveLength(40);
});
