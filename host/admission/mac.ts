/** HMAC-SHA256 over the texts of shared/proof.ts, and comparing what it gives in constant time (D7). */
import { createHmac, timingSafeEqual } from "node:crypto";

/** The HMAC of a byte string, one character a byte. */
export function mac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text, "latin1").digest();
}

/** Whether `shown` is the beginning of the HMAC of `text`; its length is no secret. */
export function isMac(key: Uint8Array, text: string, shown: Uint8Array): boolean {
  const expected = mac(key, text);
  return (
    shown.length > 0 &&
    shown.length <= expected.length &&
    timingSafeEqual(expected.subarray(0, shown.length), shown)
  );
}

/** Bytes as a byte string. */
export function byteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
