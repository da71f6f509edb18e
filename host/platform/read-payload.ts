/**
 * Packet payloads into messages (shared/message.ts), in Node and in a browser. No payload is refused: what cannot be read
 * is handed on as it is.
 */
import { EMPTY_MESSAGE, Payload } from "../../shared/message.ts";
import { isTooDeep, MAX_DEPTH } from "./json-depth.ts";

export type Message = Record<string, unknown>;

/** The text of bytes[start…end): Node and browsers have different ways to it. */
export interface ByteText {
  utf8(bytes: Uint8Array, start: number, end: number): string;
  /** A character for each byte. */
  latin1(bytes: Uint8Array, start: number, end: number): string;
  base64(bytes: Uint8Array, start: number, end: number): string;
}

/** Types of messages the gateway itself gives to payloads it cannot read; the bytes are in `blob`, as base64. */
export const UNREADABLE_TYPE = "bowline:unreadable";

/** The message of bytes[start…end); null for the empty one. Never throws. */
export function readPayload(bytes: Uint8Array, start: number, end: number, read: ByteText): Message | null {
  if (end > start && bytes[start] === Payload.JSON_START) {
    const text = read.utf8(bytes, start, end);
    if (text === EMPTY_MESSAGE) return null;
    if (isTooDeep(text)) return unreadable(bytes, start, end, read, `JSON nested deeper than ${MAX_DEPTH}`);
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === "object" && parsed !== null) return parsed as Message;
    } catch (error) {
      return unreadable(bytes, start, end, read, `no JSON: ${(error as Error).message}`);
    }
  }
  return readBlob(bytes, start, end, read);
}

function readBlob(bytes: Uint8Array, start: number, end: number, read: ByteText): Message {
  const size = end - start;
  if (size === 0) return unreadable(bytes, start, end, read, "an empty packet");
  const typeSize = bytes[start];
  if (typeSize < 1 || typeSize > Payload.MAX_BLOB_TYPE) {
    const err = `a blob's type of ${typeSize} bytes, allowed 1…${Payload.MAX_BLOB_TYPE}`;
    return unreadable(bytes, start, end, read, err);
  }
  if (size < 1 + typeSize) return unreadable(bytes, start, end, read, "a blob cut short in its type");
  const blob = start + 1 + typeSize;
  return { ot: read.latin1(bytes, start + 1, blob), blob: read.base64(bytes, blob, end) };
}

function unreadable(bytes: Uint8Array, start: number, end: number, read: ByteText, err: string): Message {
  return { ot: UNREADABLE_TYPE, err, blob: read.base64(bytes, start, end) };
}
