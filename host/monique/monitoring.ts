/** Heartbeats: how a component says that it is well (MoniQue MON2). */
import { readJson } from "./data.ts";
import { unpackValue } from "./pack-value.ts";
import { beginningOf } from "./utf8.ts";

/** The four fields, under the names they have on the wire. */
export interface Heartbeat {
  /** ms since 1970, by the component's clock; 0: it said none that could be read. */
  sync_time: number;
  name: string;
  is_alive: boolean;
  message: string;
}

/** One that cannot be read, as it came: the original escapes nothing in its text (MoniQue trap 9). */
export interface UnreadableHeartbeat {
  raw: string;
  /** When it can be told. */
  name?: string;
}

/** Of what cannot be read, characters; of a status text likewise. */
const MOST_RAW = 500;
const MAX_STATUS_CHARS = 4096;
const MOST_NAME = 128;
const HALF = /\p{Surrogate}/gu;
const NAME = /"name"\s*:\s*"([^"\\]{1,128})"/;

/** In the spacing of the original, so that its readers take it; all that JSON wants escaped is escaped. */
export function formatMonitoring({ sync_time, name, is_alive, message }: Heartbeat): Uint8Array {
  const said = message.length <= MAX_STATUS_CHARS ? message : `${message.slice(0, MAX_STATUS_CHARS)}…`;
  const text = `{ "sync_time" : ${sync_time}, "name" : ${JSON.stringify(name)}, "is_alive" : ${is_alive}, "message" : ${JSON.stringify(said)}}`;
  return Buffer.from(text, "utf8");
}

export function readMonitoring(data: Uint8Array): Heartbeat | UnreadableHeartbeat {
  const read = readJson(data) ?? unpackValue(data);
  return (isObject(read) ? heartbeatOf(read) : undefined) ?? unreadable(data);
}

export function isReadable(heartbeat: Heartbeat | UnreadableHeartbeat): heartbeat is Heartbeat {
  return !("raw" in heartbeat);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A time and a text that are absent say nothing, a name and a state are what it is for. */
function heartbeatOf(read: Record<string, unknown>): Heartbeat | undefined {
  const { name, is_alive, sync_time, message = "" } = read;
  if (typeof name !== "string" || name === "" || name.length > MOST_NAME) return undefined;
  // JSON can escape half a letter, which no file, key or address can hold.
  if (name.search(HALF) >= 0) return undefined;
  if (typeof is_alive !== "boolean") return undefined;
  if (message !== null && typeof message !== "string") return undefined;
  const said = beginningOf(message ?? "", MAX_STATUS_CHARS).replace(HALF, "\uFFFD");
  const isTime = typeof sync_time === "number" && sync_time > 0 && sync_time <= 8.64e15;
  return { sync_time: isTime ? Math.floor(sync_time) : 0, name, is_alive, message: said };
}

function unreadable(data: Uint8Array): UnreadableHeartbeat {
  // Four bytes are the longest letter: more of them are not shown.
  const text = Buffer.from(data.subarray(0, MOST_RAW * 4)).toString("utf8");
  const name = NAME.exec(text)?.[1];
  const raw = text.slice(0, MOST_RAW);
  return name === undefined ? { raw } : { raw, name };
}
