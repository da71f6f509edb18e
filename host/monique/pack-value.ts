/** Values in MessagePack, as `data` may hold them: from bytes, into bytes, and into what JSON can show. */
import { MAX_DEPTH } from "../platform/json-depth.ts";
import { Kind, PackCursor } from "./pack-cursor.ts";
import { textOf } from "./utf8.ts";

/** What no value of JavaScript stands for. */
export class Ext {
  constructor(
    readonly type: number,
    readonly bytes: Uint8Array,
  ) {}
}

/**
 * The one value that the bytes are; undefined when they are none, or more than one. Integers beyond 2^53 are bigints, bin is a
 * copy, keys of a map are text.
 */
export function unpackValue(bytes: Uint8Array): unknown {
  const cursor = new PackCursor();
  cursor.set(bytes);
  const value = read(cursor, 0);
  return cursor.at === cursor.end ? value : undefined;
}

function read(cursor: PackCursor, depth: number): unknown {
  if (depth > MAX_DEPTH || !cursor.next()) return undefined;
  const { kind, size } = cursor;
  switch (kind) {
    case Kind.NIL:
      return null;
    case Kind.BOOL:
      return size === 1;
    case Kind.INT:
      return readInteger(cursor);
    case Kind.FLOAT:
      return cursor.value;
    case Kind.STR:
      return textOf(takeContent(cursor));
    case Kind.BIN:
      return takeContent(cursor).slice();
    case Kind.EXT:
      return new Ext(cursor.extType, takeContent(cursor).slice());
    case Kind.ARRAY:
      return readArray(cursor, size, depth);
    case Kind.MAP:
      return readMap(cursor, size, depth);
  }
}

function readInteger({ bytes, at, value }: PackCursor): number | bigint {
  if (Number.isSafeInteger(value)) return value;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at - 8, 8);
  return bytes[at - 9] === 0xd3 ? view.getBigInt64(0) : view.getBigUint64(0);
}

function takeContent(cursor: PackCursor): Uint8Array {
  const start = cursor.at;
  cursor.passContent();
  // A Buffer's slice() would be a view as well.
  const { buffer, byteOffset } = cursor.bytes;
  return new Uint8Array(buffer, byteOffset + start, cursor.size);
}

function readArray(cursor: PackCursor, size: number, depth: number): unknown[] | undefined {
  const values: unknown[] = [];
  for (let i = 0; i < size; i++) {
    const value = read(cursor, depth + 1);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function readMap(cursor: PackCursor, size: number, depth: number): object | undefined {
  const map = {};
  for (let i = 0; i < size; i++) {
    const key = read(cursor, depth + 1);
    const value =
      key === undefined || (typeof key === "object" && key !== null) ? undefined : read(cursor, depth + 1);
    if (value === undefined) return undefined;
    // An assignment to __proto__ would be none.
    Object.defineProperty(map, String(key), { value, enumerable: true, writable: true, configurable: true });
  }
  return map;
}

/** Throws a TypeError for what MessagePack has no form for: functions, symbols, undefined, circles. */
export function packValue(value: unknown): Uint8Array {
  const pieces: Uint8Array[] = [];
  write(value, pieces, 0);
  return Buffer.concat(pieces);
}

function write(value: unknown, pieces: Uint8Array[], depth: number): void {
  if (depth > MAX_DEPTH)
    throw new TypeError(`packing a value: nested deeper than ${MAX_DEPTH}; allowed ${MAX_DEPTH}`);
  if (value === null) pieces.push(head(0xc0));
  else if (typeof value === "boolean") pieces.push(head(value ? 0xc3 : 0xc2));
  else if (typeof value === "number") pieces.push(packNumber(value));
  else if (typeof value === "bigint") pieces.push(packBigInt(value));
  else if (typeof value === "string") {
    const bytes = Buffer.from(value, "utf8");
    pieces.push(sizedHead(bytes.length, { fix: 0xa0, fixMost: 31, one: 0xd9, two: 0xda, four: 0xdb }), bytes);
  } else if (value instanceof Uint8Array)
    pieces.push(sizedHead(value.length, { one: 0xc4, two: 0xc5, four: 0xc6 }), value);
  else if (Array.isArray(value)) {
    pieces.push(sizedHead(value.length, { fix: 0x90, fixMost: 15, two: 0xdc, four: 0xdd }));
    for (const one of value) write(one, pieces, depth + 1);
  } else if (typeof value === "object") {
    // As JSON does: what is undefined is not there.
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    pieces.push(sizedHead(entries.length, { fix: 0x80, fixMost: 15, two: 0xde, four: 0xdf }));
    for (const [key, one] of entries) {
      write(key, pieces, depth + 1);
      write(one, pieces, depth + 1);
    }
  } else throw new TypeError(`packing a value: a ${typeof value}; allowed what JSON has, bytes and bigints`);
}

interface Heads {
  fix?: number;
  fixMost?: number;
  one?: number;
  two: number;
  four: number;
}

function sizedHead(size: number, { fix, fixMost = -1, one, two, four }: Heads): Buffer {
  if (fix !== undefined && size <= fixMost) return head(fix | size);
  if (one !== undefined && size < 0x100) return Buffer.from([one, size]);
  if (size < 0x1_0000) return Buffer.from([two, size >> 8, size & 255]);
  const bytes = head(four, 4);
  bytes.writeUInt32BE(size, 1);
  return bytes;
}

function packNumber(value: number): Buffer {
  // -0 is no integer of MessagePack.
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    const bytes = head(0xcb, 8);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (value < 0) return packNegative(value);
  if (value < 0x80) return head(value);
  if (value < 0x100) return Buffer.from([0xcc, value]);
  if (value < 0x1_0000) return Buffer.from([0xcd, value >> 8, value & 255]);
  if (value < 2 ** 32) {
    const bytes = head(0xce, 4);
    bytes.writeUInt32BE(value, 1);
    return bytes;
  }
  return packBigInt(BigInt(value));
}

function packNegative(value: number): Buffer {
  if (value >= -0x20) return head(value & 255);
  const size = value >= -0x80 ? 1 : value >= -0x8000 ? 2 : value >= -(2 ** 31) ? 4 : 8;
  if (size === 8) return packBigInt(BigInt(value));
  const bytes = head(size === 1 ? 0xd0 : size === 2 ? 0xd1 : 0xd2, size);
  bytes.writeIntBE(value, 1, size);
  return bytes;
}

function packBigInt(value: bigint): Buffer {
  const bytes = head(value < 0n ? 0xd3 : 0xcf, 8);
  if (value < 0n) bytes.writeBigInt64BE(value, 1);
  else bytes.writeBigUInt64BE(value, 1);
  return bytes;
}

function head(byte: number, room = 0): Buffer {
  const bytes = Buffer.alloc(1 + room);
  bytes[0] = byte;
  return bytes;
}

/** The same for people and JSON: bytes as base64, integers that JSON would round as digits. */
export function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Ext) return { ext: value.type, base64: Buffer.from(value.bytes).toString("base64") };
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plainValue(one)]));
}
