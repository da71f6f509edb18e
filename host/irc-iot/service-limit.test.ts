import { expect, test } from "vitest";
import { pongLimit, ServiceLimit, versionLimit } from "./service-limit.ts";

/** What somebody hears who asks at each of these times, in seconds. */
function verdicts(limit: ServiceLimit, who: string, ...seconds: number[]): string {
  return seconds.map((s) => limit.ask(who, s * 1000)[0]).join("");
}

test("three version answers in a minute, then 300 s of silence from the fourth question on (S-11)", () => {
  const limit = new ServiceLimit(versionLimit);
  expect(verdicts(limit, "a", 0, 1, 2, 3, 4, 100, 302, 303, 304, 305, 306)).toBe("aaalsssaaal");
});

test("three in any minute: who asks slowly is answered for ever", () => {
  const limit = new ServiceLimit(versionLimit);
  const seconds = Array.from({ length: 100 }, (_, i) => i * 30);
  expect(verdicts(limit, "a", ...seconds)).toBe("a".repeat(100));
});

test("a pong says that silence begins, once, and it ends with the minute (S-13)", () => {
  const limit = new ServiceLimit(pongLimit);
  expect(verdicts(limit, "a", 0, 10, 20, 30, 40, 59, 60, 61, 62, 63, 64)).toBe("aaalssaaals");
});

test("each has a turn of his own, until all together have had too much", () => {
  const limit = new ServiceLimit(pongLimit);
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  expect(names.map((name) => verdicts(limit, name, 0, 1, 2))).toEqual([
    ...["aaa", "aaa", "aaa", "aaa", "aaa"],
    // Each of them is told once, and silent for five minutes.
    ...["lss", "lss"],
  ]);
  expect(verdicts(limit, "f", 61, 200, 299, 301)).toBe("sssa");
});

test("however many nicks a stranger has, few of them are told that silence begins; the others are when there is room", () => {
  const limit = new ServiceLimit(pongLimit);
  const asked = (from: number, s: number) =>
    Array.from({ length: 1000 }, (_, i) => verdicts(limit, `eve${from + i}`, s)).join("");
  expect(asked(0, 0)).toBe(`${"a".repeat(15)}${"l".repeat(5)}${"s".repeat(980)}`);
  expect(asked(5000, 59)).toBe("s".repeat(1000));
  // The five that were told are silent; of the rest it is as before.
  expect(asked(0, 60)).toBe(`${"a".repeat(15)}${"s".repeat(5)}${"l".repeat(5)}${"s".repeat(975)}`);
});

test("what it remembers of strangers is bounded", () => {
  const limit = new ServiceLimit(versionLimit);
  for (let i = 0; i < 10_000; i++) limit.ask(`eve${i}`, i);
  expect(limit.size).toBe(4096);
});
