import { expect, test } from "vitest";
import { createRealm } from "./sandbox.ts";

/** Runs a program in a fresh realm; what it hands to `out`. */
function outOf(source: string, hooks = {}): unknown {
  const realm = createRealm({ getTime: () => 1.5, onRejection() {}, ...hooks });
  let result: unknown;
  realm.global.out = (value: unknown) => {
    result = value;
  };
  realm.run(source, "test.js");
  return result;
}

test.each(
  `Map Set WeakMap Symbol Proxy Reflect BigInt Intl RangeError queueMicrotask setImmediate setTimeout process require
  TextEncoder Buffer structuredClone WebAssembly escape`.split(/\s+/),
)("there is no %s", (name) => {
  expect(outOf(`out(typeof ${name})`)).toBe("undefined");
});

test.each([
  "Array.from",
  "Array.of",
  "[].flat",
  "[].at",
  "[].entries",
  "new Uint8Array(1).copyWithin",
  "Uint8Array.from",
  "''.codePointAt",
  "''.trimStart",
  "Number.isInteger",
  "Math.imul",
  "Math.trunc",
  "Object.freeze",
  "Promise.race",
  "Promise.resolve(1).finally",
  "ArrayBuffer.isView",
  "new ArrayBuffer(1).slice",
])("%s is missing", (expression) => {
  expect(outOf(`out(typeof ${expression})`)).toBe("undefined");
});

test("what the board has works as in Node", () => {
  expect(
    outOf(`let s = 0; for (const x of [1, 2, 3]) s += x;
      for (const x of new Uint8Array([4, 5])) s += x;
      out([s, "a-b".replace(/-/g, "+"), [3, 1].sort().join(), Object.keys({ a: 1 }).length, Math.max(1, 2)].join(" "))`),
  ).toBe("15 a+b 1,3 1 2");
});

test("set() takes a byte string", () => {
  expect(outOf(`const u = new Uint8Array(4); u.set("\\x01\\xff", 1); out(u.join())`)).toBe("0,1,255,0");
});

test("set() past the end is an error: the board would drop the rest in silence", () => {
  expect(() => outOf(`new Uint8Array(2).set("abc")`)).toThrow(/bounds/);
});

test("slice() of a typed array is a plain array", () => {
  expect(outOf("const a = new Uint8Array([1, 2, 3]).slice(1); out(Array.isArray(a) + a.join())")).toBe(
    "true2,3",
  );
});

test("subarray() shares memory, counts from the end, and refuses to leave the buffer", () => {
  expect(outOf("const u = new Uint8Array(4); u.subarray(-2)[0] = 7; out(u.join())")).toBe("0,0,7,0");
  expect(() => outOf("new Uint8Array(100).subarray(0, 160)")).toThrow(
    "subarray(0, 160) of 100: the board does not clamp a view",
  );
});

test("characters are bytes, and JSON leaves in 7 bits", () => {
  expect(outOf("out(String.fromCharCode(0x20ac).charCodeAt(0))")).toBe(172);
  expect(outOf(`out(JSON.stringify({ a: "\\x7f\\xff" }))`)).toBe('{"a":"\\u007F\\u00FF"}');
});

test("atob() takes unpadded text and gives bytes", () => {
  expect(outOf(`out(btoa(atob("_w".replace("_", "/"))))`)).toBe("/w==");
});

test("Date.now() is the board's clock in ms", () => {
  expect(outOf("out(Date.now())")).toBe(1500);
});

test("a rejection nobody hears is told, one that is heard is not", async () => {
  const reasons: unknown[] = [];
  const onRejection = (reason: unknown) => reasons.push(reason);
  outOf(
    `Promise.reject("lost");
     Promise.reject("heard").catch(function () {});
     Promise.resolve(1).then(function () { throw "late" });
     Promise.all([new Promise(function (resolve, reject) { reject("inner") })]).then(function () {}, function () {});`,
    { onRejection },
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(reasons).toEqual(["lost", "late"]);
});
