/** The first frame of a message: whom it concerns, without its body. */
import { MoniqueFault, quoted } from "./fault.ts";
import type { Message, MessageType } from "./message.ts";
import { bufferOf, textOf } from "./utf8.ts";

// wire:  type:spec:id:pid:creator       UTF-8; an empty pid gives "::"; no sixth field, no colon at the end

/** The longest in use have some 200; what subscriptions are compared with is never longer. */
export const MAX_TAG_BYTES = 1024;
const COLON = 0x3a;
const COLONS = 4;

/** A tag's fields, and where each begins in its bytes. */
export class Tag {
  constructor(
    readonly type: MessageType,
    readonly spec: string,
    readonly id: string,
    readonly pid: string,
    readonly creator: string,
    readonly specAt: number,
    readonly idAt: number,
    readonly pidAt: number,
    readonly creatorAt: number,
  ) {}
}

/** Where the colons of the tag that is read stand. */
const colons = new Int32Array(COLONS);

/** Reads a tag; keeps nothing of the bytes. Ids are as they came: isId() says whether one is of the final format. */
export function parseTag(bytes: Uint8Array): Tag | MoniqueFault {
  const size = bytes.length;
  if (size > MAX_TAG_BYTES)
    return new MoniqueFault("TAG_TOO_LONG", `tag: ${size} bytes; allowed ${MAX_TAG_BYTES}`);
  let found = 0;
  let all = 0;
  for (let i = 0; i < size; i++) {
    const byte = bytes[i];
    all |= byte;
    if (byte === COLON) {
      if (found < COLONS) colons[found] = i;
      found++;
    }
  }
  const text = all < 0x80 ? bufferOf(bytes).toString("latin1", 0, size) : textOf(bytes);
  if (text === undefined) return new MoniqueFault("TAG_NOT_UTF8", "tag: no UTF-8");
  if (found !== COLONS)
    return new MoniqueFault("TAG_FIELDS", `tag ${quoted(text)}: ${found + 1} fields; allowed 5`);
  return all < 0x80 ? cutAscii(text) : splitText(text);
}

function cutAscii(text: string): Tag | MoniqueFault {
  return checkedTag(
    text.slice(0, colons[0]),
    text.slice(colons[0] + 1, colons[1]),
    text.slice(colons[1] + 1, colons[2]),
    text.slice(colons[2] + 1, colons[3]),
    text.slice(colons[3] + 1),
  );
}

/** In UTF-8 a colon is never part of another letter, so both ways of cutting agree. */
function splitText(text: string): Tag | MoniqueFault {
  const [type, spec, id, pid, creator] = text.split(":");
  return checkedTag(type, spec, id, pid, creator);
}

function checkedTag(
  type: string,
  spec: string,
  id: string,
  pid: string,
  creator: string,
): Tag | MoniqueFault {
  const known = typeOf(type);
  if (known === undefined)
    return new MoniqueFault(
      "TAG_TYPE",
      `type of a tag: ${quoted(type)}; allowed config, result, error, data`,
    );
  if (spec === "" || id === "")
    return new MoniqueFault("TAG_EMPTY_FIELD", `${spec === "" ? "spec" : "id"} of a tag: it is empty`);
  return new Tag(known, spec, id, pid, creator, colons[0] + 1, colons[1] + 1, colons[2] + 1, colons[3] + 1);
}

export function typeOf(text: string): MessageType | undefined {
  return text === "config" || text === "result" || text === "error" || text === "data" ? text : undefined;
}

type TagFields = Pick<Message, "type" | "spec" | "id" | "pid" | "creator">;

export function tagText({ type, spec, id, pid, creator }: TagFields): string {
  return `${type}:${spec}:${id}:${pid}:${creator}`;
}

export function formatTag(fields: TagFields): Uint8Array {
  return Buffer.from(tagText(fields), "utf8");
}

/** Answers to a task, or tasks of a spec: with the colon, so that no longer spec begins with it. */
export function topicOf(type: MessageType, spec: string): string {
  return `${type}:${spec}:`;
}
