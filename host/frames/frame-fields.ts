/**
 * The bytes of one frame of the serial link, each explained (session part 3).
 *
 *   wire:  type:1  link:1  seq:1  payload:~  crc:4   END
 */
import { Frame, FrameType, Slip } from "../../shared/link/frame.ts";
import { decodeVarint, varintLength } from "../../shared/varint.ts";
import { type Field, FieldWriter } from "./field.ts";
import { breakReason, type GoodFrame, typeName } from "./link-words.ts";
import { latin1Of } from "./plain-bytes.ts";

/** `bytes`: the frame as it stood on the wire, END included; `frame`: what was read from all of them. */
export function frameFields(bytes: Uint8Array, { type, link, seq, payload }: GoodFrame): Field[] {
  const places = placesOf(bytes);
  const writer = new FieldWriter(0, (at) => places[at]);
  const escapes = bytes.length - (places.length - 1);
  writer.add(1, "type", `${typeName(type)}, the letter ${String.fromCharCode(type)}`);
  writer.add(1, "link", `this opening of the link is ${link.toString(16).padStart(2, "0")}`);
  writer.add(1, "seq", `number ${seq} of its direction, counted from 0 to 255 and on from 0`);
  addPayload(writer, type, payload);
  const escaped = escapes === 0 ? "" : `; ${escapes} of its bytes are escaped (db dc for c0, db dd for db)`;
  writer.add(Frame.CRC_SIZE, "crc", `CRC-32 over type to payload: right${escaped}`);
  writer.add(1, "END", "ends the frame (c0)");
  return writer.fields;
}

/** Where each byte of the frame begins once its escapes are read, the END among them, and where all is over. */
function placesOf(bytes: Uint8Array): number[] {
  const places: number[] = [];
  for (let at = 0; at < bytes.length; at += bytes[at] === Slip.ESC ? 2 : 1) places.push(at);
  places.push(bytes.length);
  return places;
}

function addPayload(writer: FieldWriter, type: number, payload: Uint8Array): void {
  if (type === FrameType.OPEN || type === FrameType.ACK) return addOpening(writer, payload);
  if (type === FrameType.DATA)
    return writer.add(payload.length, "payload", `${payload.length} bytes of the session, in order`);
  if (type === FrameType.RESET && payload.length > 0) {
    writer.add(1, "reason", `${breakReason(payload[0])} (${String.fromCharCode(payload[0])})`);
    return writer.add(payload.length - 1, "rest", "not specified");
  }
  const what = type === FrameType.LOG ? "what the board prints" : "typed at the board's prompt";
  writer.add(payload.length, "text", `${what}: ${JSON.stringify(latin1Of(payload))}`);
}

function addOpening(writer: FieldWriter, payload: Uint8Array): void {
  const rx = decodeVarint(payload, 1, payload.length);
  const rxEnd = rx < 0 ? 1 : 1 + varintLength(payload[1]);
  const max = rx < 0 ? -1 : decodeVarint(payload, rxEnd, payload.length);
  if (max < 0) return writer.add(payload.length, "payload", "malformed: two numbers behind the version");
  const maxEnd = rxEnd + varintLength(payload[rxEnd]);
  writer.add(1, "version", `version ${payload[0]} of the link`);
  writer.add(rxEnd - 1, "rx", `whoever says this holds ${rx} bytes unread`);
  writer.add(maxEnd - rxEnd, "max", `and takes packets of up to ${max} bytes`);
  writer.add(payload.length - maxEnd, "rest", "not specified");
}
