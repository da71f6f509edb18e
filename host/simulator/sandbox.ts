/**
 * The JavaScript of a board, made of Node's: a fresh context whose global object has the whitelist of device/dialect.mjs
 * and nothing else, and whose built-ins differ where the board's do (espruino §1.2, §1.5).
 *
 * Where the board is silently wrong (a view past its buffer, a set past the end) the sandbox throws: a program that does
 * so has a fault, and here is where to find it. What cannot be imitated is left to the lint of the bundle.
 */
import { createContext, runInContext, Script } from "node:vm";
import { languageGlobals, prototypeMembers, staticMembers, typedArrayNames } from "../../device/dialect.mjs";
import { trackRejections } from "./rejections.ts";

/** The global object of a context: at first Node's built-ins, at last the board's. */
export type Globals = typeof globalThis & Record<string, unknown>;

/** A context, and those of its built-ins that the board's API makes values with. */
export interface Realm {
  readonly global: Globals;
  readonly Uint8Array: typeof Uint8Array;
  readonly Error: ErrorConstructor;
  readonly SyntaxError: SyntaxErrorConstructor;
  readonly JSON: Pick<JSON, "parse" | "stringify">;
  arrayOf<T>(items: Iterable<T>): T[];
  /** An empty object. */
  object(): object;
  /** Runs a program at its top level -> its last value; throws what it throws. */
  run(source: string, file: string): unknown;
}

export interface RealmHooks {
  /** Seconds, for Date.now(). */
  getTime(): number;
  /** A promise was rejected and nobody listens. */
  onRejection(reason: unknown): void;
  /** eval() is given a program -> its name in stack traces. */
  onEval?(source: string): string;
}

export function createRealm(hooks: RealmHooks): Realm {
  const context = createContext({});
  const global: Globals = runInContext("globalThis", context);
  const realm: Realm = {
    global,
    Uint8Array: global.Uint8Array,
    Error: global.Error,
    SyntaxError: global.SyntaxError,
    JSON: { parse: global.JSON.parse, stringify: global.JSON.stringify },
    arrayOf: global.Array.from.bind(global.Array) as Realm["arrayOf"],
    object: () => new global.Object(),
    run: (source, file) => new Script(source, { filename: file }).runInContext(context),
  };
  changeStrings(global);
  changeTypedArrays(realm, global.Array.prototype.slice);
  changeTime(global, hooks);
  changeEval(realm, hooks);
  trackRejections(global, hooks.onRejection);
  for (const name of Object.getOwnPropertyNames(global))
    if (!languageGlobals.includes(name)) Reflect.deleteProperty(global, name);
  cutBuiltins(global);
  return realm;
}

/** Strings are bytes; JSON goes out in 7 bits; base64 needs no padding. */
function changeStrings(global: Globals): void {
  const { fromCharCode } = global.String;
  global.String.fromCharCode = (...codes: number[]) => fromCharCode(...codes.map((code) => code & 255));
  const { stringify } = global.JSON;
  global.JSON.stringify = ((...args: Parameters<typeof stringify>) =>
    stringify(...args)?.replace(/[\x7f-\uffff]/g, escapeUnicode)) as typeof stringify;
  global.atob = (text: string) => Buffer.from(text, "base64").toString("latin1");
  global.btoa = (bytes: string) => Buffer.from(bytes, "latin1").toString("base64");
}

function escapeUnicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function changeTypedArrays(realm: Realm, slice: unknown[]["slice"]): void {
  const prototype = Object.getPrototypeOf(realm.Uint8Array.prototype);
  const { set, subarray } = prototype;
  prototype.set = function (this: Uint8Array, source: ArrayLike<number> | string, offset = 0) {
    set.call(this, typeof source === "string" ? Buffer.from(source, "latin1") : source, offset);
  };
  prototype.slice = function (this: Uint8Array, start?: number, end?: number) {
    return slice.call(realm.arrayOf(this), start, end); // a plain Array on the board
  };
  prototype.subarray = function (this: Uint8Array, start = 0, end = this.length) {
    if (start > this.length || end > this.length)
      throw new realm.Error(`subarray(${start}, ${end}) of ${this.length}: the board does not clamp a view`);
    return subarray.call(this, start, end);
  };
}

/** What eval() declares at the top level is global on the board: let, const and functions too. It does not see a caller's names. */
function changeEval(realm: Realm, { onEval }: RealmHooks): void {
  realm.global.eval = (source: unknown) =>
    typeof source === "string" ? realm.run(source, onEval?.(source) ?? "eval.js") : source;
}

/** Date.now() has a fraction, and shows the board's own clock. */
function changeTime(global: Globals, hooks: RealmHooks): void {
  global.Date.now = () => hooks.getTime() * 1000;
}

/** Everything a constructor, a namespace or a value has that is not listed goes. */
function cutBuiltins(global: Globals): void {
  for (const [name, members] of Object.entries(staticMembers))
    cut(global[name] as object, [...members, "prototype", "length", "name"]);
  for (const [name, members] of Object.entries(prototypeMembers)) {
    const owner = name === "TypedArray" ? Object.getPrototypeOf(global.Uint8Array) : global[name];
    cut((owner as FunctionConstructor).prototype, [...members, "constructor"]);
  }
  cut(Object.getPrototypeOf(global.Uint8Array), ["prototype", "length", "name"]);
  const nativePromise = Object.getPrototypeOf(global.Promise); // rejections.ts extends it
  cut(nativePromise, [...staticMembers.Promise, "prototype", "length", "name"]);
  cut(nativePromise.prototype, [...prototypeMembers.Promise, "constructor"]);
  for (const name of typedArrayNames) cut((global[name] as FunctionConstructor).prototype, ["constructor"]);
}

/** Symbols stay: for…of needs them, and no program can name them. So do constants; the lint knows Number's. */
function cut(owner: object, keep: readonly string[]): void {
  for (const name of Object.getOwnPropertyNames(owner))
    if (!keep.includes(name)) Reflect.deleteProperty(owner, name);
}
