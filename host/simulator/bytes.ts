/** How the board turns values into bytes: E.toUint8Array, Serial.write and Storage.write all flatten alike. */
import { types } from "node:util";

/** Strings give a byte a character, numbers their low byte, arrays and views each element; other things nothing. */
export function flatten(...data: unknown[]): Uint8Array {
  // Nearly always one string or one view of bytes, which need not be taken to pieces.
  const [first] = data;
  if (data.length === 1 && typeof first === "string") return Uint8Array.from(Buffer.from(first, "latin1"));
  if (data.length === 1 && types.isUint8Array(first)) return new Uint8Array(first);
  return Uint8Array.from(data.flatMap(bytesOf));
}

function bytesOf(value: unknown): number[] {
  if (typeof value === "string") return [...Buffer.from(value, "latin1")];
  if (typeof value === "number" || typeof value === "boolean") return [Number(value) & 255];
  if (types.isAnyArrayBuffer(value)) return [...new Uint8Array(value)];
  if (Array.isArray(value) || types.isTypedArray(value))
    return Array.from(value as unknown[]).flatMap(bytesOf);
  return [];
}

/** A byte string: one character a byte. */
export function toByteString(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
