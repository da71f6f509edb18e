/** A stream as it comes from a socket or a port: its bytes in chunks of one size, each with memory of its own. */

/** `stream` is filled up with `filler` to whole chunks; RangeError when it would need filling and there is none. */
export function cut(stream: Uint8Array, size: number, filler?: number): Buffer[] {
  const missing = (size - (stream.length % size)) % size;
  if (missing > 0 && filler === undefined)
    throw new RangeError(
      `cut: ${stream.length} bytes are not whole chunks of ${size}, and there is no filler`,
    );
  const whole = Buffer.concat([stream, Buffer.alloc(missing, filler)]);
  const chunks: Buffer[] = [];
  for (let at = 0; at < whole.length; at += size) {
    const chunk = Buffer.from(new ArrayBuffer(size));
    whole.copy(chunk, 0, at, at + size);
    chunks.push(chunk);
  }
  return chunks;
}

/** A JSON message of exactly `size` bytes, 7-bit as boards write it, another for each `number`. */
export function jsonMessage(number: number, size: number): Buffer {
  const head = `{"ot":"l:bench","t":1700000000000,"v":${number},"text":"`;
  return Buffer.from(`${head}${"abcdefgh".repeat(size)}`.slice(0, size - 2).concat('"}'));
}
