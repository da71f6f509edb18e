import { describe, expect, it } from "vitest";
import { lastWritten, nearestPlace, type Place, type Places } from "./places.ts";

const at = (value: string): Place => ({ kind: "file", key: `key of ${value}`, value });
const places: Places = new Map([
  ["", at("root")],
  ["tcp", at("tcp")],
  ["tcp.port", at("port")],
  ["serial.0.baud", at("baud")],
]);

describe("nearestPlace()", () => {
  it.each([
    ["the value itself", ["tcp", "port"], "port"],
    ["what holds it", ["tcp", "host"], "tcp"],
    ["what was written beside it", ["serial", 0, "path"], "baud"],
    ["the root in the end", ["http", "port"], "root"],
  ])("finds %s", (_, path, value) => {
    expect(nearestPlace(places, path)?.value).toBe(value);
  });
  it("finds nothing where nothing was written", () => {
    expect(nearestPlace(new Map(), ["http"])).toBeUndefined();
  });
  it("does not take a name that merely begins alike", () => {
    expect(nearestPlace(new Map([["tcpx", at("x")]]), ["tcp"])?.value).toBe("x");
    expect(
      nearestPlace(
        new Map([
          ["tcpx.y", at("x")],
          ["tcp.z", at("z")],
        ]),
        ["tcp"],
      )?.value,
    ).toBe("z");
  });
});

describe("lastWritten()", () => {
  it("is the later one, whatever the order of asking", () => {
    expect(lastWritten(places, ["tcp.port", "tcp"])).toBe("tcp.port");
    expect(lastWritten(places, ["http"])).toBeUndefined();
  });
});
