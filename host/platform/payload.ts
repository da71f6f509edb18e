/** Packet payloads into messages and back, in Node (shared/message.ts). */
import { type ByteText, type Message, readPayload } from "./read-payload.ts";

const nodeText: ByteText = {
  utf8: (bytes, start, end) => bufferOf(bytes).toString("utf8", start, end),
  latin1: (bytes, start, end) => bufferOf(bytes).toString("latin1", start, end),
  base64: (bytes, start, end) => bufferOf(bytes).toString("base64", start, end),
};

/** The message of bytes[start…end); null for the empty one. Never throws. */
export function parsePayload(bytes: Uint8Array, start: number, end: number): Message | null {
  return readPayload(bytes, start, end, nodeText);
}

/** The bytes of a message. */
export function formatPayload(message: object): Uint8Array {
  return Buffer.from(JSON.stringify(message), "utf8");
}

/** What a socket gave is one already. */
function bufferOf(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
