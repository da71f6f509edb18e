/** node:crypto as the gateway uses it, with random bytes that a schedule's seed repeats. */
import { createHash, createHmac, hash, timingSafeEqual } from "node:crypto";
import { virtualRandom } from "./virtual-time.ts";

export { createHash, createHmac, hash, timingSafeEqual };

export function randomBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i++) bytes[i] = Math.floor(virtualRandom() * 256);
  return bytes;
}
