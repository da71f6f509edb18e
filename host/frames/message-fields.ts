/** The bytes of one message of a session, each explained: the heads that open a connection, then packets (session §1–§4). */
import { Payload } from "../../shared/message.ts";
import { HandshakeCode } from "../../shared/session/handshake.ts";
import { SystemCount } from "../../shared/session/sync.ts";
import { decodeVarint, varintLength } from "../../shared/varint.ts";
import type { Stage } from "../session/wire-shape.ts";
import { type Field, FieldWriter } from "./field.ts";
import { formatHex } from "./hex.ts";
import { hasSign, readIotgw } from "./iotgw-words.ts";
import { addJsonFields } from "./json-fields.ts";
import { latin1Of } from "./plain-bytes.ts";

/** As elsewhere: enough to tell sessions apart, too little to resume one. */
const SHOWN_ID_BYTES = 4;

/** Of a message that was understood. `from`: the side that said it. */
export function messageFields(bytes: Uint8Array, stage: Stage, from: "board" | "gateway"): Field[] {
  const writer = new FieldWriter();
  if (stage === "request") addRequest(writer, bytes);
  else if (stage === "reply") addReply(writer, bytes);
  else if (stage === "state") addState(writer, bytes, from);
  else addPacket(writer, bytes);
  writer.add(bytes.length - writer.next, "rest", "not specified");
  return writer.fields;
}

function addRequest(writer: FieldWriter, bytes: Uint8Array): void {
  writer.add(1, "version", `version ${bytes[0]} of the session`);
  addId(writer, bytes, "no session is resumed, a new one is asked for", "the session to go on with");
}

function addReply(writer: FieldWriter, bytes: Uint8Array): void {
  writer.add(1, "handshakeCode", replies[bytes[0]] ?? "unknown");
  if (bytes[0] === HandshakeCode.OK && bytes.length > 1)
    addId(writer, bytes, "no id", "the new session: who knows it may resume it");
}

const replies: Readonly<Record<number, string>> = {
  [HandshakeCode.OK]: "the session is there",
  [HandshakeCode.VERSION_UNSUPPORTED]: "refused: the version is not supported",
  [HandshakeCode.SESSION_UNKNOWN]: "refused: no such session",
};

function addId(writer: FieldWriter, bytes: Uint8Array, none: string, what: string): void {
  const at = writer.next;
  const size = decodeVarint(bytes, at, bytes.length);
  writer.add(varintLength(bytes[at]), "idSize", size === 0 ? `0: ${none}` : `an id of ${size} bytes follows`);
  const id = bytes.subarray(writer.next);
  const shown = formatHex(id, SHOWN_ID_BYTES).replaceAll(" ", "");
  writer.add(Math.min(size, id.length), "id", `${shown}: ${what}`);
}

function addState(writer: FieldWriter, bytes: Uint8Array, from: "board" | "gateway"): void {
  const number = (name: string, words: (value: number) => string) => {
    const at = writer.next;
    writer.add(varintLength(bytes[at]), name, words(decodeVarint(bytes, at, bytes.length)));
  };
  number("startPacketIndex", (index) => `the first packet it sends now is number ${index} of the session`);
  if (from === "board") return;
  number("syncIntervalMin", (ms) => `acknowledgements at least ${ms} ms apart`);
  number("syncIntervalMax", (ms) => `something is said at least every ${ms} ms`);
  writer.add(1, "sessionExpire", `without a connection the session lives ${bytes[writer.next]} s`);
}

function addPacket(writer: FieldWriter, bytes: Uint8Array): void {
  const size = decodeVarint(bytes, 0, bytes.length);
  const sizeEnd = varintLength(bytes[0]);
  if (size === 0) {
    writer.add(sizeEnd, "packetSize", "0: a sync packet, no data");
    return writer.add(1, "receiveCount", countWords(bytes[sizeEnd]));
  }
  writer.add(sizeEnd, "packetSize", `${size} bytes of data follow`);
  if (hasSign(bytes, sizeEnd, bytes.length)) addIotgw(writer, bytes.subarray(sizeEnd));
  else if (bytes[sizeEnd] === Payload.JSON_START) addJsonFields(writer, bytes.subarray(sizeEnd));
  else addBlob(writer, bytes);
}

function countWords(count: number): string {
  if (count === 0) return "0: a heartbeat";
  if (count === SystemCount.CLOSE) return `${count}: the session is closed`;
  return `${count === 1 ? "one more packet was" : `${count} more packets were`} received, and need not be kept`;
}

function addBlob(writer: FieldWriter, bytes: Uint8Array): void {
  const at = writer.next;
  const typeSize = bytes[at];
  const isBlob = typeSize >= 1 && typeSize <= Payload.MAX_BLOB_TYPE && at + 1 + typeSize <= bytes.length;
  if (!isBlob) return writer.add(bytes.length - at, "data", "no message of Bowline");
  writer.add(1, "typeSize", `a type of ${typeSize} bytes follows`);
  writer.add(typeSize, "type", latin1Of(bytes.subarray(at + 1, at + 1 + typeSize)));
  writer.add(bytes.length - writer.next, "data", `${bytes.length - writer.next} bytes of the author's own`);
}

function addIotgw(writer: FieldWriter, frame: Uint8Array): void {
  for (const { start, end, meaning } of readIotgw(frame)) {
    const [, name, words] = /^([A-Z]{2,7}|body): (.*)$/s.exec(meaning) ?? ["", "frame", meaning];
    writer.add(end - start, name, words);
  }
}
