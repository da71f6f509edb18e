/** Entries of a database as the bytes of a backup's chunk, and back. */
import type { Entry } from "../store/database.ts";

const HEAD_BYTES = 6;

export function encodeEntries(entries: readonly Entry[]): Buffer {
  const size = entries.reduce(
    (sum, [key, value]) => sum + HEAD_BYTES + Buffer.byteLength(key) + value.length,
    0,
  );
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [key, value] of entries) {
    const keySize = bytes.write(key, at + HEAD_BYTES);
    bytes.writeUInt16LE(keySize, at);
    bytes.writeUInt32LE(value.length, at + 2);
    at += HEAD_BYTES + keySize;
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
}

/** null: it ends within an entry. */
export function decodeEntries(bytes: Buffer): Entry[] | null {
  const entries: Entry[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + HEAD_BYTES > bytes.length) return null;
    const key = at + HEAD_BYTES;
    const value = key + bytes.readUInt16LE(at);
    const end = value + bytes.readUInt32LE(at + 2);
    if (end > bytes.length) return null;
    entries.push([bytes.toString("utf8", key, value), bytes.subarray(value, end)]);
    at = end;
  }
  return entries;
}
