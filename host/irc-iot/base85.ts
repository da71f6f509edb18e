/** Base85 with the alphabet of RFC 1924: four bytes are five characters, and a short tail loses what it lacks. */
import { type Fault, FaultCode } from "./fault-code.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
/** What a short tail is filled up with before decoding: the greatest digit. */
const FILL = 84;
const BASE = 85;
/** Characters of a group, and its greatest value. */
const GROUP = 5;
const MOST = 0xffffffff;

const digits = Uint8Array.from(Buffer.from(ALPHABET));
/** What each character is worth at each place of a group, counted from its end. */
const [weights0, weights1, weights2, weights3, weights4] = Array.from({ length: GROUP }, (_, place) => {
  const weights = new Float64Array(256).fill(Number.NaN);
  for (let i = 0; i < digits.length; i++) weights[digits[i]] = i * BASE ** place;
  return weights;
});

export function encodeBase85(bytes: Uint8Array): string {
  const whole = bytes.length - (bytes.length % 4);
  const rest = bytes.length - whole;
  const out = Buffer.allocUnsafe((whole / 4) * 5 + (rest === 0 ? 0 : 5));
  let at = 0;
  for (let i = 0; i < whole; i += 4) {
    writeGroup(out, at, (bytes[i] << 24) | (bytes[i + 1] << 16) | (bytes[i + 2] << 8) | bytes[i + 3]);
    at += 5;
  }
  if (rest === 0) return out.toString("latin1", 0, at);
  let tail = 0;
  for (let k = 0; k < 4; k++) tail = (tail << 8) | (k < rest ? bytes[whole + k] : 0);
  writeGroup(out, at, tail);
  return out.toString("latin1", 0, at + rest + 1);
}

function writeGroup(out: Uint8Array, at: number, signed: number): void {
  let group = signed >>> 0;
  for (let k = 4; k > 0; k--) {
    const above = Math.floor(group / BASE);
    out[at + k] = digits[group - above * BASE];
    group = above;
  }
  out[at] = digits[group];
}

/** `text` as ASCII. Refuses foreign characters, a tail of one character, and a group above 2³²−1. */
export function decodeBase85(text: Uint8Array): Uint8Array | Fault {
  const rest = text.length % GROUP;
  if (rest === 1) return fault("a tail of one character, allowed are 2 to 4");
  const whole = text.length - rest;
  const out = Buffer.allocUnsafe((whole / GROUP) * 4 + 4);
  let at = 0;
  for (let i = 0; i < whole; i += GROUP) {
    const group = groupAt(text, i);
    if (!(group <= MOST)) return refuseGroup(text, i);
    at = writeBytes(out, at, group);
  }
  if (rest === 0) return out.subarray(0, at);
  const tail = new Uint8Array(GROUP).fill(digits[FILL]);
  tail.set(text.subarray(whole));
  const group = groupAt(tail, 0);
  if (!(group <= MOST)) return refuseGroup(text, whole);
  writeBytes(out, at, group);
  return out.subarray(0, at + rest - 1);
}

/** Five characters as a number: NaN where one of them is foreign. */
function groupAt(text: Uint8Array, i: number): number {
  return (
    weights4[text[i]] +
    weights3[text[i + 1]] +
    weights2[text[i + 2]] +
    weights1[text[i + 3]] +
    weights0[text[i + 4]]
  );
}

function writeBytes(out: Uint8Array, at: number, group: number): number {
  out[at] = group >>> 24;
  out[at + 1] = group >>> 16;
  out[at + 2] = group >>> 8;
  out[at + 3] = group;
  return at + 4;
}

function refuseGroup(text: Uint8Array, start: number): Fault {
  for (let i = start; i < Math.min(start + GROUP, text.length); i++)
    if (Number.isNaN(weights0[text[i]]))
      return fault(`character ${text[i]} at ${i}, allowed are those of RFC 1924`);
  return fault(`a group above 2^32-1 at ${start}`);
}

function fault(seen: string): Fault {
  return { code: FaultCode.BASE85, reason: `base85: ${seen}` };
}
