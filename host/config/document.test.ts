import { describe, expect, it } from "vitest";
import { parseConfigText } from "./document.ts";

const syntax = (text: string) =>
  parseConfigText(text, "f").faults.map(({ place, text: said }) => `${place} ${said}`);

describe("parseConfigText()", () => {
  it("places every key and value, in flow and in block style", () => {
    const { places } = parseConfigText("tcp: { port: 1 }\nserial:\n  - path: a\n    baud: 5\n", "f");
    expect(Object.fromEntries(places)).toEqual({
      "": { kind: "file", key: "f:1:1", value: "f:1:1" },
      tcp: { kind: "file", key: "f:1:1", value: "f:1:6" },
      "tcp.port": { kind: "file", key: "f:1:8", value: "f:1:14" },
      serial: { kind: "file", key: "f:2:1", value: "f:3:3" },
      "serial.0": { kind: "file", key: "f:3:5", value: "f:3:5" },
      "serial.0.path": { kind: "file", key: "f:3:5", value: "f:3:11" },
      "serial.0.baud": { kind: "file", key: "f:4:5", value: "f:4:11" },
    });
  });

  it("reads JSON", () => {
    const { tree, places } = parseConfigText('{\n\t"http": {\n\t\t"port": 80\n\t}\n}', "f");
    expect(tree).toEqual({ http: { port: 80 } });
    expect(places.get("http.port")?.value).toBe("f:3:11");
  });

  it("counts a byte order mark as nothing", () => {
    expect(parseConfigText("\ufeffdata: x\n", "f").tree).toEqual({ data: "x" });
  });

  it.each(["", "# only a comment\n", "---\n"])("finds nothing in %j", (text) => {
    expect(parseConfigText(text, "f")).toMatchObject({ tree: null, faults: [] });
  });

  it("places an alias where it stands, what is in it at the anchor", () => {
    const { tree, places } = parseConfigText("tcp: &a\n  port: 1\nhttp: *a\n", "f");
    expect(tree).toEqual({ tcp: { port: 1 }, http: { port: 1 } });
    expect(places.get("http")?.value).toBe("f:3:7");
    expect(places.get("http.port")?.value).toBe("f:2:9");
  });

  it.each([
    ["a key given twice", "a: 1\nb: 2\na: 3\n", ["f:3:1 Map keys must be unique"]],
    ["a tab as indent", "a:\n\tb: 1\n", ["f:2:1 Tabs are not allowed as indentation"]],
    ["an unknown tag", "a: !secret x\n", ["f:1:4 Unresolved tag: !secret"]],
    ["a key that is a list", "? [a]\n: 1\n", ["f:1:3 With stringKeys, all keys must be strings"]],
    [
      "an alias without anchor",
      "a: *x\n",
      ["f Unresolved alias (the anchor must be set before the alias): x"],
    ],
    ["an alias of itself", "a: &x [*x]\n", ["f Alias of something that holds it"]],
  ])("refuses %s", (_, text, faults) => {
    expect(syntax(text)).toEqual(faults);
  });

  it("refuses aliases that multiply without end", () => {
    const level = (name: string, of: string) =>
      `${name}: &${name} [${Array(12).fill(`*${of}`).join(", ")}]\n`;
    expect(syntax(`a: &a x\n${level("b", "a")}${level("c", "b")}${level("d", "c")}`)).toEqual([
      "f Excessive alias count indicates a resource exhaustion attack",
    ]);
  });

  it.each([
    ["[".repeat(100_000), "f:1:34"],
    [`tcp:\n  host: ${"[".repeat(40)}x${"]".repeat(40)}`, "f:2:40"],
    [`{"a":`.repeat(3000), "f:1:162"],
    ["- ".repeat(100_000), "f:1:66"],
  ])("refuses nesting that would exhaust the stack: case %#", (text, place) => {
    expect(syntax(text)).toEqual([`${place} nested more than 32 deep; settings are 4 deep at most`]);
  });

  it("takes 30 levels, and brackets that do not nest", () => {
    expect(
      syntax(`a: ${"[".repeat(30)}${"]".repeat(30)}\nb: "${"[".repeat(99)}" # ${"[".repeat(99)}\n`),
    ).toEqual([]);
    expect(syntax(`a: [${"[], ".repeat(99)}]`)).toEqual([]);
  });

  it("tells all faults of a text, not just the first", () => {
    expect(syntax("a: 1\na: 2\nb: !x 1\n")).toHaveLength(2);
  });
});
