import { describe, expect, it } from "vitest";
import { ConfigError, type Fault, showValue, throwFaults } from "./faults.ts";

const fault = (place: string, code: Fault["code"] = "CONFIG_INVALID"): Fault => ({
  code,
  place,
  text: "wrong",
});

describe("ConfigError", () => {
  it("orders its faults by line, not by letter, and takes the code of the first", () => {
    const error = new ConfigError([fault("f:10:1"), fault("f:9:12"), fault("f:9:2", "CONFIG_UNKNOWN_KEY")]);
    expect(error.message).toBe("reading f:9:2: wrong\nreading f:9:12: wrong\nreading f:10:1: wrong");
    expect(error).toMatchObject({ code: "CONFIG_UNKNOWN_KEY", exitCode: 2 });
  });
  it("says the same thing once", () => {
    const error = new ConfigError([fault("f:1:1"), fault("f:1:1")]);
    expect(error.message).toBe("reading f:1:1: wrong");
    expect(error.faults).toHaveLength(1);
  });
});

describe("throwFaults()", () => {
  it("throws for one fault, not for none", () => {
    expect(() => throwFaults([])).not.toThrow();
    expect(() => throwFaults([fault("f")])).toThrow(ConfigError);
  });
});

describe("showValue()", () => {
  it.each([
    [null, "nothing"],
    [[], "a list"],
    [{}, "a section"],
    [5, "5"],
    ["a\nb", '"a\\nb"'],
    ["x".repeat(80), `"${"x".repeat(59)}…`],
    ["mqtt://bowline:p@ss/word@broker:1883", '"mqtt://…@broker:1883"'],
    [`mqtt://bowline:${"secret".repeat(20)}@broker`, '"mqtt://…@broker"'],
  ])("shows %j as %s", (value, shown) => {
    expect(showValue(value)).toBe(shown);
  });
});
