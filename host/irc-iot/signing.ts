/**
 * A mid that is an Ed25519 signature: "ed" and its base64 without padding, 88 characters.
 *
 * What is signed is the text of the Container with the mid before it in place of its own, so each Container is tied
 * to the one before.
 */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { withValues } from "./container-text.ts";

export const SIGNED_MID_BYTES = 88;

const METHOD = "ed";
const SIGNATURE_BYTES = 64;
/** What stands before the 32 bytes of a key in its DER form (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const KEY = /^[0-9a-f]{64}$/i;
/** A mid that another can be signed behind: no other is worth a try. */
const ANCHOR = /^[A-Za-z0-9+/]{1,176}$/;

export function privateKeyOfSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new RangeError(`seed of an Ed25519 key: ${seed.length} bytes, allowed is 32`);
  return createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: "der", type: "pkcs8" });
}

/** null: these are not 64 digits of hex. */
export function publicKeyOfHex(hex: string): KeyObject | null {
  if (!KEY.test(hex)) return null;
  return createPublicKey({
    key: Buffer.concat([PUBLIC_PREFIX, Buffer.from(hex, "hex")]),
    format: "der",
    type: "spki",
  });
}

export function publicHexOf(privateKey: KeyObject): string {
  const der = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return der.subarray(der.length - 32).toString("hex");
}

export function signMid(privateKey: KeyObject, textWithPreviousMid: string): string {
  return METHOD + withoutPadding(sign(null, Buffer.from(textWithPreviousMid), privateKey));
}

/** Also that its base64 is the only one of its bytes: else one signature had several mids, each of them new. */
export function isSignedMid(mid: string): boolean {
  return mid.length === SIGNED_MID_BYTES && mid.startsWith(METHOD) && signatureOf(mid) !== null;
}

export function isAnchor(mid: string): boolean {
  return ANCHOR.test(mid);
}

/** Whether `mid` is this key's signature of `text`, which carries it, behind `previousMid`. */
export function isSignedBy(publicKey: KeyObject, text: string, mid: string, previousMid: string): boolean {
  const signature = signatureOf(mid);
  const signed = Buffer.from(withValues(text, { mid: previousMid }));
  return signature !== null && verify(null, signed, publicKey, signature);
}

function signatureOf(mid: string): Buffer | null {
  const bytes = Buffer.from(mid.slice(METHOD.length), "base64");
  return bytes.length === SIGNATURE_BYTES && METHOD + withoutPadding(bytes) === mid ? bytes : null;
}

function withoutPadding(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
