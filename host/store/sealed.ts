/**
 * Values that tell when a byte of them was changed: LevelDB hands a damaged one on without a word (iotgw §10, rule 6).
 *
 *   value:  crc:4 (CRC-32 of key and content, little-endian)  content:~
 *
 * The key is covered too, so that a value under a damaged key is not taken for another's.
 */
import { crc32 } from "node:zlib";

const CRC_BYTES = 4;

/** A JSON document, sealed. */
export function seal(key: string, document: object): Buffer {
  const text = JSON.stringify(document);
  const value = Buffer.allocUnsafe(CRC_BYTES + Buffer.byteLength(text));
  value.write(text, CRC_BYTES);
  return sealInPlace(key, value);
}

/** The document of a sealed value; undefined when it is damaged. */
export function unseal(key: string, value: Buffer): unknown {
  if (!isWhole(key, value)) return undefined;
  return JSON.parse(value.toString("utf8", CRC_BYTES));
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
