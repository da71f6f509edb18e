/** The two older forms of a message, read, and written again in the final one. */
import { createHash } from "node:crypto";
import { decodeMessage, decodeOldMessage, encodeMessage } from "./body.ts";
import { isFault, MoniqueFault, quoted } from "./fault.ts";
import type { Message } from "./message.ts";
import { Kind, PackCursor } from "./pack-cursor.ts";
import { formatTag, MAX_TAG_BYTES } from "./tag.ts";

//        tag             keys   id, pid
// A      bin of the text  bin    bin, 28 characters: base64(SHA-1("creator:created_at:spec")); empty: none
// B      bin of the text  str    the same
// C      the text         str    str, 40 letters and digits; the final one

export type Era = "A" | "B" | "C";

export interface ReadMessage {
  era: Era;
  message: Message;
}

const BIN_8 = 0xc4;
const BIN_16 = 0xc5;
const cursor = new PackCursor();

/** By the first bytes alone; undefined: a frame of none of them, such as the single JSON frame of MoniQue 2. */
export function eraOf(tag: Uint8Array, body: Uint8Array): Era | undefined {
  const first = tag[0];
  // c-onfig, r-esult, e-rror, d-ata
  if (first === 0x63 || first === 0x72 || first === 0x65 || first === 0x64) return "C";
  if (first !== BIN_8 && first !== BIN_16) return undefined;
  cursor.set(body);
  const hasPairs = cursor.next() && cursor.kind === Kind.MAP && cursor.size > 0 && cursor.next();
  return hasPairs && cursor.kind === Kind.BIN ? "A" : "B";
}

/** Reads a message of any era; tag and body have to agree. */
export function readMessage(tag: Uint8Array, body: Uint8Array): ReadMessage | MoniqueFault {
  const era = eraOf(tag, body);
  if (era === undefined)
    return new MoniqueFault("ERA_UNKNOWN", "tag: of no known form; allowed text, or bin of text");
  const text = era === "C" ? tag : packedTag(tag);
  if (isFault(text)) return text;
  const message = era === "C" ? decodeMessage(body) : decodeOldMessage(body);
  if (isFault(message)) return message;
  if (!Buffer.from(formatTag(message)).equals(text))
    return new MoniqueFault("BODY_DISAGREES", "fields: not the same in tag and body");
  return (era === "C" ? undefined : wrongId(message)) ?? { era, message };
}

/** Tag and body of the final form: what components of today understand. The ids stay, so answers are found. */
export function toFinal({ message }: ReadMessage): [tag: Uint8Array, body: Uint8Array] {
  return [formatTag(message), encodeMessage(message)];
}

function packedTag(tag: Uint8Array): Uint8Array | MoniqueFault {
  cursor.set(tag);
  if (
    !cursor.next() ||
    cursor.kind !== Kind.BIN ||
    cursor.at + cursor.size !== tag.length ||
    cursor.size > MAX_TAG_BYTES
  )
    return new MoniqueFault(
      "ERA_UNKNOWN",
      `packed tag of ${tag.length} bytes: not exactly one text; allowed ${MAX_TAG_BYTES} bytes`,
    );
  return tag.subarray(cursor.at);
}

/** An id of the older forms says who made it, and when: another one was made up, or damaged. */
function wrongId({ id, creator, created_at, spec }: Message): MoniqueFault | undefined {
  // A time that was wrapped, or a float, is no longer what the id was made of.
  if (created_at === 0 || id === oldId(creator, created_at, spec)) return undefined;
  return new MoniqueFault(
    "ERA_ID",
    `id of an older form: ${quoted(id)}; allowed what creator, time and spec come to`,
  );
}

function oldId(creator: string, createdAt: number, spec: string): string {
  return createHash("sha1").update(`${creator}:${createdAt}:${spec}`).digest("base64");
}
