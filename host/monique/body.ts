/** The second frame of a message: strict in what is written, tolerant in what is read. */
import { BodyScan, Field, fieldNames, keys } from "./body-scan.ts";
import { isFault, MoniqueFault, quoted } from "./fault.ts";
import type { Encoding, Message } from "./message.ts";
import { Kind } from "./pack-cursor.ts";
import { MAX_TAG_BYTES, type Tag, typeOf } from "./tag.ts";
import { textOf } from "./utf8.ts";

// wire:  89  "id" d9 28 …  "pid" a0 | d9 28 …  "creator" str  "created_at" cf …  "expires_at" 00 | cf …
//        "spec" str  "encoding" str  "type" str  "data" c4 | c5 | c6 …

/** What is left to say of a body that a tag was held against; filled anew by each check. */
export class BodyView {
  /** ms since 1970; 0: never. */
  expiresAt = 0;
  createdAt = 0;
  /** Of `data`, in the body's bytes. */
  dataStart = 0;
  dataEnd = 0;
  encoding: Encoding = "JSON";
  /** `data` is str: some readers end at it (MoniQue trap 3). encodeMessage of what was decoded writes it as bin. */
  hasTextData = false;
}

const scan = new BodyScan();
const JSON_BYTES = Buffer.from("JSON");
const PACK_BYTES = Buffer.from("MessagePack");

/**
 * Whether these bytes are a body that every component reads, and of this tag: nothing is copied, and nothing allocated
 * unless something is wrong. decodeMessage() takes the same ones.
 */
export function checkBody(
  bytes: Uint8Array,
  tagBytes: Uint8Array,
  tag: Tag,
  view: BodyView,
): MoniqueFault | undefined {
  const fault = readEraC(bytes);
  if (fault !== undefined) return fault;
  const { specAt, idAt, pidAt, creatorAt } = tag;
  if (!isSame(Field.TYPE, tagBytes, 0, specAt - 1)) return disagrees(Field.TYPE);
  if (!isSame(Field.SPEC, tagBytes, specAt, idAt - 1)) return disagrees(Field.SPEC);
  if (!isSame(Field.ID, tagBytes, idAt, pidAt - 1)) return disagrees(Field.ID);
  if (!isSame(Field.PID, tagBytes, pidAt, creatorAt - 1)) return disagrees(Field.PID);
  if (!isSame(Field.CREATOR, tagBytes, creatorAt, tagBytes.length)) return disagrees(Field.CREATOR);
  const encoding = readEncoding();
  if (isFault(encoding)) return encoding;
  view.encoding = encoding;
  view.expiresAt = scan.expiresAt;
  view.createdAt = scan.createdAt;
  view.dataStart = scan.starts[Field.DATA];
  view.dataEnd = scan.ends[Field.DATA];
  view.hasTextData = scan.kinds[Field.DATA] === Kind.STR;
  return undefined;
}

/** The message of a body; `data` is a copy. */
export function decodeMessage(bytes: Uint8Array): Message | MoniqueFault {
  return readEraC(bytes) ?? messageOf();
}

/** Of the older forms: keys and texts may be bin (eras.ts). */
export function decodeOldMessage(bytes: Uint8Array): Message | MoniqueFault {
  return scan.read(bytes) ?? messageOf();
}

function readEraC(bytes: Uint8Array): MoniqueFault | undefined {
  const fault = scan.read(bytes);
  if (fault !== undefined) return fault;
  if (scan.hasBinKeys) return new MoniqueFault("BODY_FIELD", "keys of a body: bin; allowed str");
  for (let field: Field = Field.ID; field < Field.DATA; field++)
    if (scan.kinds[field] === Kind.BIN)
      return new MoniqueFault("BODY_FIELD", `${fieldNames[field]} of a body: bin; allowed str`);
  return undefined;
}

/** Of what was scanned last. */
function messageOf(): Message | MoniqueFault {
  const type = readText(Field.TYPE);
  if (isFault(type)) return type;
  const known = typeOf(type);
  if (known === undefined)
    return new MoniqueFault(
      "BODY_FIELD",
      `type of a body: ${quoted(type)}; allowed config, result, error, data`,
    );
  const encoding = readEncoding();
  if (isFault(encoding)) return encoding;
  const [id, pid, spec, creator] = [Field.ID, Field.PID, Field.SPEC, Field.CREATOR].map(fieldOfTag);
  for (const one of [id, pid, spec, creator]) if (isFault(one)) return one;
  if (id === "" || spec === "")
    return new MoniqueFault("BODY_FIELD", `${id === "" ? "id" : "spec"} of a body: it is empty`);
  return {
    id: id as string,
    pid: pid as string,
    creator: creator as string,
    created_at: scan.createdAt,
    expires_at: scan.expiresAt,
    spec: spec as string,
    encoding,
    type: known,
    data: new Uint8Array(scan.bytes.subarray(scan.starts[Field.DATA], scan.ends[Field.DATA])),
  };
}

/** Text that stands in the tag as well. */
function fieldOfTag(field: Field): string | MoniqueFault {
  const text = readText(field);
  if (isFault(text)) return text;
  if (text.includes(":"))
    return new MoniqueFault(
      "BODY_FIELD",
      `${fieldNames[field]} of a body: ${quoted(text)} with a colon; allowed none`,
    );
  return text;
}

function readText(field: Field): string | MoniqueFault {
  const [start, end] = [scan.starts[field], scan.ends[field]];
  if (end - start > MAX_TAG_BYTES)
    return new MoniqueFault(
      "BODY_FIELD",
      `${fieldNames[field]} of a body: ${end - start} bytes; allowed ${MAX_TAG_BYTES}`,
    );
  return (
    textOf(scan.bytes.subarray(start, end)) ??
    new MoniqueFault("BODY_FIELD", `${fieldNames[field]} of a body: no UTF-8`)
  );
}

