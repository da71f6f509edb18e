/** What a board's JavaScript has beyond ES5 (espruino §1.2), so that TypeScript knows as much as the lint. */

interface String {
  startsWith(text: string, at?: number): boolean;
  endsWith(text: string): boolean;
  includes(text: string, from?: number): boolean;
  repeat(count: number): string;
  padStart(length: number, fill?: string): string;
  padEnd(length: number, fill?: string): string;
  replaceAll(what: string | RegExp, by: string | ((found: string, ...groups: any[]) => string)): string;
}
interface Array<T> {
  find(isIt: (value: T, index: number) => unknown): T | undefined;
  findIndex(isIt: (value: T, index: number) => unknown): number;
  fill(value: T, start?: number, end?: number): this;
  includes(value: T): boolean;
}
interface ObjectConstructor {
  assign<T, U>(target: T, source: U): T & U;
  entries<T>(object: { [key: string]: T }): [string, T][];
  values<T>(object: { [key: string]: T }): T[];
  fromEntries<T>(entries: [string, T][]): { [key: string]: T };
  setPrototypeOf(object: any, prototype: object | null): any;
}
interface Math {
  sign(x: number): number;
}
interface PromiseConstructor {
  new <T>(run: (resolve: (value: T) => void, reject: (reason?: any) => void) => void): Promise<T>;
  resolve<T>(value: T): Promise<T>;
  reject(reason?: any): Promise<never>;
  all<T>(promises: Promise<T>[]): Promise<T[]>;
}
// biome-ignore lint/suspicious/noShadowRestrictedNames: ES5 has the type alone
declare var Promise: PromiseConstructor;
interface Uint8Array {
  /** The board takes the bytes of a text, too. */
  set(bytes: string, at?: number): void;
}

// For `for (const byte of bytes)`. The lint refuses the name Symbol itself, which no board has.
interface SymbolConstructor {
  readonly iterator: unique symbol;
}
// biome-ignore lint/suspicious/noShadowRestrictedNames: ES5 has it not at all
declare var Symbol: SymbolConstructor;
interface IteratorYieldResult<T> {
  done?: false;
  value: T;
}
interface IteratorReturnResult<R> {
  done: true;
  value: R;
}
type IteratorResult<T, R = any> = IteratorYieldResult<T> | IteratorReturnResult<R>;
interface Iterator<T, R = any, N = any> {
  next(...value: [] | [N]): IteratorResult<T, R>;
}
interface Iterable<T, R = any, N = any> {
  [Symbol.iterator](): Iterator<T, R, N>;
}
interface Array<T> extends Iterable<T> {}
interface String extends Iterable<string> {}
interface Int8Array extends Iterable<number> {}
interface Uint8Array extends Iterable<number> {}
interface Uint8ClampedArray extends Iterable<number> {}
interface Int16Array extends Iterable<number> {}
interface Uint16Array extends Iterable<number> {}
interface Int32Array extends Iterable<number> {}
interface Uint32Array extends Iterable<number> {}
interface Float32Array extends Iterable<number> {}
interface Float64Array extends Iterable<number> {}
