/** Packet payloads into messages and back (shared/message.ts). No payload is refused: what cannot be read is handed on as it is. */
import { EMPTY_MESSAGE, Payload } from "../../shared/message.ts";
import { isTooDeep, MAX_DEPTH } from "./json-depth.ts";

export type Message = Record<string, unknown>;

/** Types of messages the gateway itself gives to payloads it cannot read; the bytes are in `blob`, as base64. */
export const UNREADABLE_TYPE = "bowline:unreadable";

/** The message of bytes[start…end); null for the empty one. Never throws. */
export function parsePayload(bytes: Uint8Array, start: number, end: number): Message | null {
  if (end > start && bytes[start] === Payload.JSON_START) {
    // What a socket gave is a Buffer, and gives its text without a view of its own.
    const text =
      bytes instanceof Buffer
        ? bytes.toString("utf8", start, end)
        : viewOf(bytes, start, end).toString("utf8");
    if (text === EMPTY_MESSAGE) return null;
    if (isTooDeep(text)) return unreadable(viewOf(bytes, start, end), `JSON nested deeper than ${MAX_DEPTH}`);
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === "object" && parsed !== null) return parsed as Message;
    } catch (error) {
      return unreadable(viewOf(bytes, start, end), `no JSON: ${(error as Error).message}`);
    }
  }
  const payload = viewOf(bytes, start, end);
  if (payload.length === 0) return unreadable(payload, "an empty packet");
  const typeSize = payload[0];
  if (typeSize < 1 || typeSize > Payload.MAX_BLOB_TYPE)
    return unreadable(payload, `a blob's type of ${typeSize} bytes, allowed 1…${Payload.MAX_BLOB_TYPE}`);
  if (payload.length < 1 + typeSize) return unreadable(payload, "a blob cut short in its type");
  const type = payload.toString("latin1", 1, 1 + typeSize);
  return { ot: type, blob: payload.toString("base64", 1 + typeSize) };
}

/** The bytes of a message. */
export function formatPayload(message: object): Uint8Array {
  return Buffer.from(JSON.stringify(message), "utf8");
}

function viewOf(bytes: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
}

function unreadable(payload: Buffer, err: string): Message {
  return { ot: UNREADABLE_TYPE, err, blob: payload.toString("base64") };
}
