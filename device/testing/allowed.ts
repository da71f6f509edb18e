/** What an author may write, each with what it gives: run by allowed.test.ts on every board there is. */
import { start } from "bowline";

let line = 0;
let wrong = 0;

function is(seen: any, wanted: any): void {
  line++;
  if (JSON.stringify(seen) === JSON.stringify(wanted)) return;
  wrong++;
  print("wrong " + line + ": " + JSON.stringify(seen) + ", not " + JSON.stringify(wanted));
}

enum Color {
  Red,
  Green = 4,
}
const enum Limit {
  MOST = 7,
}
namespace Units {
  export const celsius = "\xb0C";
}
is([Color.Red, Color.Green, Color[4], Limit.MOST, Units.celsius], [0, 4, "Green", 7, "\xb0C"]);

class Meter {
  static made = 0;
  count = 1;
  private readonly factor: number;
  constructor(factor: number) {
    this.factor = factor;
  }
  get total(): number {
    return this.count * this.factor;
  }
  set total(value: number) {
    this.count = value / this.factor;
  }
  static with(factor: number): object {
    return { factor: factor };
  }
  add(n: number): this {
    this.count += n;
    return this;
  }
  later = () => this.count;
}
class Twice extends Meter {
  constructor(public title: string) {
    super(2);
  }
  override add(n: number): this {
    super.add(2 * n);
    return this;
  }
}
const twice = new Twice("t");
twice.add(3);
is([twice.count, twice.total, twice.title, twice.later()], [7, 14, "t", 7]);
twice.total = 4;
Meter.made++;
is([twice.count, Meter.made, Meter.with(3), twice instanceof Meter], [2, 1, { factor: 3 }, true]);

const none: any = undefined;
const some: any = { a: { b: 5, f: () => 6 } };
is([none?.a?.b, some?.a?.b, some.a?.f(), none?.[0], none ?? 9, some.z ?? 8], [null, 5, 6, null, 9, 8]);
let filled: any;
filled ??= 1;
filled ||= 2;
filled &&= 3;
is([filled, 2 ** 10, 1_000, 0b101, 0o17], [3, 1024, 1000, 5, 15]);

const made: (() => number)[] = [];
for (let i = 0; i < 3; i++) {
  const copy = i;
  made.push(() => copy);
}
is(
  made.map((f) => f()),
  [0, 1, 2],
);
let letters = "";
for (const letter of "abc") letters = letter + letters;
for (const n of new Uint8Array([1, 2])) letters += n;
for (const key in { x: 1, y: 2 }) letters += key;
is([letters, `${letters.length}-${`${1 + 1}`}`], ["cba12xy", "7-2"]);

function kind(n: number): string {
  switch (n) {
    case 0:
    case 1:
      return "few";
    default:
      return "many";
  }
}
is([kind(1), kind(2)], ["few", "many"]);

function caught(): any {
  try {
    throw { code: 3 };
  } catch (error: any) {
    return error.code;
  } finally {
    letters = "finally";
  }
}
is([caught(), letters], [3, "finally"]);
is(
  ["a,b".split(","), "abc".includes("b"), "7".padStart(3, "0"), " a ".trim()],
  [["a", "b"], true, "007", "a"],
);
is([/([a-c]+)-(\d)/.exec("xabc-5")![2], "a1b2".replace(/\d/g, "_"), /A/i.test("a")], ["5", "a_b_", true]);
is([Object.keys({ a: 1 }), Object.values({ a: 1 }), Object.entries({ a: 1 })], [["a"], [1], [["a", 1]]]);
is(
  [[3, 1, 2].sort((a, b) => a - b), [1, 2].find((n) => n > 1), [1, 2].some((n) => n > 2)],
  [[1, 2, 3], 2, false],
);
is([[1, 2, 3].splice(1, 1), [1].concat([2]), [1, 2].reduce((a, b) => a + b, 0)], [[2], [1, 2], 3]);
is([Math.max.apply(null, [1, 5, 2]), parseInt("12px", 10), (22.456).toFixed(1)], [5, 12, "22.5"]);
is([[1, 2].indexOf(2), [].slice.call("ab" as any, 1).length, [1, 2].join("+")], [1, 1, "1+2"]);
is(Object.assign({ a: 1 }, { b: 2 }), { a: 1, b: 2 });
const view = new DataView(new ArrayBuffer(4));
view.setUint16(1, 513, true);
is([view.getUint8(1), view.getUint8(2), new Float32Array([1.5])[0]], [1, 2, 1.5]);

print("allowed: " + line + " lines, " + wrong + " wrong");
start();
