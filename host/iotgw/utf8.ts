/** Text in bodies: UTF-8, and nothing else. */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** undefined when the bytes are no UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined; // the one thing `fatal` throws for
  }
}

export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}
