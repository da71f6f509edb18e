import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { printed, shown } from "./print-value.ts";

// As Espruino 2v29 printed each, with \n for \r\n.
test.each([
  ["2", "2"],
  ["0.1+0.2", "0.3"],
  ["1/3", "0.33333333333"],
  ["1e-7", "1e-7"],
  ["123456789012", "123456789012"],
  ["-0", "0"],
  ["undefined", "undefined"],
  ["NaN", "NaN"],
  ["'it\\'s \"q\"'", '"it\'s \\"q\\""'],
  ["'str\\x00\\xff\\n'", '"str\\0\\xFF\\n"'],
  ["'\\r\\t\\x1b\\u0041'", '"\\r\\t\\x1BA"'],
  ["'x'.repeat(300)", '"xxxxxxxxxxxxxxxxxxxxxxxxxxx" ... "xxxxxxxxxxxxxxxxxxxxxxxxxxx"'],
  ["[]", "[  ]"],
  ["({})", "{  }"],
  ["[undefined,null,,3]", "[ undefined, null, undefined, 3 ]"],
  ["[[1,2],[3]]", "[ \n  [ 1, 2 ], \n  [ 3 ]\n ]"],
  ["new Array(200).fill(1)", "[ 1, 1, 1, 1, 1,  ... 1, 1, 1, 1, 1 ]"],
  ["new Uint8Array(3)", "new Uint8Array(3)"],
  ["new Uint8Array([1,2,3])", "new Uint8Array([1, 2, 3])"],
  ["new ArrayBuffer(4)", "new ArrayBuffer(4)"],
  ["({a:{b:{c:1}}})", "{ \n  a: { \n    b: { c: 1 }\n   }\n }"],
  ["({'b-c':1,5:2})", '{ 5: 2, "b-c": 1 }'], // the board keeps their order; V8 puts numbers first
  ["({a:1,b:[1,2,'x'],c:function(){}})", '{ a: 1, \n  b: [ 1, 2, \n    "x"\n   ], \n  c: function () {}\n }'],
  ["({a:1,b:2,c:3,d:4,e:5,f:6})", "{ a: 1, b: 2, c: 3, d: 4, \n  e: 5, f: 6 }"],
  ["(function f(){return 7})", "function () { ... }"],
  ["(x=>x)", "function (x) { ... }"],
  ["(x=>{})", "function (x) {}"],
  ["(class A{constructor(){this.q=1}})", "function () { ... }"],
  ["class A{constructor(){this.q=1}};new A()", "A: { q: 1 }"],
  ["new Error('q')", "Error: Error: q"],
])("the result %s is shown as on the board", (source, text) => {
  expect(shown(runInNewContext(source), { isResult: true })).toBe(text);
});

test.each([
  ["'a\\nb'", "a\nb"],
  ["({a:1,b:'x',c:[1,2,{d:1}]})", '{ "a": 1, \n  "b": "x", \n  "c": [ 1, 2, \n    { "d": 1 }\n   ]\n }'],
  ["(function(a){return a})", "function (a) {return a}"],
])("print() shows %s as on the board", (source, text) => {
  expect(printed(runInNewContext(source))).toBe(text);
});

test("what contains itself ends, and the board's own functions have no code", () => {
  const loop: unknown[] = [];
  loop.push(loop);
  expect(shown(loop, { isResult: true })).toBe("[ \n   ... \n ]");
  expect(printed(() => "secret")).toBe("function () { [native code] }");
});
