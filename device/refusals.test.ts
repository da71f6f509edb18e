import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildDevice } from "./build.mjs";

const project = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-refusals-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Finding {
  text: string;
  file?: string;
  line?: number;
  mend: string;
}

/** A program of these lines, between an import and the start -> what is said of each. */
async function refusalsOf(lines: string[], isTyped = false): Promise<string[][]> {
  const app = join(folder, "app.ts");
  writeFileSync(app, ['import { start } from "bowline";', ...lines, "start();"].join("\n"));
  const findings: Finding[] = await buildDevice({
    entry: app,
    outfile: `${app}.js`,
    quiet: true,
    isTyped,
  }).then(
    () => [],
    (error) => error.findings ?? Promise.reject(error),
  );
  expect(findings.filter(({ file, line }) => file !== app || line === undefined)).toEqual([]);
  return lines.map((_, i) =>
    findings
      .filter(({ line }) => line === i + 2)
      .map(({ text, mend }) => (mend === "" ? text : `${text}; ${mend}`)),
  );
}

type Row = [line: string, said: string];

/** Each row is a line of one program: what is said of a line must not hide what is said of the next. */
async function expectSaid(rows: Row[], isTyped = false): Promise<void> {
  const said = await refusalsOf(
    rows.map(([line]) => line),
    isTyped,
  );
  expect(rows.map(([line], i) => [line, ...said[i]])).toEqual(rows);
}

const missing = (what: string, mend = "") => `${what} is not available on the board${mend && `; ${mend}`}`;
const destructuring = missing("destructuring", "write const a = x.a");
const spread = missing("spread", "write a.concat(b), f.apply(null, list) or Object.assign({}, a, b)");
const async =
  "async and await are not available on the board; use callbacks, or go on a step at a time: every(), or onTask()";
const computed = "computed keys are not available on the board; write o[k] = v after the literal";
const regex =
  "of regular expressions the board has only classes, + * ?, groups, flags i and g; use indexOf, split, or a loop";
const inner =
  "a function kept in a function is garbage at every call; define it at the top of the file, and give it what it needs";
const builtin =
  "classes of the language cannot be extended on the board; write a class of your own, and throw a text";
const secret = missing("#private", "write `private`, which costs nothing");
const wide =
  "a text with characters above \\xff is not the same on every board; write it in ASCII; of other letters only those up to ÿ are the same on every board";
const negative = "an index below 0 throws on the board; write a[a.length - 1]";

