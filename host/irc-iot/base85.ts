/** Base85 with the alphabet of RFC 1924: four bytes are five characters, and a short tail loses what it lacks. */
import { type Fault, FaultCode } from "./fault-code.ts";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
/** Value of a character that is none. */
const NONE = 255;
/** What a short tail is filled up with before decoding: the greatest digit. */
const FILL = 84;
const BASE = 85;

const digits = Uint8Array.from(Buffer.from(ALPHABET));
const values = new Uint8Array(256).fill(NONE);
for (let i = 0; i < digits.length; i++) values[digits[i]] = i;

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
  const rest = text.length % 5;
  if (rest === 1) return fault(`a tail of one character, allowed are 2 to 4`);
  const out = Buffer.allocUnsafe(Math.ceil(text.length / 5) * 4);
  let at = 0;
  for (let i = 0; i < text.length; i += 5, at += 4) {
    let group = 0;
    for (let k = i; k < i + 5; k++) {
      const value = k < text.length ? values[text[k]] : FILL;
      if (value === NONE) return fault(`character ${text[k]} at ${k}, allowed are those of RFC 1924`);
      group = group * BASE + value;
    }
    // What was filled in may take the last group over the edge only when its digits do.
    if (group > 0xffffffff) return fault(`a group above 2^32-1 at ${i}`);
    out[at] = group >>> 24;
    out[at + 1] = group >>> 16;
    out[at + 2] = group >>> 8;
    out[at + 3] = group;
  }
  return out.subarray(0, at - (rest === 0 ? 0 : 5 - rest));
}

function fault(seen: string): Fault {
  return { code: FaultCode.BASE85, reason: `base85: ${seen}` };
}
