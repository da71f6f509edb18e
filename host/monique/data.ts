/** What `data` of a message holds, by whatever encoding it really has. */
import { isTooDeep, MAX_DEPTH } from "../platform/json-depth.ts";
import { MoniqueFault } from "./fault.ts";
import type { Encoding } from "./message.ts";
import { packValue, unpackValue } from "./pack-value.ts";
import { textOf } from "./utf8.ts";

export interface Data {
  value: unknown;
  /** The one it really has: what a message declares may be wrong (MoniQue trap 8). */
  encoding: Encoding;
}

/** By the declared encoding, and if that does not fit by the other. */
export function readData(message: { data: Uint8Array; encoding: Encoding }): Data | MoniqueFault {
  const { data, encoding } = message;
  const declared = readAs(encoding, data);
  if (declared !== undefined) return { value: declared, encoding };
  const other = encoding === "JSON" ? "MessagePack" : "JSON";
  const value = readAs(other, data);
  if (value !== undefined) return { value, encoding: other };
  return new MoniqueFault(
    "DATA_UNREADABLE",
    `data of ${data.length} bytes: neither JSON nor MessagePack, or too deep`,
  );
}

function readAs(encoding: Encoding, data: Uint8Array): unknown {
  return encoding === "JSON" ? readJson(data) : unpackValue(data);
}

/** undefined when it is none; white space around it is allowed. */
export function readJson(data: Uint8Array): unknown {
  const text = textOf(data);
  if (text === undefined || isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON, the one thing that it throws for
  }
}

/** Throws a TypeError for what has no form in that encoding. */
export function formatData(value: unknown, encoding: Encoding = "JSON"): Uint8Array {
  if (encoding === "MessagePack") return packValue(value);
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`data: a ${typeof value}; allowed what JSON has a form for`);
  if (isTooDeep(text)) throw new TypeError(`data: nested deeper than ${MAX_DEPTH}; allowed ${MAX_DEPTH}`);
  return Buffer.from(text, "utf8");
}
