/** Text of a stranger: UTF-8, and nothing else. */
import { isUtf8 } from "node:buffer";

/** undefined when the bytes are no UTF-8: found before anything is made of them, for an error costs as much as the rest. */
export function textOf(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? bufferOf(bytes).toString("utf8") : undefined;
}

/** The same bytes, as the class that gives text. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** At most so many characters of a text that a stranger made, on their own: a slice would hold all of it in memory. */
export function beginningOf(text: string, characters: number): string {
  return text.length <= characters ? text : Buffer.from(text.slice(0, characters)).toString();
}
