/** Where in a body its nine fields lie: one walk over its bytes that allocates nothing. */
import { isUtf8 } from "node:buffer";
import { MoniqueFault } from "./fault.ts";
import { Kind, PackCursor } from "./pack-cursor.ts";

// wire:  89  key value  key value …       a map; keys are str (in the oldest form bin), in any order, others between them

/** In the order in which the originals write them. */
export const enum Field {
  ID,
  PID,
  CREATOR,
  CREATED_AT,
  EXPIRES_AT,
  SPEC,
  ENCODING,
  TYPE,
  DATA,
}

export const fieldNames = [
  "id",
  "pid",
  "creator",
  "created_at",
  "expires_at",
  "spec",
  "encoding",
  "type",
  "data",
] as const;
const FIELDS = fieldNames.length;
const names = fieldNames.map((name) => Buffer.from(name, "latin1"));

/** One original writes a tenth key, nobody more; each of a stranger's costs every reader time. */
const MOST_KEYS = 32;
/** Of what stands under other keys. */
const MOST_DEPTH = 16;
/** What a Date can be: above it is a "far expiry" like the original's 1e17, which means never. */
const MAX_TIME = 8.64e15;
/** Times of a sender that has 31 bits for them are in January 1970, or negative, and say nothing. */
const WRAPPED_BELOW = 2 ** 31;

/** Headers that the originals write. */
const NINE_PAIRS = 0x89;
const [FIXSTR, FIXSTR_MASK, STR_8, BIN_8, UINT_64] = [0xa0, 0xe0, 0xd9, 0xc4, 0xcf];
const TWO_TO_32 = 2 ** 32;
/** With the header that each has as a text. */
export const keys = names.map((name) => Buffer.from([FIXSTR | name.length, ...name]));

const PROTOTYPE = Buffer.from("__proto__");

const NOTHING = new Uint8Array(0);
const extra = new PackCursor();

export class BodyScan {
  bytes: Uint8Array = NOTHING;
  /** Content of each field, by Field: bytes[starts[f]…ends[f]). Of times there is none. */
  readonly starts = new Int32Array(FIELDS);
  readonly ends = new Int32Array(FIELDS);
  readonly kinds = new Uint8Array(FIELDS);
  /** ms since 1970; 0 for one that says nothing. */
  createdAt = 0;
  /** ms since 1970; 0: never. */
  expiresAt = 0;
  /** A key is bin, as in the oldest form. */
  hasBinKeys = false;
  private readonly cursor = new PackCursor();

  /** Nothing is known of a field's letters behind it, only that they are text, bytes, or a time. */
  read(bytes: Uint8Array): MoniqueFault | undefined {
    this.bytes = bytes;
    this.hasBinKeys = false;
    return this.isUsual() ? undefined : this.readAny();
  }

  /**
   * Whether it is as the originals write it: their order, their headers, and nothing else. Most messages are, and take half the
   * time. No says nothing: what is found then is written over.
   */
  private isUsual(): boolean {
    const { bytes } = this;
    if (bytes[0] !== NINE_PAIRS) return false;
    let at = 1;
    for (let field = 0; field < FIELDS; field++) {
      at = behindKey(bytes, at, keys[field]);
      if (at < 0) return false;
      const isTime = field === Field.CREATED_AT || field === Field.EXPIRES_AT;
      at = isTime ? this.usualTime(field, at) : this.usualContent(field, at);
      if (at < 0) return false;
    }
    return at === bytes.length;
  }

  /** Where it goes on; -1: it is none of the usual ones. */
  private usualTime(field: Field, at: number): number {
    const { bytes } = this;
    const head = bytes[at];
    if (head !== 0 && (head !== UINT_64 || at + 9 > bytes.length)) return -1;
    const time = head === 0 ? 0 : readTime(uint32(bytes, at + 1) * TWO_TO_32 + uint32(bytes, at + 5));
    if (field === Field.CREATED_AT) this.createdAt = time;
    else this.expiresAt = time;
    this.kinds[field] = Kind.INT;
    return head === 0 ? at + 1 : at + 9;
  }

  private usualContent(field: Field, at: number): number {
    const { bytes } = this;
    const head = bytes[at];
    const next = bytes[at + 1];
    const isData = field === Field.DATA;
    if (head !== (isData ? BIN_8 : STR_8) && (isData || (head & FIXSTR_MASK) !== FIXSTR)) return -1;
    const isFix = head < STR_8 && !isData;
    const start = isFix ? at + 1 : at + 2;
    const end = start + (isFix ? head & ~FIXSTR_MASK : next);
    if (!(end <= bytes.length)) return -1;
    this.starts[field] = start;
    this.ends[field] = end;
    this.kinds[field] = isData ? Kind.BIN : Kind.STR;
    return end;
  }

  private readAny(): MoniqueFault | undefined {
    const { bytes, cursor, kinds } = this;
    cursor.set(bytes);
    if (!cursor.next()) return cutShort();
    if (cursor.kind !== Kind.MAP) return new MoniqueFault("BODY_NO_MAP", "body: no map of MessagePack");
    const pairs = cursor.size;
    if (pairs > MOST_KEYS) return new MoniqueFault("BODY_EXTRA", `body: ${pairs} keys; allowed ${MOST_KEYS}`);
    kinds.fill(Kind.NIL);
    for (let i = 0; i < pairs; i++) {
      const fault = this.readPair();
      if (fault !== undefined) return fault;
    }
    if (cursor.at !== cursor.end)
      return new MoniqueFault(
        "BODY_TRAILING",
        `body: ${cursor.end - cursor.at} bytes behind its map; allowed 0`,
      );
    for (let field = 0; field < FIELDS; field++)
      if (kinds[field] === Kind.NIL)
        return new MoniqueFault("BODY_KEY_MISSING", `body: no ${fieldNames[field]}; allowed all nine keys`);
    return undefined;
  }

