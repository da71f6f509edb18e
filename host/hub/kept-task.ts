/** A task as it is kept over a restart: its bytes, and the little that they do not tell. */

import type { Parts } from "./own-messages.ts";
import type { TaskWay } from "./task.ts";

// document:  headSize:4  head: JSON  tagSize:4  tag  body          sizes big-endian

export interface KeptTask {
  way: TaskWay;
  digest: string;
  /** It is to be stopped: nobody is given it any more. */
  isKilled: boolean;
  parts: Parts;
}

const SIZE_BYTES = 4;

export function encodeKeptTask({ way, digest, isKilled, parts: [tag, body] }: KeptTask): Uint8Array {
  const head = Buffer.from(JSON.stringify({ way, digest, isKilled }));
  return Buffer.concat([sizeOf(head), head, sizeOf(tag), tag, body]);
}

/** undefined for what is none: it was written by another version. */
export function decodeKeptTask(bytes: Uint8Array): KeptTask | undefined {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const head = sized(whole, 0);
  const tag = head && sized(whole, SIZE_BYTES + head.length);
  if (head === undefined || tag === undefined) return undefined;
  const { way, digest, isKilled } = JSON.parse(head.toString()) as KeptTask;
  return { way, digest, isKilled, parts: [tag, whole.subarray(2 * SIZE_BYTES + head.length + tag.length)] };
}

function sizeOf({ length }: Uint8Array): Uint8Array {
  const size = Buffer.alloc(SIZE_BYTES);
  size.writeUInt32BE(length);
  return size;
}

function sized(whole: Buffer, at: number): Buffer | undefined {
  if (at + SIZE_BYTES > whole.length) return undefined;
  const end = at + SIZE_BYTES + whole.readUInt32BE(at);
  return end > whole.length ? undefined : whole.subarray(at + SIZE_BYTES, end);
}
