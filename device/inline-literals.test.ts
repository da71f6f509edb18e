import { expect, test } from "vitest";
import { inlineLiterals } from "./inline-literals.mjs";

test.each([
  ["var a=500;print(a+a)", "print(500+500)"],
  ["const a=-1;print(2-a)", "print(2-(-1))"],
  ["const a=5;print(a.toFixed(1))", "print((5).toFixed(1))"],
  ["const a=1.5;function f(a){return a}print(f(2),a)", "function f(a){return a}print(f(2),(1.5))"],
  ["const a=5;print({a})", "print({a:5})"],
  ["const a=5;print({b:a},[a])", "print({b:5},[5])"],
  ['const a="x";print(a+a.length)', 'print("x"+("x").length)'],
  ["const a=f();for(const b of a)print(b)", "let a=f();for(let b of a)print(b)"],
])("inlineLiterals() makes of %j, where names stand for what can be said: %j", (code, expected) => {
  expect(inlineLiterals(code)).toBe(expected);
});

test.each([
  "let a=0;function f(){a=1}",
  "let a=0;function f(){a++}",
  "let a=0;function f(){for(a of [1])print(a)}",
  "let a=0,b=1;print(a,b)",
  "var a=0;var a=1;print(a)",
  "var a=0;if(f())var a=1;print(a)",
  "var a=0;for(var a of [1])print(a)",
  'let a="5";print(a,a,a,a)',
  "function f(){let a=5;return a}",
])("inlineLiterals() leaves %j as it is", (code) => {
  expect(inlineLiterals(code)).toBe(code);
});
