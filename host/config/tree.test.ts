import { describe, expect, it } from "vitest";
import type { Override } from "./overrides.ts";
import type { Places } from "./places.ts";
import { applyOverrides, valueAt, withoutEmptySections } from "./tree.ts";

function override(path: string, value: unknown): Override {
  return { path: path.split("."), value, place: { kind: "set", key: path, value: path } };
}
const apply = (tree: unknown, ...pairs: [string, unknown][]) =>
  applyOverrides(
    tree,
    new Map(),
    pairs.map(([path, value]) => override(path, value)),
  );

describe("applyOverrides()", () => {
  it("writes into what is there, and makes what is not", () => {
    const { tree } = apply(
      { http: { host: "h", port: 1 } },
      ["http.port", 2],
      ["tcp.port", 3],
      ["serial.0.path", "p"],
    );
    expect(tree).toEqual({ http: { host: "h", port: 2 }, tcp: { port: 3 }, serial: [{ path: "p" }] });
  });

  it("leaves what two sections share to the other one", () => {
    const shared = { port: 1 };
    const { tree } = apply({ tcp: shared, http: shared }, ["http.port", 2]);
    expect(tree).toEqual({ tcp: { port: 1 }, http: { port: 2 } });
  });

  it("lets a list grow one entry at a time", () => {
    const { tree, faults } = apply(
      { serial: [{ path: "a" }] },
      ["serial.1.path", "b"],
      ["serial.3.path", "d"],
    );
    expect(tree).toEqual({ serial: [{ path: "a" }, { path: "b" }] });
    expect(faults.map(({ text }) => text)).toEqual([
      "serial.3: serial has 2 entries; the next one is serial.2",
    ]);
  });

  it("keeps a plain value that stands where a section belongs", () => {
    expect(apply({ http: 5 }, ["http.port", 2]).tree).toEqual({ http: 5 });
  });

  it("remembers what was written last at the end of the places", () => {
    const places: Places = new Map([
      ["a", { kind: "file", key: "f:1:1", value: "f:1:4" }],
      ["b", { kind: "file", key: "f:2:1", value: "f:2:4" }],
    ]);
    applyOverrides({ a: 1, b: 2 }, places, [override("a", 3)]);
    expect([...places.keys()]).toEqual(["b", "a"]);
    expect(places.get("a")?.kind).toBe("set");
  });
});

describe("withoutEmptySections()", () => {
  it("drops sections and lists with nothing in them, and nothing else", () => {
    const tree = { http: null, serial: null, irc: null, data: null, htpp: null, tcp: {} };
    expect(withoutEmptySections(tree)).toEqual({ data: null, htpp: null, tcp: {} });
  });
  it("takes an empty file for an empty section", () => {
    expect(withoutEmptySections(null)).toEqual({});
  });
  it.each([[[1]], "text", 5])("passes on %j, which is no section", (tree) => {
    expect(withoutEmptySections(tree)).toEqual(tree);
  });
});

describe("valueAt()", () => {
  it("knows only own properties", () => {
    expect(valueAt({ a: [{ b: 1 }] }, ["a", 0, "b"])).toBe(1);
    expect(valueAt({}, ["constructor"])).toBeUndefined();
  });
});
