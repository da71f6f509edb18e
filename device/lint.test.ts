import { expect, test } from "vitest";
import { lintBundle } from "./lint.mjs";

/** Rule, a snippet that breaks it alone, a neighbour that breaks none. */
const vectors: [rule: string, bad: string, good: string][] = [
  ["labels", "a: for (;;) break a", "for (;;) break"],
  ["computed-key", "print({ ['a']: 1 })", "print({ a: 1, 'b': 2 })"],
  ["computed-key", "class A { ['m']() {} } print(A)", "class A { m() {} } print(A)"],
  ["default-last", "switch (E) { default: break; case 1: }", "switch (E) { case 1: default: break; }"],
  [
    "super-arguments",
    "class A {} class B extends A { constructor() { super(...arguments) } } print(B)",
    "class A {} class B extends A { constructor(a) { super(a) } } print(B)",
  ],
  [
    "super-in-arrow",
    "class A {} class B extends A { m() { return [1].map(() => super.m()) } } print(B)",
    "class A {} class B extends A { m() { return super.m() } } print(B)",
  ],
  ["destructuring", "const { a } = global; print(1)", "const a = global.a; print(a)"],
  ["destructuring", "for (const [a] of [[1]]) print(1)", "for (const a of [[1]]) print(a)"],
  ["default-argument", "print(function (a = 1) {})", "print(function (a) {})"],
  ["rest-argument", "print(function (...a) {})", "print(function () { return arguments })"],
  ["spread", "print(...[1])", "print.apply(null, [1])"],
  ["generator", "print(function* () {})", "print(function () {})"],
  ["async", "print(async () => 1)", "print(() => 1)"],
  ["new-syntax", "print(E?.on)", "print(E ?? 1)"],
  ["new-syntax", "let a = 1; a ??= 2", "let a = 1; a += 2"],
  ["new-syntax", "print(2 ** 3)", "print(2 * 3)"],
  ["bigint", "print(1n)", "print(1)"],
  ["new-syntax", "print('\\u{1F600}')", "print('\\ud83d\\ude00')"],
  ["new-syntax", "print(function () { return new.target })", "print(function () { return this })"],
  ["class-self-name", "var B = class _B {}; print(B)", "var B = class {}; print(B)"],
  ["class-arrow", "print(() => class {})", "print(() => { return class {} })"],
  ["field-arrow", "class A { f = () => this } print(A)", "class A { f = () => 1 } print(A)"],
  [
    "reserved-method",
    "class A { static of() {} } print(A)",
    "class A { get() {} } print(A, { of() {}, in: 1 })",
  ],
  ["extends-builtin", "class A extends Error {} print(A)", "class A {} class B extends A {} print(B)"],
  ["private-name", "class A { #a = 1 } print(A)", "class A { a = 1 } print(A)"],
  ["tagged-template", "print`a`", "print(`a`)"],
  ["regex", "print(/a(?=b)/)", "print(/a(b)/)"],
  ["regex", "print(/a(?:b)/)", "print(/[(?:]/)"],
  ["regex", "print(/a+?/)", "print(/a+\\?/)"],
  ["regex", "print(/a{2}/)", "print(/aa/)"],
  ["regex", "print(/(a|b)+/)", "print(/(a|b)c+/)"],
  ["regex", "print(/a/s)", "print(/a/gi)"],
  ["set-length", "const a = [1]; a.length = 0", "const a = [1]; a.splice(0, a.length)"],
  ["prototype-method", "print(Array.prototype.slice.call('a'))", "print([].slice.call('a'))"],
  ["static-member", "print(Math.imul(1, 2))", "print(Math.floor(1))"],
  ["static-member", "print(Number.isInteger(1))", "print(Number.MAX_VALUE)"],
  ["static-member", "print(Array.from('a'))", "print(Array.isArray(1))"],
  ["missing-method", "print([1].flat())", "print({ flat: function () {} }.flat())"],
  ["missing-method", "print('a'.at(0))", "print('a'.charAt(0))"],
  ["json-reviver", "print(JSON.parse('1', print))", "print(JSON.parse('1'))"],
  ["crc32-array", "print(E.CRC32([1, 2]))", "print(E.CRC32('ab'))"],
  ["unknown-name", "print(new Map())", "print(new Uint8Array(1))"],
  ["unknown-name", "print(Symbol)", "print(typeof Symbol)"],
  ["unknown-name", "print(setImmediate)", "print(B3, D13, LED1, USB)"],
  [
    "inner-function",
    "print(function () { function a() {} a() })",
    "print(function () { [1].map(function () {}) })",
  ],
  [
    "inner-function",
    "print(function () { const a = () => 1; a() })",
    "const a = () => 1; print(function () { a() })",
  ],
  [
    "inner-function",
    "(() => { print(() => { function a() {} a() }) })()",
    "(() => { function a() {} a() })()",
  ],
  [
    "loop-closure",
    "for (let i = 0; i < 2; i++) print(() => i)",
    "for (let i = 0; i < 2; i++) { let j = i; print(() => j) }",
  ],
  [
    "loop-closure",
    "for (const a of [1]) print(() => a)",
    "for (const a of [1]) { const b = a; print(() => b) }",
  ],
  ["var-in-block", "if (E) { var a = 1 } print(a)", "var a; if (E) { a = 1 } print(a)"],
  ["use-before-definition", "f(); function f() {}", "function f() {} f()"],
  ["use-before-definition", "x = 5; var x", "var x; x = 5"],
  ["use-before-definition", "(() => { f(); function f() {} })()", "(() => { function f() {} f() })()"],
  ["use-before-definition", "print(() => { print(a); let a = 1 })", "print(() => { let a = 1; print(a) })"],
  [
    "use-before-definition",
    "function f() { return a } f(); var a = 1",
    "function f() { return a } var a = 1; f()",
  ],
  [
    "use-before-definition",
    "function f() { return g() } function g() { return a } f(); var a = 1",
    "function f() { return g() } function g() { return a } E.on('init', f); var a = 1",
  ],
  [
    "use-before-definition",
    "class A { constructor() { this.b = b } } print(new A()); var b = 1",
    "class A { constructor() { this.b = b } } var b = 1; print(new A())",
  ],
  ["use-before-definition", "(() => { print(a) })(); var a = 1", "var a = 1; (() => { print(a) })()"],
  ["ascii", "print('\u20ac')", "print('\\u20ac')"],
];

test.each(vectors)("%s: %s is found, %s passes", (rule, bad, good) => {
  expect([...new Set(lintBundle(bad).map((finding) => finding.rule))]).toEqual([rule]);
  expect(lintBundle(good)).toEqual([]);
});

test("a function may call one defined further down, if it runs later", () => {
  const code = "function a(n) { return n > 0 ? b(n - 1) : 0 } function b(n) { return a(n) } a(3);";
  expect(lintBundle(code)).toEqual([]);
});

test("an enum as esbuild writes it passes", () => {
  expect(
    lintBundle("(() => { var A = (t => { t[t.B = 1] = 'B'; return t })(A || {}); print(A) })();"),
  ).toEqual([]);
});

test("a finding says where it is and shows what stands there", () => {
  expect(lintBundle("print(1);\nprint(new Set([1, 2]))")).toEqual([
    {
      rule: "unknown-name",
      text: "Set is neither defined nor part of the board",
      name: "Set",
      offset: 20,
      excerpt: "(1); print(new Set([1, 2]))",
    },
  ]);
});
