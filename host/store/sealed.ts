/**
 * Values that tell when a byte of them was changed: LevelDB hands a damaged one on without a word (iotgw §10, rule 6).
 *
 *   value     crc:4 (CRC-32 of key and content, little-endian)  content:~
 *   document  JSON, which begins with "{" or "["
 *             00  bytes:~     as they were handed over
 *
 * The key is covered too, so that a value under a damaged key is not taken for another's.
 */
import { crc32 } from "node:zlib";

const CRC_BYTES = 4;

/** The first byte of a document that is no JSON. */
const BYTES = 0;

/** A document, sealed: its bytes when it is some, else its JSON. */
export function seal(key: string, document: object): Buffer {
  return document instanceof Uint8Array ? sealBytes(key, document) : sealJson(key, document);
}

/** The document of a sealed value, bytes as a part of it; undefined when it is damaged. */
export function unseal(key: string, value: Buffer): unknown {
  return isWhole(key, value) ? open(value) : undefined;
}

/** The document of a whole value. */
export function open(value: Buffer): unknown {
  if (value[CRC_BYTES] === BYTES) return value.subarray(CRC_BYTES + 1);
  return JSON.parse(value.toString("utf8", CRC_BYTES));
}

function sealJson(key: string, document: object): Buffer {
  const text = JSON.stringify(document);
  const value = Buffer.allocUnsafe(CRC_BYTES + Buffer.byteLength(text));
  value.write(text, CRC_BYTES);
  return sealInPlace(key, value);
}

function sealBytes(key: string, bytes: Uint8Array): Buffer {
  const value = Buffer.allocUnsafe(CRC_BYTES + 1 + bytes.length);
  value[CRC_BYTES] = BYTES;
  value.set(bytes, CRC_BYTES + 1);
  return sealInPlace(key, value);
}

/** Fills in the first four bytes of `value`. */
export function sealInPlace(key: string, value: Buffer): Buffer {
  value.writeUInt32LE(checksum(key, value), 0);
  return value;
}

export function isWhole(key: string, value: Buffer): boolean {
  return value.length >= CRC_BYTES && checksumOf(value) === checksum(key, value);
}

/** The checksum that a sealed value carries. */
export function checksumOf(value: Uint8Array): number {
  return (value[0] | (value[1] << 8) | (value[2] << 16) | (value[3] << 24)) >>> 0;
}

function checksum(key: string, value: Buffer): number {
  return crc32(value.subarray(CRC_BYTES), crc32(key));
}