/** espruino §1.1, §2.3: seen in the author's own lines. */
const syntax: Row[] = [
  ["const { a } = { a: 1 }; print(a);", destructuring],
  ["const [b] = [1]; print(b);", destructuring],
  ["function c({ d }: { d: number }) { return d } print(c({ d: 1 }));", destructuring],
  ["let e = 1, f = 2; [e, f] = [f, e]; print(e);", destructuring],
  ["for (const [g, h] of [[1, 2]]) print(g + h);", destructuring],
  [
    "function i(a = 1) { return a } print(i());",
    "default arguments are not available on the board; write if (a === undefined) a = 1",
  ],
  [
    "function j(...a: number[]) { return a } print(j(1));",
    "rest arguments are not available on the board; use `arguments`",
  ],
  ["print([...[1], 2]);", spread],
  ["print(Math.max(...[1]));", spread],
  ["print({ ...{ x: 1 }, y: 2 });", spread],
  ["print({ ['k']: 1 });", computed],
  ["class K { ['m']() { return 1 } } print(new K());", computed],
  [
    "function* l() { yield 1 } print(l());",
    "generators are not available on the board; go on a step at a time: every(), or onTask()",
  ],
  ["async function m() { return 1 } print(m());", async],
  ["const n = async () => 1; print(n());", async],
  ["await 1;", async],
  ["print(1n);", missing("BigInt", "numbers are exact up to 2^53")],
  ["function o() { return new.target } print(o());", missing("new.target", "say it by an argument")],
  ["print(import.meta.url);", missing("import.meta", "leave it out")],
  ["import('bowline');", missing("import()", "import it at the top of the file")],
  [
    "export const p = 1;",
    "the program itself exports nothing; leave `export` out: nothing imports the program",
  ],
  [
    "q: for (;;) { for (;;) break q; }",
    "labels are not available on the board; put the loops into a function of their own and return from it",
  ],
  [
    "switch (E.getTemperature()) { default: print(1); break; case 1: print(2); }",
    "on the board `default` must be the last case of a switch; move `default` to the end",
  ],
  [
    "const r = () => class { x = 1 }; print(r());",
    "an arrow whose body is a class does not work on the board; write () => { return class {} }",
  ],
  [
    "print(String`a`);",
    "tagged templates are not available on the board; call the function: tag(text, value)",
  ],
  ["class S { #a = 1; } print(new S());", secret],
  ["class T { #m() { return 1 } } print(new T());", secret],
  [
    "class U { m() { return 1 } } class V extends U { m() { return [1].map(() => super.m())[0] } } print(new V());",
    "`super` inside an arrow does not work on the board; call it before the arrow: const m = super.m()",
  ],
  ["class W extends Error {} print(new W());", builtin],
  ["class X extends Array {} print(new X());", builtin],
  [
    "class Of { of() { return 1 } } print(new Of());",
    "a method of a class cannot be called of on the board; give it another name",
  ],
  [
    "class Y { static s() { return 1 } } class Z extends Y {} print(Z.s());",
    "on the board Z does not inherit the static s; call it by the name of the class that has it",
  ],
  [
    "const aa = class Inner { m() { return new Inner() } }; print(aa);",
    "inside of a class its own name is not known on the board; use it in a function outside of the class, or write plain functions",
  ],
  [
    "function bb(c: any) { return c } @bb class Cc {} print(new Cc());",
    "decorators are not available on the board; call the function: f(A)",
  ],
  [
    "class Dd { accessor x = 1 } print(new Dd());",
    missing("accessor", "write a field, and set it in the constructor"),
  ],
  ["{ using ee = null; print(ee) }", missing("using", "write const, and end it yourself")],
  ["print(/a(?=b)/);", regex],
  ["print(/a+?/);", regex],
  ["print(/a{2}/);", regex],
  ["print(/(?<n>a)/);", regex],
  ["print(/(foo|bar)+/);", regex],
  ["print(/a/s);", regex],
  ["print(new RegExp('a{2}'));", regex],
  ["print('22 \u20ac');", wide],
  ["print(`\u{1f600}`);", wide],
  ["print('\\u{1F600}');", wide],
  ["print({ gr\u00f6\u00dfe: 1 });", "names are ASCII on the board; write it in ASCII"],
  ["debugger;", "`debugger` stops the board; use print()"],
  ["setTimeout(function () { function ff() { return 1 } ff(); }, 1);", inner],
  ["setTimeout(function () { const gg = () => 1; gg(); }, 1);", inner],
];

