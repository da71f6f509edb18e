import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { moveCold } from "./cold.mjs";

/** Runs a program as a board does, with what it lies in as its Storage -> what it printed, and its text. */
function run(source: string) {
  const program = moveCold(source);
  const printed: unknown[] = [];
  const read = (name: string, at: number, size: number) => {
    expect(name).toBe("bl.b");
    return program.slice(at, size > 0 ? at + size : undefined); // of 0 bytes: all that follow (espruino §4.5)
  };
  const realm: Record<string, unknown> = {
    print: (value: unknown) => printed.push(value),
    require: () => ({ read }),
    bl: "bl.b",
  };
  realm.global = realm;
  runInNewContext(program, realm);
  return { program, printed };
}

test("a cold function keeps no name: its body stands in a comment, its calls fetch it", () => {
  const { program, printed } = run(
    'function warm(a){return a+1}function far(a,b){"cold";return warm(a)*b}print(far(2,3))',
  );
  expect(program).toBe(
    'function $0(at,size,$1,$2,$3,$4,$5,$6,$7){return new Function("$1","$2","$3","$4","$5","$6","$7",' +
      'require("Storage").read(global.bl||".bootcde",at,size))($1,$2,$3,$4,$5,$6,$7)}\n' +
      "function warm(a){return a+1}print($0(228,18,2,3))\n/*return warm($1)*$2*/\n",
  );
  expect(printed).toEqual([9]);
});

test("cold functions call each other and themselves, whatever order they stand in", () => {
  const source = `
    function even(n) { "cold"; return n === 0 ? true : odd(n - 1) }
    function odd(n) { "cold"; return n === 0 ? false : even(n - 1) }
    print(even(10)); print(odd(10));`;
  expect(run(source).printed).toEqual([true, false]);
});

test("a name that means something else where it stands is left alone", () => {
  const source = `
    let x = 1;
    function set(x) { "cold"; const f = function (x) { return x * 10 }; return { x, f: f(2), y: [x].map(function (set) { return set }) } }
    function other(set) { return set(5) }
    print(JSON.stringify(set(3))); print(other(function (n) { return n + x }));`;
  expect(run(source).printed).toEqual(['{"x":3,"f":20,"y":[3]}', 6]);
});

test("cold functions of any number settle, where offsets grow a digit while they are laid out", () => {
  const count = 300;
  const functions = Array.from(
    { length: count },
    (_, i) => `function f${i}(n){"cold";return n>0?f${(i * 7 + 1) % count}(n-1):${i}}`,
  );
  let expected = 0;
  for (let i = 0; i < 50; i++) expected = (expected * 7 + 1) % count;
  expect(run(`${functions.join("")}print(f0(50))`).printed).toEqual([expected]);
});

test("names of the program that look like ours are its own", () => {
  const source = 'const $0=5,$1=6;function f(a){"cold";return a+$0*$1}print(f(1))';
  expect(run(source).printed).toEqual([31]);
});

test("a cold function that is handed on as a value stays in memory", () => {
  const source = 'function f(a){"cold";return a+1}print([1,2].map(f).join()+f(2))';
  expect(run(source)).toEqual({ program: source, printed: ["2,33"] });
});

test("an argument in parentheses of its own keeps them", () => {
  expect(run('function f(a,b){"cold";return a+b}let x=1;print(f((x++,x),(x)))').printed).toEqual([4]);
});

test("a cold function that does nothing yet does nothing, whatever lies behind it", () => {
  const source = 'function f(){"cold"}function g(){"cold";return 7}print(f());print(g())';
  expect(run(source).printed).toEqual([undefined, 7]);
});

test("a parameter that is declared once more is the same variable", () => {
  const source =
    'function f(a,b){"cold";var a=a||5;for(var b of [1,2])a+=b;return a+b}print(f());print(f(1,9));';
  expect(run(source).printed).toEqual([10, 6]);
});

test("a program without cold functions stays as it is", () => {
  expect(moveCold("print(1)")).toBe("print(1)");
});

test.each([
  ['function f(){"cold";return this}f()', "cold function f uses this, which is another's where it runs"],
  [
    'function f(){"cold";return arguments[0]}f()',
    "cold function f uses arguments, which is another's where it runs",
  ],
  ['function f(a,b,c,d,e,f,g,h){"cold"}f()', "cold function f has 8 parameters, the most is 7"],
  ['function f(){"cold";return "*/"}f()', "a cold function has the two characters that end a comment"],
])("moveCold() refuses %s", (source, message) => {
  expect(() => moveCold(source)).toThrow(message);
});
