import { describe, expect, test } from "vitest";
import { riseOf, slopeOf } from "./flat.ts";

const samples = (value: (i: number) => number) =>
  Array.from({ length: 60 }, (_, i) => ({ at: i / 60, value: value(i) }));
/** Memory that is collected every 7 samples. */
const saw = (i: number) => 50 + (i % 7) * 4;

describe("a process that", () => {
  test("is collected now and then is flat", () => {
    expect(riseOf(samples(saw), "floor")).toBe(0);
    expect(
      riseOf(
        samples((i) => (i % 5 === 0 && i < 20 ? 27 : 31)),
        "middle",
      ),
    ).toBe(0);
    expect(Math.abs(slopeOf(samples(saw)))).toBeLessThan(3);
  });

  test("leaks is not", () => {
    const leaking = samples((i) => saw(i) + i / 2);
    expect(riseOf(leaking, "floor")).toBeGreaterThan(15);
    expect(riseOf(leaking, "middle")).toBeGreaterThan(15);
    expect(slopeOf(leaking)).toBeGreaterThan(27);
  });

  test("has one sample is flat", () => {
    expect([riseOf([{ at: 0, value: 5 }], "floor"), slopeOf([{ at: 0, value: 5 }])]).toEqual([0, 0]);
  });
});