/** espruino §1.2. */
const builtins: Row[] = [
  ["print(new Uint8Array(4).copyWithin(0, 1));", missing(".copyWithin()", "use set(subarray())")],
  ["print(Uint8Array.from([1]));", missing("Uint8Array.from", "write new Uint8Array([1, 2])")],
  ["print(Uint8Array.BYTES_PER_ELEMENT);", missing("Uint8Array.BYTES_PER_ELEMENT")],
  ["print(ArrayBuffer.isView(1));", missing("ArrayBuffer.isView")],
  ["print([1, 2][-1]);", negative],
  ["print(Math.imul(1, 2));", missing("Math.imul", "use | 0 after multiplying what is small enough")],
  ["print(Math.trunc(1.5));", missing("Math.trunc", "use | 0 below 2^31, else Math.floor() or Math.ceil()")],
  ["print(Math.log2(8));", missing("Math.log2", "use Math.log(x) / Math.LN2")],
  ["print(Math.hypot(3, 4));", missing("Math.hypot", "use Math.sqrt(x * x + y * y)")],
  ["print(Number.isInteger(1));", missing("Number.isInteger", "use x % 1 === 0")],
  ["print(Number.isFinite(1));", missing("Number.isFinite", "use isFinite()")],
  ["print(Number.MAX_SAFE_INTEGER);", missing("Number.MAX_SAFE_INTEGER", "write 9007199254740991")],
  [
    "print(String.fromCharCode(0x20ac));",
    "String.fromCharCode() takes no code above 255 on the board; only 0 to 255 are characters there",
  ],
  ["print('a'.codePointAt(0));", missing(".codePointAt()", "use charCodeAt()")],
  ["print('a'.localeCompare('b'));", missing(".localeCompare()", "use < and >")],
  ["print(' a'.trimStart());", missing(".trimStart()", 'use replace(/^ +/, "")')],
  ["print('a,b'.split(',', 1));", "split() takes no limit on the board; take a slice of what it gives"],
  [
    "print(JSON.parse('1', function (k, v) { return v }));",
    "JSON.parse has no reviver on the board; change the object afterwards",
  ],
  [
    "print(JSON.stringify({ a: 1 }, ['a']));",
    "JSON.stringify() takes no list of names on the board; make an object of what is to be sent",
  ],
  ["const a = [1]; a.length = 0;", "`.length` cannot be set on the board; use splice, or a new array"],
  ["print(Array.from('ab'));", missing("Array.from", "use a loop, or map()")],
  ["print([[1]].flat());", missing(".flat()", "use concat()")],
  ["print([1].at(0));", missing(".at()", "write a[a.length - 1]")],
  ["print([1].entries());", missing(".entries()", "use a loop with an index")],
  [
    "print(Array.prototype.slice.call([1]));",
    "methods of X.prototype are undefined on the board; take it from a value: [].slice",
  ],
  ["print(Object.freeze({}));", missing("Object.freeze", "leave it out")],
  ["print(Promise.race([]));", missing("Promise.race", "use a flag and callbacks")],
  [
    "print(Promise.resolve(1).finally(function () {}));",
    missing(".finally()", "do it in then() and in catch()"),
  ],
  ["print(E.CRC32([1, 2]));", "E.CRC32 does not flatten; give it one view, or E.toString([…])"],
  [
    "print(require('fs'));",
    'fs is a module of Node\'s, and not on the board; what the board has is global, or in require("Storage")',
  ],
];

/** Seen in the bundle, where it is known what a name stands for. */
const unknown = (name: string, mend: string) =>
  `${name} is neither defined nor part of the board${mend && `; ${mend}`}`;
const late = (name: string) => `${name} is used before the line that defines it; move the definition up`;
const names: Row[] = [
  ["print(new Map());", unknown("Map", "use a plain object")],
  ["print(new Set());", unknown("Set", "use a plain object, or an array with indexOf()")],
  ["print(new WeakMap());", unknown("WeakMap", "use a plain object")],
  ["print(new Proxy({}, {}));", unknown("Proxy", "")],
  ["print(Reflect.ownKeys({}));", unknown("Reflect", "")],
  ["print([1][Symbol.iterator]);", unknown("Symbol", "use a text")],
  [
    "if (E.getTemperature() > 99) throw new RangeError('hot');",
    unknown("RangeError", "throw a text, or an Error"),
  ],
  ["print(BigInt(1));", unknown("BigInt", "numbers are exact up to 2^53")],
  ["print(new TextEncoder());", unknown("TextEncoder", "use E.toUint8Array()")],
  ["print(Buffer.from('a'));", unknown("Buffer", "use Uint8Array, E.toString() and E.toUint8Array()")],
  ["queueMicrotask(start);", unknown("queueMicrotask", "use setTimeout(f, 0)")],
  ["fetch('http://127.0.0.1');", unknown("fetch", 'use require("http"), on boards that have it')],
  ["window.alert(1);", unknown("window", "a board has no page")],
  ["print(temprature);", unknown("temprature", "")],
  [
    "for (let i = 0; i < 3; i++) setTimeout(function () { print(i); }, 9);",
    "closures share the loop's i; copy it into a let inside the body, or call a function with it",
  ],
  [
    "for (const one of [1, 2]) setTimeout(() => print(one), 9);",
    "closures share the loop's one; copy it into a let inside the body, or call a function with it",
  ],
  ["print(twice(2)); function twice(n: number) { return 2 * n }", late("twice")],
  ["print(limit); const limit = 5;", late("limit")],
  ["hoisted = 5; var hoisted: number; print(hoisted);", late("hoisted")],
  [
    "function callsLate() { return lateOne } callsLate(); const lateOne = 1;",
    "this call needs lateOne, which is defined further down; move the definition up",
  ],
  [
    "class Own { m() { return new Own() } } print(new Own().m());",
    "inside of a class its own name is not known on the board; use it in a function outside of the class, or write plain functions",
  ],
  [
    "class Base { x = 1 } class Sub extends Base { y = 2 } print(new Sub());",
    "a subclass with fields needs a constructor of its own on the board; write constructor() { super(); }",
  ],
];