  private readPair(): MoniqueFault | undefined {
    const { cursor } = this;
    const keyAt = cursor.at;
    if (!cursor.next()) return cutShort();
    if (cursor.kind !== Kind.STR && cursor.kind !== Kind.BIN)
      return new MoniqueFault("BODY_EXTRA", "key of a body: it is no text; allowed text");
    if (cursor.kind === Kind.BIN) this.hasBinKeys = true;
    const field = fieldAt(cursor.bytes, cursor.at, cursor.size);
    if (field < 0) {
      cursor.at = keyAt;
      return this.passExtra();
    }
    cursor.passContent();
    return this.readField(field);
  }

  private readField(field: Field): MoniqueFault | undefined {
    const { cursor } = this;
    // Which of two counts is another one for each reader: the hub must not look at one, and a component at the other.
    if (this.kinds[field] !== Kind.NIL)
      return new MoniqueFault("BODY_KEY_TWICE", `body: ${fieldNames[field]} twice; allowed once`);
    if (!cursor.next()) return cutShort();
    const { kind } = cursor;
    const isTime = field === Field.CREATED_AT || field === Field.EXPIRES_AT;
    if (isTime ? kind !== Kind.INT && kind !== Kind.FLOAT : kind !== Kind.STR && kind !== Kind.BIN)
      return new MoniqueFault(
        "BODY_FIELD",
        `${fieldNames[field]} of a body: it is no ${isTime ? "time" : "text"}`,
      );
    this.kinds[field] = kind;
    if (isTime) {
      const time = readTime(cursor.value);
      if (field === Field.CREATED_AT) this.createdAt = time;
      else this.expiresAt = time;
      return undefined;
    }
    this.starts[field] = cursor.at;
    cursor.passContent();
    this.ends[field] = cursor.at;
    return undefined;
  }

  /** A key that is none of the nine, and its value: passed on, so they have to be what every reader takes. */
  private passExtra(): MoniqueFault | undefined {
    extra.set(this.bytes, this.cursor.at, this.cursor.end);
    const isFine = isKeyTaken() && isTaken(0);
    this.cursor.at = extra.at;
    return isFine
      ? undefined
      : new MoniqueFault(
          "BODY_EXTRA",
          "another key of a body, or its value: cut short, no UTF-8, or too deep",
        );
  }
}

/** As tolerant as readers have to be: floats, negative ones, ones beyond any date. */
function readTime(value: number): number {
  return value >= WRAPPED_BELOW && value <= MAX_TIME ? Math.floor(value) : 0;
}

/** -1: another key. */
function behindKey(bytes: Uint8Array, at: number, key: Uint8Array): number {
  const end = at + key.length;
  if (end >= bytes.length) return -1;
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return -1;
  return end;
}

function uint32(bytes: Uint8Array, at: number): number {
  return bytes[at] * 0x100_0000 + ((bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]);
}

function fieldAt(bytes: Uint8Array, at: number, size: number): number {
  switch (size) {
    case 2:
      return isNameAt(bytes, at, Field.ID);
    case 3:
      return isNameAt(bytes, at, Field.PID);
    case 4:
      // s-pec, t-ype, d-ata
      return bytes[at] === 0x73
        ? isNameAt(bytes, at, Field.SPEC)
        : isNameAt(bytes, at, bytes[at] === 0x74 ? Field.TYPE : Field.DATA);
    case 7:
      return isNameAt(bytes, at, Field.CREATOR);
    case 8:
      return isNameAt(bytes, at, Field.ENCODING);
    case 10:
      // c-reated_at, e-xpires_at
      return isNameAt(bytes, at, bytes[at] === 0x63 ? Field.CREATED_AT : Field.EXPIRES_AT);
    default:
      return -1;
  }
}

function isNameAt(bytes: Uint8Array, at: number, field: Field): number {
  const name = names[field];
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return -1;
  return field;
}

/** Passes one value of `extra`. The original component ends its work at text that is no UTF-8, and at a key that is no text. */
function isTaken(depth: number): boolean {
  if (depth > MOST_DEPTH || !extra.next()) return false;
  const { kind, size } = extra;
  if (kind === Kind.STR || kind === Kind.BIN || kind === Kind.EXT) {
    const start = extra.at;
    extra.passContent();
    return kind === Kind.BIN || (kind === Kind.STR && isUtf8(extra.bytes.subarray(start, extra.at)));
  }
  for (let i = 0; i < size && (kind === Kind.ARRAY || kind === Kind.MAP); i++) {
    if (kind === Kind.MAP && !isKeyTaken()) return false;
    if (!isTaken(depth + 1)) return false;
  }
  return true;
}

/** Text, and not the one that readers in JavaScript end at, or change an object with. */
function isKeyTaken(): boolean {
  if (!extra.next() || extra.kind !== Kind.STR) return false;
  const start = extra.at;
  extra.passContent();
  const key = extra.bytes.subarray(start, extra.at);
  return isUtf8(key) && Buffer.compare(key, PROTOTYPE) !== 0;
}

function cutShort(): MoniqueFault {
  return new MoniqueFault("BODY_UNREADABLE", "body: cut short, or with the byte c1");
}