function readEncoding(): Encoding | MoniqueFault {
  if (isSame(Field.ENCODING, JSON_BYTES, 0, JSON_BYTES.length)) return "JSON";
  if (isSame(Field.ENCODING, PACK_BYTES, 0, PACK_BYTES.length)) return "MessagePack";
  return new MoniqueFault("BODY_FIELD", "encoding of a body: another one; allowed JSON and MessagePack");
}

function isSame(field: Field, other: Uint8Array, start: number, end: number): boolean {
  const { bytes, starts, ends } = scan;
  const from = starts[field];
  if (ends[field] - from !== end - start) return false;
  for (let i = from, k = start; k < end; i++, k++) if (bytes[i] !== other[k]) return false;
  return true;
}

function disagrees(field: Field): MoniqueFault {
  return new MoniqueFault("BODY_DISAGREES", `${fieldNames[field]}: not the same in tag and body`);
}

const KEY_BYTES = keys.reduce((sum, key) => sum + key.length, 0);
const TWO_TO_32 = 2 ** 32;

/**
 * The body of a message, as the originals write it byte for byte. Throws a RangeError for what no reader would take: a colon in
 * a field of the tag, a time that is no whole number of ms.
 */
export function encodeMessage(message: Message): Uint8Array {
  checkMessage(message);
  const texts = [message.id, message.pid, message.creator, message.spec, message.encoding, message.type];
  const sizes = texts.map((text) => Buffer.byteLength(text));
  const times = timeSize(message.created_at) + timeSize(message.expires_at);
  const { length } = message.data;
  const size =
    1 + KEY_BYTES + times + sizes.reduce((sum, one) => sum + one + (one < 32 ? 1 : one < 256 ? 2 : 3), 0);
  const out = Buffer.allocUnsafeSlow(size + length + (length < 256 ? 2 : length < 65_536 ? 3 : 5));
  out[0] = 0x89;
  let at = 1;
  const text = (field: Field, value: string, bytes: number) => {
    at = putText(out, putKey(out, at, field), value, bytes);
  };
  text(Field.ID, message.id, sizes[0]);
  text(Field.PID, message.pid, sizes[1]);
  text(Field.CREATOR, message.creator, sizes[2]);
  at = putTime(out, putKey(out, at, Field.CREATED_AT), message.created_at);
  at = putTime(out, putKey(out, at, Field.EXPIRES_AT), message.expires_at);
  text(Field.SPEC, message.spec, sizes[3]);
  text(Field.ENCODING, message.encoding, sizes[4]);
  text(Field.TYPE, message.type, sizes[5]);
  putData(out, putKey(out, at, Field.DATA), message.data);
  return out;
}

function checkMessage(message: Message): void {
  for (const name of ["id", "pid", "creator", "spec"] as const) {
    const text = message[name];
    if (text.includes(":") || /\p{Surrogate}/u.test(text) || text.length > MAX_TAG_BYTES)
      throw new RangeError(
        `${name} of a message: ${quoted(text)}; allowed text without a colon, at most ${MAX_TAG_BYTES}`,
      );
  }
  if (message.id === "" || message.spec === "")
    throw new RangeError("id and spec of a message: one is empty");
  if (typeOf(message.type) === undefined) throw new RangeError(`type of a message: ${quoted(message.type)}`);
  if (message.encoding !== "JSON" && message.encoding !== "MessagePack")
    throw new RangeError(`encoding of a message: ${quoted(message.encoding)}; allowed JSON and MessagePack`);
  for (const name of ["created_at", "expires_at"] as const)
    if (!Number.isSafeInteger(message[name]) || message[name] < 0)
      throw new RangeError(`${name} of a message: ${message[name]}; allowed whole ms from 0 to 2^53 − 1`);
}

function putKey(out: Buffer, at: number, field: Field): number {
  out.set(keys[field], at);
  return at + keys[field].length;
}

function putText(out: Buffer, at: number, text: string, bytes: number): number {
  if (bytes < 32) out[at++] = 0xa0 | bytes;
  else if (bytes < 256) {
    out[at++] = 0xd9;
    out[at++] = bytes;
  } else {
    out[at++] = 0xda;
    at = out.writeUInt16BE(bytes, at);
  }
  return at + out.write(text, at, "utf8");
}

/** As small as it can be, as the originals do: 0 is one byte, a time of today nine. */
function timeSize(time: number): number {
  return time < 0x80 ? 1 : time < 0x100 ? 2 : time < 0x1_0000 ? 3 : time < TWO_TO_32 ? 5 : 9;
}

function putTime(out: Buffer, at: number, time: number): number {
  switch (timeSize(time)) {
    case 1:
      return out.writeUInt8(time, at);
    case 2:
      return out.writeUInt8(time, out.writeUInt8(0xcc, at));
    case 3:
      return out.writeUInt16BE(time, out.writeUInt8(0xcd, at));
    case 5:
      return out.writeUInt32BE(time, out.writeUInt8(0xce, at));
    default:
      out[at] = 0xcf;
      out.writeUInt32BE(Math.floor(time / TWO_TO_32), at + 1);
      return out.writeUInt32BE(time % TWO_TO_32, at + 5);
  }
}

function putData(out: Buffer, at: number, data: Uint8Array): void {
  const { length } = data;
  let from = at;
  if (length < 256) from = out.writeUInt8(length, out.writeUInt8(0xc4, at));
  else if (length < 65_536) from = out.writeUInt16BE(length, out.writeUInt8(0xc5, at));
  else from = out.writeUInt32BE(length, out.writeUInt8(0xc6, at));
  out.set(data, from);
}
