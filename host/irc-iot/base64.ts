/** Base64, standard alphabet, without padding. Node's own decoder passes over what is no character of it; this one refuses. */
import { type Fault, FaultCode } from "./fault-code.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const isDigit = new Uint8Array(256);
for (const digit of Buffer.from(ALPHABET)) isDigit[digit] = 1;

export function encodeBase64(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  const rest = bytes.length % 3;
  return rest === 0 ? text : text.slice(0, rest - 3);
}

/** `text` as ASCII, without padding. */
export function decodeBase64(text: Uint8Array): Uint8Array | Fault {
  if (text.length % 4 === 1) return fault(`${text.length} characters, a length that no bytes have`);
  for (let i = 0; i < text.length; i++)
    if (isDigit[text[i]] === 0)
      return fault(`character ${text[i]} at ${i}, allowed are A-Z, a-z, 0-9, + and /`);
  return Buffer.from(Buffer.from(text.buffer, text.byteOffset, text.length).toString("latin1"), "base64");
}

function fault(seen: string): Fault {
  return { code: FaultCode.BASE64, reason: `base64: ${seen}` };
}
