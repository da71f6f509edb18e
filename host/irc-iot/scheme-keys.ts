/** Keys of schemes: which there are, and how people write those of 32 bytes. */
import { Buffer } from "node:buffer";
import type { KeyLike } from "node:crypto";

/** Of AES, in b85U and in the reference's ciphers. */
export const SYMMETRIC_KEY_BYTES = 32;

const HEX = /^[0-9a-fA-F]{64}$/;
const CHARACTERS = /^[\x20-\x7e]{32}$/;

export interface SchemeKeys {
  /** 32 bytes, of b85U. */
  sealing?: Uint8Array;
  /** The reference's ciphers are read when this is here, and with it alone: they are worth nothing. */
  legacy?: { aes?: Uint8Array; rsa?: KeyLike };
}

/** 64 digits of hex, or 32 characters of ASCII, as the reference has it; null: neither. */
export function parseSymmetricKey(text: string): Uint8Array | null {
  if (HEX.test(text)) return Buffer.from(text, "hex");
  return CHARACTERS.test(text) ? Buffer.from(text, "latin1") : null;
}
