/** Bytes into text and back by what browsers and Node both have. */
import type { ByteText } from "../platform/read-payload.ts";

/** btoa() and String.fromCharCode() take their characters as arguments, of which an engine allows some ten thousand. */
const CHARACTERS_AT_ONCE = 8192;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export const plainText: ByteText = {
  utf8: (bytes, start, end) => decoder.decode(bytes.subarray(start, end)),
  latin1: (bytes, start, end) => latin1Of(bytes.subarray(start, end)),
  base64: (bytes, start, end) => btoa(latin1Of(bytes.subarray(start, end))),
};

/** A character for each byte. */
export function latin1Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHARACTERS_AT_ONCE)
    text += String.fromCharCode(...bytes.subarray(at, at + CHARACTERS_AT_ONCE));
  return text;
}

export function concatBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** Of hex without separators, as a WireState has it. */
export function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
