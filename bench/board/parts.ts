/** What both clients have: the board's engine, its clock, and the session's buffers. */
import type { Engine } from "../../shared/engine.ts";
import { createSendBuffer } from "../../shared/session/send-buffer.ts";
import { Size } from "./sizes.ts";

export const boardEngine: Engine = {
  crc32: (bytes, start, end) => E.CRC32(bytes.subarray(start, end)),
  copy: (target, at, source, start, end) => {
    target.set(source.subarray(start, end), at);
  },
};

export const partial = new Uint8Array(Size.PARTIAL);
export const main = createSendBuffer(new Uint8Array(Size.WINDOW), Size.WINDOW);
export const slot = createSendBuffer(new Uint8Array(Size.SLOT), Size.SLOT);

const bootTime = getTime();

/** ms since boot. */
export function now(): number {
  return (getTime() - bootTime) * 1000;
}
