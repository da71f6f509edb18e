/**
 * The first 64 bytes of each side (ZMTP 3.0), told apart byte by byte, so that a stranger is refused by its first ones.
 *
 * ```
 * wire:  ff  padding:8  7f  major:1  minor:1  mechanism:20  as-server:1  filler:31
 *        ff 0000000000000001 7f 03 00 4e554c4c 00… 00 00…
 * ```
 */
import type { ZmtpFault } from "./fault.ts";

export const GREETING_BYTES = 64;
const [SIGNATURE_END, MAJOR, MINOR, MECHANISM, MECHANISM_END] = [9, 10, 11, 12, 32];
const NULL = Buffer.from("NULL".padEnd(MECHANISM_END - MECHANISM, "\0"), "latin1");

/** Ours: 3.0, so that subscriptions come as messages, which every version can send. */
export const greeting: Uint8Array = Buffer.concat([
  Buffer.from("ff00000000000000017f0300", "hex"),
  NULL,
  Buffer.alloc(GREETING_BYTES - MECHANISM_END),
]);

export interface Greeting {
  readonly major: number;
  readonly minor: number;
}

/** How many bytes of a greeting must be there before anything more can be said of it, having seen `seen`. */
export function greetingStep(seen: number): number {
  for (const step of [1, SIGNATURE_END + 1, MINOR, MECHANISM_END]) if (seen < step) return step;
  return GREETING_BYTES;
}

/** What is wrong with what is there of a greeting, null: nothing so far. */
export function greetingFault(bytes: Uint8Array, start: number, end: number): ZmtpFault | null {
  const size = end - start;
  const isSigned =
    (size < 1 || bytes[start] === 0xff) && (size <= SIGNATURE_END || bytes[start + 9] === 0x7f);
  if (!isSigned) {
    const seen = Buffer.from(bytes.subarray(start, Math.min(end, start + SIGNATURE_END + 1))).toString("hex");
    return { code: "BAD_GREETING", text: `reading a greeting: ${seen}; allowed is ff, 8 bytes, 7f` };
  }
  if (size > MAJOR && bytes[start + MAJOR] < 3) {
    const text = `reading a greeting: version ${bytes[start + MAJOR]}; allowed are 3 and above`;
    return { code: "BAD_VERSION", text };
  }
  if (size < MECHANISM_END) return null;
  const mechanism = Buffer.from(bytes.subarray(start + MECHANISM, start + MECHANISM_END));
  if (mechanism.equals(NULL)) return null;
  const name = JSON.stringify(mechanism.toString("latin1").replace(/\0+$/, ""));
  return { code: "BAD_MECHANISM", text: `reading a greeting: mechanism ${name}; allowed is NULL` };
}

export function readGreeting(bytes: Uint8Array, start: number): Greeting {
  return { major: bytes[start + MAJOR], minor: bytes[start + MINOR] };
}
