/**
 * Numbers in few bytes, exactly as they were: what sensors say has few decimals, and is near to what they said before.
 *
 *   column:  kind:1  numbers:~
 *            0…9     each is a whole number divided by 10^kind: its difference to the one before, zigzag, 7 bits a byte
 *            254     all are the same: one, IEEE 754, little-endian
 *            255     each IEEE 754, little-endian
 */
import type { ByteReader, ByteWriter } from "./bytes.ts";

const MOST_DECIMALS = 9;
const SAME = 254;
const AS_THEY_ARE = 255;
/** Differences of two, doubled by zigzag, are still exact. */
const LARGEST = 2 ** 50;

export function writeNumbers(out: ByteWriter, numbers: readonly number[]): void {
  const [first = 0] = numbers;
  if (numbers.every((number) => number === first)) {
    out.byte(SAME);
    return out.double(first);
  }
  const decimals = decimalsOf(numbers);
  if (decimals < 0) {
    out.byte(AS_THEY_ARE);
    for (const number of numbers) out.double(number);
    return;
  }
  out.byte(decimals);
  const scale = 10 ** decimals;
  let before = 0;
  for (const number of numbers) {
    const whole = Math.round(number * scale);
    out.signed(whole - before);
    before = whole;
  }
}

export function readNumbers(from: ByteReader, count: number): number[] {
  const kind = from.byte();
  const numbers = new Array<number>(count);
  if (kind === SAME) return numbers.fill(from.double());
  if (kind === AS_THEY_ARE) {
    for (let i = 0; i < count; i++) numbers[i] = from.double();
    return numbers;
  }
  if (kind > MOST_DECIMALS) throw new RangeError(`reading a column: kind ${kind}; allowed: 0 to 9, 254, 255`);
  const scale = 10 ** kind;
  let whole = 0;
  for (let i = 0; i < count; i++) {
    whole += from.signed();
    numbers[i] = whole / scale;
  }
  return numbers;
}

/** The fewest decimals that say all of them exactly; -1: no few do. */
function decimalsOf(numbers: readonly number[]): number {
  let decimals = 0;
  for (const number of numbers) {
    while (!isWhole(number, 10 ** decimals)) if (++decimals > MOST_DECIMALS) return -1;
  }
  // One that is large may have been whole before the decimals that another needs.
  return numbers.every((number) => isWhole(number, 10 ** decimals)) ? decimals : -1;
}

function isWhole(number: number, scale: number): boolean {
  const whole = Math.round(number * scale);
  return Math.abs(whole) < LARGEST && whole / scale === number;
}
