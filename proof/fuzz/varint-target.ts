/** The numbers of the protocol, beside a reader and a writer as the table has them, in 64 bits. */
import { decodeVarint, encodeVarint, Varint, varintLength, varintSize } from "../../shared/varint.ts";
import { hold } from "../proof.ts";
import type { FuzzTarget } from "./fuzz.ts";
import type { StreamSource } from "./stream-source.ts";

const HIGH_LIMIT = 2 ** 21; // of 2^53, above 32 bits
const LONGEST = 9;
/** A number as 64 bits. */
const digits = new Uint8Array(8);
const view = new DataView(digits.buffer);
const scratch = new Uint8Array(LONGEST);

export const varintTarget: FuzzTarget = {
  name: "varint",
  weight: 20,
  feed(source) {
    source.length = 0;
    source.addRandom(1 + source.below(LONGEST + 2));
    if (source.below(2) === 0) source.bytes[0] |= 0xf0; // the long forms
    const at = source.below(3) === 0 ? 1 : 0;
    const value = decodeVarint(source.bytes, at, source.length);
    const expected = readNaively(source, at);
    hold(value === expected, () => `read ${value}, expected ${expected} at ${at}`);
    if (value < 0) return;
    const end = encodeVarint(scratch, 0, value);
    hold(
      end === varintSize(value) && end <= varintLength(source.bytes[at]),
      () => `${value} takes ${end} bytes`,
    );
    hold(decodeVarint(scratch, 0, end) === value, () => `${value} is not read back`);
    hold(end === 1 || decodeVarint(scratch, 0, end - 1) === Varint.MORE, () => `${value} cut short is read`);
  },
};

function readNaively({ bytes, length }: StreamSource, at: number): number {
  const there = length - at;
  if (there < 1) return Varint.MORE;
  const a0 = bytes[at];
  if (a0 <= 240) return a0;
  if (a0 <= 248) return there < 2 ? Varint.MORE : 240 + 256 * (a0 - 241) + bytes[at + 1];
  if (a0 === 249) return there < 3 ? Varint.MORE : 2288 + 256 * bytes[at + 1] + bytes[at + 2];
  const size = a0 - 247; // 250 has 3 bytes, 255 has 8
  if (there < 1 + size) return Varint.MORE;
  digits.fill(0);
  for (let i = 0; i < size; i++) digits[8 - size + i] = bytes[at + 1 + i];
  const high = view.getUint32(0);
  return high >= HIGH_LIMIT ? Varint.RANGE : high * 2 ** 32 + view.getUint32(4);
}
