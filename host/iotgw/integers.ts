/** Little-endian integers at a place in bytes, without a view or an object for each. */

/** The largest u64. */
const U64_MAX: bigint = (1n << 64n) - 1n;

/** What readSeq says of a number above 2^53 − 1, which no speaker reaches. */
export const SEQ_RANGE = -1;

const U32 = 2 ** 32;
/** The upper half of 2^53 − 1. */
const SEQ_HIGH_MAX = 0x1f_ffff;

/** A bigint and its halves are the same eight bytes: no arithmetic on bigints, each step of which allocates one. */
const whole = new BigUint64Array(1);
const halves = new Uint32Array(whole.buffer);
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** Few host ids and epochs travel, over and over: the last one of each slot is handed out again, so nothing is allocated. */
const SLOTS = 256;
const lows = new Uint32Array(SLOTS);
const highs = new Uint32Array(SLOTS);
const values: bigint[] = new Array(SLOTS).fill(0n);

export function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

export function readU64(bytes: Uint8Array, at: number): bigint {
  const low = readU32(bytes, at);
  const high = readU32(bytes, at + 4);
  const slot = (low ^ (low >>> 8) ^ high ^ (high >>> 24)) & (SLOTS - 1);
  if (lows[slot] !== low || highs[slot] !== high) {
    lows[slot] = low;
    highs[slot] = high;
    halves[LOW] = low;
    halves[HIGH] = high;
    values[slot] = whole[0];
  }
  return values[slot];
}

/** A u64 that counts: a JavaScript number, or SEQ_RANGE. */
export function readSeq(bytes: Uint8Array, at: number): number {
  const high = readU32(bytes, at + 4);
  return high > SEQ_HIGH_MAX ? SEQ_RANGE : high * U32 + readU32(bytes, at);
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

export function writeU64(bytes: Uint8Array, at: number, value: bigint): void {
  if (value < 0n || value > U64_MAX) throw new RangeError(`writing a u64: ${value}; allowed 0…2^64 − 1`);
  whole[0] = value;
  writeU32(bytes, at, halves[LOW]);
  writeU32(bytes, at + 4, halves[HIGH]);
}

export function writeSeq(bytes: Uint8Array, at: number, seq: number): void {
  if (!Number.isSafeInteger(seq) || seq < 0)
    throw new RangeError(`writing a number: ${seq}; allowed 0…2^53 − 1`);
  writeU32(bytes, at, seq % U32);
  writeU32(bytes, at + 4, Math.floor(seq / U32));
}

/** `value`, or a RangeError that names the field: a whole number 0…most. */
export function checkWhole(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new RangeError(`encoding a frame: ${name} ${value}; allowed 0…${most}`);
}
