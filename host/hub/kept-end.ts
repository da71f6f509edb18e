/** A task that has ended as it is kept over a restart: the same id again is the same task, with its answer. */
import type { Encoding } from "../monique/message.ts";
import { parseHead } from "./parse-head.ts";
import type { Task, TaskAnswer, TaskFields, TaskWay } from "./task.ts";
import type { TaskState } from "./views.ts";

// document:  headSize:4  head: JSON  data of its result          size big-endian

interface Head extends TaskFields {
  way: TaskWay;
  digest: string;
  state: TaskState;
  on: string;
  at: number;
  deliveries: number;
  listeners: number;
  error?: TaskAnswer["error"];
  /** Of the data; absent: there is none. */
  encoding?: Encoding;
}

export interface KeptEnd extends Omit<Head, "error" | "encoding"> {
  answer: TaskAnswer;
}

const SIZE_BYTES = 4;
const none = new Uint8Array(0);

export function encodeKeptEnd(task: Task): Uint8Array {
  const { id, spec, creator, parent, createdAt, expiresAt } = task;
  const { way, digest, state, on, at, deliveries, listeners, answer } = task;
  const { data, encoding = "JSON", error } = answer!;
  const head: Head = {
    ...{ id, spec, creator, parent, createdAt, expiresAt },
    ...{ way, digest, state, on, at, deliveries, listeners },
    ...(error !== undefined && { error }),
    ...(data !== undefined && { encoding }),
  };
  const text = Buffer.from(JSON.stringify(head));
  const size = Buffer.alloc(SIZE_BYTES);
  size.writeUInt32BE(text.length);
  return Buffer.concat([size, text, data ?? none]);
}

/** undefined for what is none: it was written by another version. */
export function decodeKeptEnd(bytes: Uint8Array): KeptEnd | undefined {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = whole.length < SIZE_BYTES ? Infinity : SIZE_BYTES + whole.readUInt32BE(0);
  if (start > whole.length) return undefined;
  const head = parseHead<Head>(whole.toString("utf8", SIZE_BYTES, start));
  if (head === undefined) return undefined;
  const { error, encoding, ...rest } = head;
  const answer: TaskAnswer = {
    on: rest.on,
    ...(error !== undefined && { error }),
    ...(encoding !== undefined && { encoding, data: new Uint8Array(whole.subarray(start)) }),
  };
  return { ...rest, answer };
}
