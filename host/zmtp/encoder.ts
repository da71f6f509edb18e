/** Messages and commands as the bytes of their frames. */
import { Flag, LONG_HEADER_BYTES, SHORT_BODY_BYTES, SHORT_HEADER_BYTES } from "./frame.ts";

/** Property values that are text are sent as UTF-8. */
export type PropertyValues = Readonly<Record<string, string | Uint8Array>>;

/** All parts in one piece of memory of its own, which is never written again. */
export function encodeMessage(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 0) throw new RangeError("encodeMessage: no parts; allowed are 1 and more");
  let size = 0;
  for (let i = 0; i < parts.length; i++) size += frameBytes(parts[i].length);
  const bytes = Buffer.allocUnsafe(size);
  const last = parts.length - 1;
  let at = 0;
  for (let i = 0; i <= last; i++) at = writeFrame(bytes, at, i < last ? Flag.MORE : 0, parts[i]);
  return bytes;
}

export function encodeCommand(name: string, body: Uint8Array): Uint8Array {
  const content = Buffer.concat([counted(name), body]);
  const bytes = Buffer.allocUnsafe(frameBytes(content.length));
  writeFrame(bytes, 0, Flag.COMMAND, content);
  return bytes;
}

/** READY of the mechanism NULL. */
export function encodeReady(socketType: string, properties: PropertyValues = {}): Uint8Array {
  const all = Object.entries({ "Socket-Type": socketType, ...properties }).flatMap(([name, value]) => {
    const bytes = Buffer.from(value as string); // bytes are copied, text is encoded
    const size = Buffer.alloc(4);
    size.writeUInt32BE(bytes.length);
    return [counted(name), size, bytes];
  });
  return encodeCommand("READY", Buffer.concat(all));
}

function counted(name: string): Buffer {
  const bytes = Buffer.from(name, "latin1");
  if (bytes.length === 0 || bytes.length > 255)
    throw new RangeError(`a name in a command: ${bytes.length} bytes; allowed are 1…255`);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

function frameBytes(size: number): number {
  return size + (size > SHORT_BODY_BYTES ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES);
}

/** Returns where it ends. */
function writeFrame(target: Buffer, at: number, flags: number, body: Uint8Array): number {
  const size = body.length;
  if (size > SHORT_BODY_BYTES) {
    target[at] = flags | Flag.LONG;
    target.writeUInt32BE(0, at + 1);
    target.writeUInt32BE(size, at + 5);
    at += LONG_HEADER_BYTES;
  } else {
    target[at] = flags;
    target[at + 1] = size;
    at += SHORT_HEADER_BYTES;
  }
  target.set(body, at);
  return at + size;
}
