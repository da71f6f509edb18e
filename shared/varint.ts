/**
 * SQLite4 variable-length integers: the `[name:#]` of the session protocol (session, notation).
 *
 *   A0          0…240: the value               241…248: 240 + 256·(A0−241) + A1
 *   A0 A1 A2    249: 2288 + 256·A1 + A2        250…255: the next 3…8 bytes, big-endian
 *
 * Writers write the shortest form, readers accept any (D14).
 */

/** What decodeVarint says instead of a number. (A const enum costs the board neither a variable nor a look-up.) */
export const enum Varint {
  /** The bytes end before the number does. */
  MORE = -1,
  /** The number is above 2^53−1, where JavaScript stops counting exactly (D14). */
  RANGE = -2,
}

/** How many bytes a number takes whose first byte is `first`: 1…9. */
export function varintLength(first: number): number {
  return first <= 240 ? 1 : first <= 248 ? 2 : first - 246;
}

/**
 * The number at `buffer[at]`, of which bytes before `end` are there.
 * VARINT_MORE when it is cut short, VARINT_RANGE above 2^53−1; it takes varintLength(buffer[at]) bytes.
 */
export function decodeVarint(buffer: Uint8Array, at: number, end: number): number {
  if (at >= end) return Varint.MORE;
  const first = buffer[at];
  if (first <= 240) return first;
  const last = at + varintLength(first);
  if (last > end) return Varint.MORE;
  if (first <= 248) return 240 + 256 * (first - 241) + buffer[at + 1];
  if (first === 249) return 2288 + 256 * buffer[at + 1] + buffer[at + 2];
  let value = 0;
  for (let i = at + 1; i < last; i++) value = value * 256 + buffer[i];
  return value > 9007199254740991 ? Varint.RANGE : value;
}

/** How many bytes encodeVarint writes for `value`, an integer in 0…2^53−1. */
export function varintSize(value: number): number {
  if (value <= 240) return 1;
  if (value <= 2287) return 2;
  if (value <= 67823) return 3;
  let size = 4;
  for (let limit = 16777216; value >= limit; limit *= 256) size++;
  return size;
}

/** Writes `value`, an integer in 0…2^53−1, at `buffer[at]` in its shortest form; returns the index behind it. */
export function encodeVarint(buffer: Uint8Array, at: number, value: number): number {
  if (value <= 240) {
    buffer[at] = value;
    return at + 1;
  }
  if (value <= 2287) {
    buffer[at] = 241 + ((value - 240) >> 8);
    buffer[at + 1] = value - 240;
    return at + 2;
  }
  if (value <= 67823) {
    buffer[at] = 249;
    buffer[at + 1] = (value - 2288) >> 8;
    buffer[at + 2] = value - 2288;
    return at + 3;
  }
  const size = varintSize(value);
  buffer[at] = size + 246;
  let rest = value;
  for (let i = at + size - 1; i > at; i--) {
    const high = Math.floor(rest / 256);
    buffer[i] = rest - high * 256;
    rest = high;
  }
  return at + size;
}
