import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Registry } from "./registry.ts";
import { cut, formatSpan, sayMessage } from "./say.ts";

const SEED = Number(process.env.SEED ?? 6);
const registry = new Registry({ boards: ["*@kitchen"], types: [] });
const say = (message: Record<string, unknown>, maxBytes = 400, now?: number) =>
  sayMessage(message, { registry, sender: "sim-1@kitchen", now, maxBytes });

const telemetry = {
  ...{ ot: "l:telemetry", src: "sim-1@kitchen", dst: "", temp: 20.75, supply: 3.3, free: 3200, total: 5000 },
  ...{ uptime: 200, flags: [], lost: 0, n: 17 },
};

describe("a message in words", () => {
  test.each([
    [telemetry, "temp 20.75 °C, supply 3.3 V, free 3200, total 5000, up 3 min 20 s"],
    [
      { ...telemetry, temp: null, flags: ["FIFO_FULL", "MEMORY"], lost: 2, extra: { a: true } },
      'supply 3.3 V, free 3200, total 5000, up 3 min 20 s, flags FIFO_FULL MEMORY, lost 2, extra {"a":true}',
    ],
    [{ ot: "l:led", re: 7, on: true }, "on"],
    [{ ot: "l:read", re: 7, pin: "A0", v: 0.25 }, "A0, 0.25"],
    [{ ot: "l:pin", pin: "B3", v: 1 }, "B3, high"],
    [{ ot: "l:interval", re: 7, s: 90 }, "every 1 min 30 s"],
    [{ ot: "l:led", re: 7, err: "no LED1" }, "error: no LED1"],
    [{ ot: "l:led", dst: "sim-1@kitchen", src: "me@phone", on: false, rq: 3 }, "off"],
    [{ ot: "l:temp", v: 22.5, open: true, x: "y", empty: null }, "v 22.5, open yes, x y"],
    [{ ot: "mainfo", d: 1162, dt: "co2" }, "d 1162, dt co2"],
    [{ v: 1 }, "v 1"],
    [{}, ""],
  ])("%j", (message, words) => {
    const src = (message as { src?: string }).src ?? "sim-1@kitchen";
    expect(sayMessage(message, { registry, sender: src, maxBytes: 400 })).toBe(words);
  });

  test("a robot that is none of our boards has types of its own: nothing is read into them", () => {
    expect(sayMessage({ ot: "l:telemetry", temp: 68 }, { registry, sender: "x@attic", maxBytes: 99 })).toBe(
      "temp 68",
    );
  });

  test("its age stands behind it, where it is known", () => {
    const t = Date.UTC(2026, 0, 2, 3, 4, 5);
    expect(say({ ot: "x", v: 1, t }, 99, t + 180_000)).toBe("v 1 (3 min ago)");
    expect(say({ ot: "x", v: 1, t: "2026-01-02 03:04:05.000006" }, 99, t + 40_000)).toBe("v 1 (40 s ago)");
    expect(say({ ot: "x", v: 1, t: "2026-01-02T04:04:05+01:00" }, 99, t + 1000)).toBe("v 1 (1 s ago)");
    expect(say({ ot: "x", v: 1, t }, 99, t - 1000)).toBe("v 1 (0 s ago)");
    expect(say({ ot: "x", v: 1, t }, 99, t - 200_000)).toBe("v 1");
    expect(say({ ot: "x", v: 1, t: "soon" }, 99, t)).toBe("v 1");
  });

  test("colours, bells, line ends, joiners and halves of letters are not said on", () => {
    expect(say({ ot: "x", err: "\u000304red\u0007\r\nQUIT\u200d\ud800" })).toBe("error: 04redQUIT");
  });

  test("where there is not room for all of it the last facts are left out, and one that is alone is cut", () => {
    expect(say(telemetry, 40)).toBe("temp 20.75 °C, supply 3.3 V …");
    expect(say(telemetry, 12)).toBe("temp 20. …");
    expect(say({ ot: "x", v: "ж".repeat(50) }, 11)).toBe("v жж …");
    expect(cut("abc", 3)).toBe("abc");
    expect(cut("abcd", 3)).toBe("");
  });

  test("whatever it is: one line, within its bytes, nothing thrown", () => {
    const fields = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue(), { maxKeys: 8 });
    fc.assert(
      fc.property(
        fields,
        fc.constantFrom("l:telemetry", "l:led", "x"),
        fc.integer({ min: -20, max: 120 }),
        (message, ot, maxBytes) => {
          const line = say({ ...message, ot }, maxBytes, 1e12);
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(Math.max(0, maxBytes));
          expect(line).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
        },
      ),
      { numRuns: 300, seed: SEED },
    );
  });
});

test.each([
  [0, "0 s"],
  [0.5, "0.5 s"],
  [59, "59 s"],
  [60, "1 min"],
  [3599, "59 min 59 s"],
  [3600, "1 h"],
  [18_720, "5 h 12 min"],
  [86_400, "1 d"],
  [90_061, "1 d 1 h"],
])("%d s are %s", (seconds, words) => {
  expect(formatSpan(seconds)).toBe(words);
});