/** Seen by esbuild. */
const imports: Row[] = [
  [
    "import { readFileSync } from 'fs'; print(readFileSync);",
    'fs is a module of Node\'s, and not on the board; files of the board: require("Storage")',
  ],
  [
    "import { connect } from 'node:net'; print(connect);",
    'node:net is a module of Node\'s, and not on the board; the board has its own: require("net")',
  ],
  [
    "import { cpus } from 'os'; print(cpus);",
    'os is a module of Node\'s, and not on the board; what the board has is global, or in require("Storage")',
  ],
  [
    "import _ from 'lodash'; print(_);",
    'lodash is not "bowline" and no file; packages of npm do not run on the board; a module of the board is had by require("lodash"), a file of yours by "./lodash.ts"',
  ],
  [
    "import { a } from './nowhere.ts'; print(a);",
    "there is no file ./nowhere.ts; its name is seen from the file that imports it",
  ],
  [
    `import { peer } from '${project}device/peer.ts'; print(peer);`,
    'device/peer.ts is inside the library; import from "bowline"',
  ],
  [
    `import { formatError } from '${project}host/platform/errors.ts'; print(formatError);`,
    'host/platform/errors.ts is the gateway\'s; import from "bowline"',
  ],
];

const types: Row[] = [
  ["const a: number = 'x'; print(a);", "Type 'string' is not assignable to type 'number'"],
  ["digitalWrite(7, 1);", "Argument of type 'number' is not assignable to parameter of type 'PinName'"],
  [
    "print(process.argv);",
    "Property 'argv' does not exist on type '{ version: string; env: { VERSION: string; BOARD: string; RAM: number; FLASH: number; SERIAL: string; CONSOLE: string; MODULES: string; }; memory(gc?: boolean | undefined): MemoryUsage; }'",
  ],
];

describe("buildDevice() tells an author, with the line and what to write instead,", () => {
  test("what the board's language lacks", () => expectSaid(syntax));
  test("what its objects lack", () => expectSaid(builtins));
  test("which names stand for nothing, or not yet", () => expectSaid(names));
  test("what cannot be imported", () => expectSaid(imports));
  test("what TypeScript says of types, when it is asked", async () => {
    await expectSaid(types, true);
    expect(await refusalsOf(types.map(([line]) => line))).toEqual(types.map(() => []));
  });
});

/** What of TypeScript leaves nothing behind must not be refused. */
test("types, overloads and interfaces with what values may not have pass", async () => {
  const lines = [
    "interface A { [key: string]: unknown; m(...a: number[]): void }",
    "type B = (...a: unknown[]) => [x: number, ...rest: number[]];",
    "declare const c: { f(...a: number[]): void };",
    "function d(a: string): string; function d(a: number): string; function d(a: any): string { return String(a) }",
    "const e = { x: 1 } satisfies object as { x: number }; const f: A | B | null = null; print(e, f, typeof c, d(1));",
    "const g: any = {}; print(g?.a?.b ?? 2 ** 3); let h: any; h ??= 1; h ||= 2;",
    "enum I { J, K = 4 } const enum L { M = 5 } namespace N { export const o = 6 } print(I.J, I[4], L.M, N.o);",
    "class P { static q = 1; constructor(private r: number) {} get s() { return this.r } } print(new P(1).s, P.q);",
    "class T extends P { u: number; constructor() { super(2); this.u = 3 } v = () => this.u; } print(new T().v());",
    "print(Object.entries({ a: 1 }), '22 \u00b0C', [1].indexOf(1), 'abc'.includes('b'), [3].find((n) => n > 2));",
  ];
  expect(await refusalsOf(lines, true)).toEqual(lines.map(() => []));
});
