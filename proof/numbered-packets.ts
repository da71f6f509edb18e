/** An endless run of packets that tell their place, so that one which is lost, repeated, moved or spoiled shows at once. */
import type { SendBuffer } from "../shared/session/send-buffer.ts";
import { appendPacket } from "../shared/session/send-buffer.ts";
import { hold } from "./proof.ts";

/** wire:  number:4  filler:~   big-endian; the filler's size and value follow from the number */
const NUMBER_BYTES = 4;
const MOST_FILLER_BYTES = 40;
/** Every so many packets is one whose size takes two bytes. */
const LONG_EVERY = 64;
const LONG_BYTES = 300;

const scratch = new Uint8Array(NUMBER_BYTES + LONG_BYTES);

function sizeOf(n: number): number {
  return NUMBER_BYTES + (n % LONG_EVERY === LONG_EVERY - 1 ? LONG_BYTES : (n * 7919) % MOST_FILLER_BYTES);
}

/** Appends packet `n`; false when there is no room. */
export function appendNumbered(buffer: SendBuffer, n: number): boolean {
  const size = sizeOf(n);
  scratch[0] = n >>> 24;
  scratch[1] = n >>> 16;
  scratch[2] = n >>> 8;
  scratch[3] = n;
  scratch.fill(n, NUMBER_BYTES, size);
  const held = appendPacket(buffer, scratch, 0, size);
  return held > 0;
}

/** That bytes[start…end) is packet `n`, and the session counts it as such. */
export function checkNumbered(bytes: Uint8Array, start: number, end: number, index: number, n: number): void {
  const got =
    ((bytes[start] << 24) | (bytes[start + 1] << 16) | (bytes[start + 2] << 8) | bytes[start + 3]) >>> 0;
  hold(got === n && index === n, () => `packet ${n} was to come: ${got} came, with index ${index}`);
  hold(end - start === sizeOf(n), () => `packet ${n}: ${end - start} bytes, ${sizeOf(n)} were sent`);
  const filler = n & 255;
  for (let at = start + NUMBER_BYTES; at < end; at++)
    if (bytes[at] !== filler) hold(false, `packet ${n}: byte ${at - start} is spoiled`);
}
