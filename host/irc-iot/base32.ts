/** Base32 of RFC 4648 without padding: five bytes are eight characters. */
import { type Fault, FaultCode } from "./fault-code.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const NONE = 255;
/** Bits of a character. */
const BITS = 5;

const digits = Uint8Array.from(Buffer.from(ALPHABET));
const values = new Uint8Array(256).fill(NONE);
for (let i = 0; i < digits.length; i++) values[digits[i]] = i;

export function encodeBase32(bytes: Uint8Array): string {
  const out = Buffer.allocUnsafe(Math.ceil((bytes.length * 8) / BITS));
  let [at, held, bits] = [0, 0, 0];
  for (let i = 0; i < bytes.length; i++) {
    held = ((held & 31) << 8) | bytes[i];
    for (bits += 8; bits >= BITS; bits -= BITS) out[at++] = digits[(held >>> (bits - BITS)) & 31];
  }
  if (bits > 0) out[at++] = digits[(held << (BITS - bits)) & 31];
  return out.toString("latin1", 0, at);
}

/** `text` as ASCII, without padding. Refuses foreign characters and lengths that no bytes have. */
export function decodeBase32(text: Uint8Array): Uint8Array | Fault {
  const out = Buffer.allocUnsafe(Math.floor((text.length * BITS) / 8));
  let [at, held, bits] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const value = values[text[i]];
    if (value === NONE) return fault(`character ${text[i]} at ${i}, allowed are A-Z and 2-7`);
    held = ((held & 255) << BITS) | value;
    bits += BITS;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = held >>> bits;
  }
  if (bits >= BITS) return fault(`${text.length} characters, a length that no bytes have`);
  return out;
}

function fault(seen: string): Fault {
  return { code: FaultCode.BASE32, reason: `base32: ${seen}` };
}
