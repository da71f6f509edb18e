/** The engine of Node for the shared codec: no view, so no allocation, for a checksum or a short copy. */
import type { Engine } from "../../shared/engine.ts";

/** Up to so many bytes a loop, which allocates nothing; above, it takes three times as long as a view for set(). */
const SHORT = 128;

/**
 * Slicing-by-8 tables for CRC-32 (reflected, polynomial 0xEDB88320): tables[256·k + byte]. By 16 is no faster on a frame,
 * and zlib.crc32 needs a view.
 */
const tables = makeTables();

export const nodeEngine: Engine = { crc32, copy };

/** CRC-32 of bytes[start…end), or of all that `before` is the CRC-32 of with them behind it. */
export function crc32(bytes: Uint8Array, start: number, end: number, before = 0): number {
  const t = tables;
  let crc = ~before;
  let at = start;
  for (const last = end - 7; at < last; at += 8) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    crc =
      t[1792 + (crc & 255)] ^
      t[1536 + ((crc >>> 8) & 255)] ^
      t[1280 + ((crc >>> 16) & 255)] ^
      t[1024 + (crc >>> 24)] ^
      t[768 + bytes[at + 4]] ^
      t[512 + bytes[at + 5]] ^
      t[256 + bytes[at + 6]] ^
      t[bytes[at + 7]];
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ t[(crc ^ bytes[at]) & 255];
  return ~crc;
}

function copy(target: Uint8Array, at: number, source: Uint8Array, start: number, end: number): void {
  if (target === source) target.copyWithin(at, start, end);
  else if (end - start === source.length) target.set(source, at);
  else if (end - start > SHORT) target.set(source.subarray(start, end), at);
  else for (let from = start, to = at; from < end; from++, to++) target[to] = source[from];
}

function makeTables(): Int32Array {
  const t = new Int32Array(2048);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    t[i] = crc;
  }
  for (let i = 0; i < 1792; i++) t[256 + i] = (t[i] >>> 8) ^ t[t[i] & 255];
  return t;
}
