/** Schemes: how a Datum's JSON becomes the text of `ed` and back. Compressed first, then sealed, then written in a base. */
import { deflateSync, inflateSync } from "node:zlib";
import { decodeBase32, encodeBase32 } from "./base32.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { decodeBase85, encodeBase85 } from "./base85.ts";
import { type Fault, FaultCode, IrcIotError } from "./fault-code.ts";
import { openAes, openRsa } from "./legacy-cipher.ts";
import type { Limits } from "./limits.ts";
import { type SchemeKeys, SYMMETRIC_KEY_BYTES } from "./scheme-keys.ts";
import { type Bound, seal, unseal } from "./seal.ts";

/** How a peer's Datums are encoded where its fragments do not say it themselves, and with which keys. */
export interface SchemeSettings {
  scheme: string;
  keys?: SchemeKeys;
}

type Base = "b32" | "b64" | "b85";
type Cipher = "none" | "aes" | "rsa" | "sealed";

interface Scheme {
  base: Base;
  isCompressed: boolean;
  cipher: Cipher;
}

/** The third letter behind the base: a capital one compresses first. */
const bases: readonly Base[] = ["b32", "b64", "b85"];
const letters: Readonly<Record<string, Omit<Scheme, "base">>> = {
  p: { isCompressed: false, cipher: "none" },
  z: { isCompressed: true, cipher: "none" },
  a: { isCompressed: false, cipher: "aes" },
  A: { isCompressed: true, cipher: "aes" },
  r: { isCompressed: false, cipher: "rsa" },
  Z: { isCompressed: true, cipher: "rsa" },
  U: { isCompressed: true, cipher: "sealed" },
};
/** All that are read. Of ciphers those that exist: RSA with base85 crashes at its only sender, and b85U is ours. */
export const schemeNames = [
  "b32p",
  "b64p",
  "b85p",
  "b32z",
  "b64z",
  "b85z",
  "b64a",
  "b85a",
  "b64A",
  "b85A",
  "b64r",
  "b64Z",
  "b85U",
];
const schemes = new Map<string, Scheme>(
  schemeNames.map((name) => [
    name,
    { base: bases.find((base) => name.startsWith(base))!, ...letters[name[3]] },
  ]),
);

const encoders = { b32: encodeBase32, b64: encodeBase64, b85: encodeBase85 };
const decoders = { b32: decodeBase32, b64: decodeBase64, b85: decodeBase85 };
const PADDING = 61; // "="
/** Bytes that inflating gets at once: an inflater that failed holds them until the event loop turns. */
const CHUNK_BYTES = 2048;
const notCompressed: Fault = { code: FaultCode.ZLIB_HEADER, reason: "zlib: these are no compressed bytes" };
/** A short tail of base85 can be written in several ways; of what is sealed the sender's alone is taken. */
const notAsSealed: Fault = { code: FaultCode.SEALED, reason: "sealed: its last characters were changed" };

/** Whether we write it: all that is read, but for the reference's ciphers. */
export function isWritten(name: string): boolean {
  const cipher = schemes.get(name)?.cipher;
  return cipher === "none" || cipher === "sealed";
}

/** Whether nothing of a Datum may be seen, however small it is. */
export function isSealing(name: string): boolean {
  return schemes.get(name)?.cipher === "sealed";
}

/** The same without its cipher: keys are told to everybody. */
export function openScheme(name: string): string {
  return isSealing(name) ? `${name.slice(0, 3)}z` : name;
}

/** IrcIotError for a scheme that we do not write, or whose key is not here. */
export function encodeText(
  name: string,
  bytes: Uint8Array,
  keys: SchemeKeys | undefined,
  bound: Bound,
): string {
  const scheme = schemes.get(name);
  if (scheme === undefined || !isWritten(name))
    throw new IrcIotError(
      FaultCode.SCHEME,
      `scheme ${name}: not written, allowed are ${schemeNames.filter(isWritten).join(", ")}`,
    );
  const sealing = keys?.sealing;
  if (scheme.cipher === "sealed" && sealing?.length !== SYMMETRIC_KEY_BYTES)
    throw new IrcIotError(FaultCode.KEY, `scheme ${name}: no key of ${SYMMETRIC_KEY_BYTES} bytes`);
  let out = scheme.isCompressed ? deflateSync(bytes) : bytes;
  if (scheme.cipher === "sealed") out = seal(out, sealing!, bound);
  return encoders[scheme.base](out);
}

/** `text` as ASCII, with its padding or without (IRC-IoT S-8). Never more than `limits.maxInflated` bytes. */
export function decodeText(
  name: string,
  text: Uint8Array,
  limits: Limits,
  keys: SchemeKeys | undefined,
  bound: Bound,
): Uint8Array | Fault {
  const scheme = schemes.get(name);
  if (scheme === undefined) return unknown(name);
  const encoded = decoders[scheme.base](scheme.base === "b85" ? text : withoutPadding(text));
  if ("code" in encoded) return encoded;
  if (scheme.cipher === "sealed" && encoders[scheme.base](encoded) !== Buffer.from(text).toString("latin1"))
    return notAsSealed;
  const bytes = open(name, scheme.cipher, encoded, keys, bound);
  if ("code" in bytes) return bytes;
  return scheme.isCompressed ? inflate(bytes, limits.maxInflated) : bytes;
}

function withoutPadding(text: Uint8Array): Uint8Array {
  let end = text.length;
  while (end > 0 && text[end - 1] === PADDING) end--;
  return text.subarray(0, end);
}

function open(
  name: string,
  cipher: Cipher,
  bytes: Uint8Array,
  keys: SchemeKeys | undefined,
  bound: Bound,
): Uint8Array | Fault {
  const noKey: Fault = { code: FaultCode.KEY, reason: `scheme ${name}: no key` };
  if (cipher === "none") return bytes;
  if (cipher === "sealed")
    return keys?.sealing?.length === SYMMETRIC_KEY_BYTES ? unseal(bytes, keys.sealing, bound) : noKey;
  if (keys?.legacy === undefined)
    return { code: FaultCode.SCHEME, reason: `scheme ${name}: read by an option alone` };
  const { aes, rsa } = keys.legacy;
  if (cipher === "aes") return aes?.length === SYMMETRIC_KEY_BYTES ? openAes(bytes, aes) : noKey;
  return rsa === undefined ? noKey : openRsa(bytes, rsa);
}

function inflate(bytes: Uint8Array, maxOutputLength: number): Uint8Array | Fault {
  if (!hasZlibHeader(bytes)) return notCompressed;
  try {
    return inflateSync(bytes, { maxOutputLength, chunkSize: CHUNK_BYTES });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      return { code: FaultCode.LENGTH_EXCEEDED, reason: `zlib: more than ${maxOutputLength} bytes` };
    if (code === "Z_BUF_ERROR")
      return { code: FaultCode.ZLIB_INCOMPLETE, reason: "zlib: its end is missing" };
    return notCompressed;
  }
}

/** RFC 1950: deflate with a window of at most 32 KiB, no dictionary, a check of both bytes. Most garbage ends here. */
function hasZlibHeader(bytes: Uint8Array): boolean {
  const [method, flags] = bytes;
  if (bytes.length < 2) return bytes.length === 1 && (method & 15) === 8;
  return (method & 15) === 8 && method >> 4 <= 7 && (method * 256 + flags) % 31 === 0 && (flags & 32) === 0;
}

function unknown(name: string): Fault {
  return {
    code: FaultCode.SCHEME,
    reason: `scheme ${name.slice(0, 16)}: not known, allowed are ${schemeNames.join(", ")}`,
  };
}
