/** A task as it is kept over a restart: its bytes, and the little that they do not tell. */

import type { Parts } from "./own-messages.ts";
import { parseHead } from "./parse-head.ts";
import type { Task, TaskFields, TaskWay } from "./task.ts";

// document:  headSize:4  head: JSON  tagSize:4  tag  body          sizes big-endian

/** How far one came that was published: nobody publishes it again, so it is kept without its bytes. */
export interface KeptPublished {
  fields: TaskFields;
  state: "queued" | "delivered" | "running";
  on: string;
  at: number;
  listeners: number;
}

export interface KeptTask {
  way: TaskWay;
  digest: string;
  /** It is to be stopped: nobody is given it any more. */
  isKilled: boolean;
  published?: KeptPublished;
  /** Empty ones of what was published. */
  parts: Parts;
}

const SIZE_BYTES = 4;
const none = new Uint8Array(0);

export function encodeKeptTask({ parts: [tag, body], ...rest }: KeptTask): Uint8Array {
  const head = Buffer.from(JSON.stringify(rest));
  return Buffer.concat([sizeOf(head), head, sizeOf(tag), tag, body]);
}

/** undefined for what is none: it was written by another version. */
export function decodeKeptTask(bytes: Uint8Array): KeptTask | undefined {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const head = sized(whole, 0);
  const tag = head && sized(whole, SIZE_BYTES + head.length);
  if (head === undefined || tag === undefined) return undefined;
  const rest = parseHead<Omit<KeptTask, "parts">>(head.toString());
  if (rest === undefined) return undefined;
  return { ...rest, parts: [tag, whole.subarray(2 * SIZE_BYTES + head.length + tag.length)] };
}

/** null for one of which nothing is to be kept. */
export function keptTaskOf(task: Task): KeptTask | null {
  const { way, digest, isKilled, parts, hasEnded } = task;
  if (way !== "everyone") return parts === null ? null : { way, digest, isKilled, parts };
  if (hasEnded) return null;
  const { id, spec, creator, parent, createdAt, expiresAt, on, at, listeners } = task;
  const fields = { id, spec, creator, parent, createdAt, expiresAt };
  const state = task.state as KeptPublished["state"];
  return { way, digest, isKilled, published: { fields, state, on, at, listeners }, parts: [none, none] };
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
