import { expect, test } from "vitest";
import { collect, parseCount, parseHostPort } from "./options.ts";

test("collect() keeps all values in their order", () => {
  expect(collect("b", collect("a"))).toEqual(["a", "b"]);
});

test("parseCount() takes whole numbers from 0", () => {
  expect(["0", "17", "9007199254740991"].map((text) => parseCount("--from", text))).toEqual([
    0, 17, 9007199254740991,
  ]);
});

test.each(["", "-1", "1.5", "1e3", "x", "9007199254740992"])("parseCount(%j) is a usage error", (text) => {
  expect(() => parseCount("--from", text)).toThrow(expect.objectContaining({ code: "USAGE", exitCode: 2 }));
});

test.each([
  ["localhost:7700", { host: "localhost", port: 7700 }],
  ["[::1]:7700", { host: "::1", port: 7700 }],
  ["7700", { host: "127.0.0.1", port: 7700 }],
])("parseHostPort(%s)", (text, place) => {
  expect(parseHostPort("--tcp", text)).toEqual(place);
});

test.each(["", "host", "host:", ":7700", "host:0", "host:65536", "::1:7700", "a b:1x"])(
  "parseHostPort(%j) is a usage error",
  (text) => {
    expect(() => parseHostPort("--tcp", text)).toThrow(
      expect.objectContaining({ code: "USAGE", exitCode: 2 }),
    );
  },
);
