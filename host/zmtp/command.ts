/**
 * Commands of ZMTP 3: a name, and what it means.
 *
 * ```
 * wire:  nameSize:1  name:~  body:~
 * READY: { nameSize:1  name:~  valueSize:4  value:~ }          big-endian; names in any case
 * ERROR: reasonSize:1  reason:~
 * PING:  ttl:2  context:≤16        PONG: context
 * ```
 */
import type { ZmtpFault } from "./fault.ts";

/** A peer may give so much with its PING, and has it back. */
const CONTEXT_BYTES = 16;
const TTL_BYTES = 2;

export type Properties = ReadonlyMap<string, Uint8Array>;

export const noProperties: Properties = new Map();

/** Those of a READY, under names in lower case, in memory of their own. */
export function readProperties(body: Uint8Array): Map<string, Uint8Array> | ZmtpFault {
  const bytes = Buffer.from(body);
  const found = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + bytes[at];
    const valueStart = nameEnd + 4;
    const valueEnd = valueStart <= bytes.length ? valueStart + bytes.readUInt32BE(nameEnd) : Infinity;
    if (nameEnd === at + 1 || valueEnd > bytes.length) {
      const text = `reading READY: a property at byte ${at} of ${bytes.length}; allowed is name, size and value`;
      return { code: "BAD_COMMAND", text };
    }
    const name = bytes.toString("latin1", at + 1, nameEnd).toLowerCase();
    found.set(name, bytes.subarray(valueStart, valueEnd));
    at = valueEnd;
  }
  return found;
}

/** The context of a PING, a view; a fault when it is none. */
export function readPing(body: Uint8Array): Uint8Array | ZmtpFault {
  if (body.length >= TTL_BYTES && body.length <= TTL_BYTES + CONTEXT_BYTES) return body.subarray(TTL_BYTES);
  const text = `reading PING: ${body.length} bytes; allowed are ${TTL_BYTES}…${TTL_BYTES + CONTEXT_BYTES}`;
  return { code: "BAD_COMMAND", text };
}

/** Why the other end refuses us, in its words. */
export function readReason(body: Uint8Array): string {
  const size = Math.min(body.length === 0 ? 0 : body[0], body.length - 1);
  return Buffer.from(body.subarray(1, 1 + size)).toString("utf8");
}
