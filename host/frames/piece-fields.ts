/** Every byte of something that passed, explained. */
import { type Field, FieldWriter } from "./field.ts";
import { frameFields } from "./frame-fields.ts";
import { readFrame } from "./link-words.ts";
import { messageFields } from "./message-fields.ts";
import type { Piece } from "./wire-decoder.ts";

/** They follow each other without a gap from the piece's first byte to its last. */
export function fieldsOf({ kind, bytes, from, stage, isUnderstood, meaning }: Piece): Field[] {
  if (kind === "frame") {
    const frame = readFrame(bytes, 0, bytes.length);
    if (typeof frame !== "string") return frameFields(bytes, frame);
  }
  if (kind === "message" && isUnderstood && stage !== "nothing" && stage !== "lost")
    return messageFields(bytes, stage, from);
  const writer = new FieldWriter();
  writer.add(bytes.length, kind === "noise" ? "noise" : "bytes", meaning);
  return writer.fields;
}
