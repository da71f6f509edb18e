/**
 * One commit of the store: the messages that came while the commit before it was being written, as one value.
 *
 *   key     g/FIRST-COMMIT        number of the first message and of the commit, 14 hexadecimal digits each
 *   value   crc:4  format:1  commit:8  first:8  count:4  at:8  age:8  offset:8  documents:4  digest:4  records:~
 *   record  01  device:~  epoch:~                       a source, numbered from 0 in the order they come
 *           02  source:2  seq:8  at:8  size:4  payload:~    a message
 *
 * Numbers are little-endian; those of 8 bytes are doubles, exact to 2^53. Every commit leaves such a value, without
 * messages too, so that a missing commit shows as a gap (iotgw §10, rule 7). `offset` is the bytes of all groups before,
 * `age` the store's own time (store-clock.ts), `documents` and `digest` what all documents come to (document-digest.ts).
 */
import { parsePayload } from "../platform/payload.ts";
import { isWhole, sealInPlace } from "./sealed.ts";
import type { DeliveredMessage } from "./store.ts";

const FORMAT = 1;
const HEAD_BYTES = 57;
const FIRST_BYTES = 4096;
const enum Kind {
  SOURCE = 1,
  MESSAGE = 2,
}
const enum At {
  FORMAT = 4,
  COMMIT = 5,
  FIRST = 13,
  COUNT = 21,
  TIME = 25,
  AGE = 33,
  OFFSET = 41,
  DOCUMENTS = 49,
  DIGEST = 53,
}
const MESSAGE_BYTES = 23;
/** Its length is one byte: a board's name behind those of three gateways fits (session part 4). */
const LONGEST_NAME = 255;

export interface GroupHead {
  commit: number;
  first: number;
  count: number;
  /** ms since 1970 of its first message; of the commit when it has none. */
  at: number;
  /** ms the store had been open, over all processes. */
  age: number;
  /** Bytes of all groups before this one, and of this one. */
  offset: number;
  bytes: number;
  /** How many documents there are once this is committed, and what they come to. */
  documents: number;
  digest: number;
}

export const GROUPS = { gte: "g/", lt: "g0" };

export function groupKey(first: number, commit: number): string {
  return `g/${hex(first)}-${hex(commit)}`;
}

/** The commit's number in a key of groupKey. */
export function commitOf(key: string): number {
  return Number.parseInt(key.slice(17), 16);
}

export function firstOf(key: string): number {
  return Number.parseInt(key.slice(2, 16), 16);
}

const hex = (n: number) => n.toString(16).padStart(14, "0");

/** Messages gathered for the next commit, in the bytes they will be written as. */
export class GroupBuilder {
  count = 0;
  /** ms since 1970 of the first message. */
  private at = 0;
  private bytes = Buffer.allocUnsafe(HEAD_BYTES);
  private end = HEAD_BYTES;
  private readonly sources = new Map<string, number>();
  private lastDevice = "";
  private lastEpoch = "";
  private lastSource = -1;

  /** Copies payload[start…end). */
  add(message: DeliveredMessage, payload: Uint8Array, start: number, end: number): void {
    const { device, epoch, seq, at } = message;
    const source = this.sourceOf(device, epoch);
    const size = end - start;
    const bytes = this.room(MESSAGE_BYTES + size);
    let to = this.end;
    bytes[to] = Kind.MESSAGE;
    bytes.writeUInt16LE(source, to + 1);
    bytes.writeDoubleLE(seq, to + 3);
    bytes.writeDoubleLE(at, to + 11);
    bytes.writeUInt32LE(size, to + 19);
    to += MESSAGE_BYTES;
    bytes.set(payload.subarray(start, end), to);
    this.end = to + size;
    if (this.count++ === 0) this.at = at;
  }

  get size(): number {
    return this.end;
  }

  /** The whole value, sealed under `key`, and its head; the builder is then done with. `at` is for one without messages. */
  finish(key: string, about: Omit<GroupHead, "count" | "bytes">): { value: Buffer; head: GroupHead } {
    const value = this.bytes.subarray(0, this.end);
    const { count } = this;
    const at = count === 0 ? about.at : this.at;
    value[At.FORMAT] = FORMAT;
    value.writeDoubleLE(about.commit, At.COMMIT);
    value.writeDoubleLE(about.first, At.FIRST);
    value.writeUInt32LE(count, At.COUNT);
    value.writeDoubleLE(at, At.TIME);
    value.writeDoubleLE(about.age, At.AGE);
    value.writeDoubleLE(about.offset, At.OFFSET);
    value.writeUInt32LE(about.documents, At.DOCUMENTS);
    value.writeUInt32LE(about.digest, At.DIGEST);
    return { value: sealInPlace(key, value), head: { ...about, count, at, bytes: value.length } };
  }

  private sourceOf(device: string, epoch: string): number {
    if (this.lastDevice === device && this.lastEpoch === epoch && this.lastSource >= 0)
      return this.lastSource;
    const name = `${device}/${epoch}`;
    let source = this.sources.get(name);
    if (source === undefined) {
      if (device.length > LONGEST_NAME || epoch.length > LONGEST_NAME)
        throw new RangeError(
          `keep a message of ${device}: its name is too long; allowed: ${LONGEST_NAME} bytes`,
        );
      source = this.sources.size;
      this.sources.set(name, source);
      const bytes = this.room(3 + device.length + epoch.length);
      bytes[this.end++] = Kind.SOURCE;
      this.end = writeName(bytes, writeName(bytes, this.end, device), epoch);
    }
    this.lastDevice = device;
    this.lastEpoch = epoch;
    this.lastSource = source;
    return source;
  }

  private room(size: number): Buffer {
    if (this.end + size > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(FIRST_BYTES, 2 * Math.max(this.bytes.length, size)));
      this.bytes.copy(grown, 0, 0, this.end);
      this.bytes = grown;
    }
    return this.bytes;
  }
}

/** The head of a whole value; null when it is damaged. */
export function readHead(key: string, value: Buffer): GroupHead | null {
  if (value.length < HEAD_BYTES || value[At.FORMAT] !== FORMAT || !isWhole(key, value)) return null;
  return {
    commit: value.readDoubleLE(At.COMMIT),
    first: value.readDoubleLE(At.FIRST),
    count: value.readUInt32LE(At.COUNT),
    at: value.readDoubleLE(At.TIME),
    age: value.readDoubleLE(At.AGE),
    offset: value.readDoubleLE(At.OFFSET),
    bytes: value.length,
    documents: value.readUInt32LE(At.DOCUMENTS),
    digest: value.readUInt32LE(At.DIGEST),
  };
}

/** The messages of a whole value from number `from` on; `wanted` says of which device, if only of one. */
export function readMessages(value: Buffer, from: number, wanted?: string): DeliveredMessage[] {
  const found: DeliveredMessage[] = [];
  const sources: [device: string, epoch: string][] = [];
  let n = value.readDoubleLE(At.FIRST);
  for (let at = HEAD_BYTES; at < value.length; ) {
    if (value[at] === Kind.SOURCE) {
      const device = readName(value, at + 1);
      const epoch = readName(value, at + 2 + device.length);
      sources.push([device, epoch]);
      at += 3 + device.length + epoch.length;
      continue;
    }
    const [device, epoch] = sources[value.readUInt16LE(at + 1)];
    const payload = at + MESSAGE_BYTES;
    const next = payload + value.readUInt32LE(at + 19);
    if (n >= from && (wanted === undefined || wanted === device)) {
      const [seq, time] = [value.readDoubleLE(at + 3), value.readDoubleLE(at + 11)];
      const message = parsePayload(value, payload, next) ?? {};
      found.push(delivered(n, device, epoch, seq, time, message));
    }
    n++;
    at = next;
  }
  return found;
}

/** A message as every consumer sees it. */
export function delivered(
  n: number,
  device: string,
  epoch: string,
  seq: number,
  at: number,
  message: Record<string, unknown>,
): DeliveredMessage {
  const { t } = message;
  if (typeof t !== "number") return { n, device, epoch, seq, at, message };
  return { n, device, epoch, seq, t, at, message };
}

/** Names are ASCII and short (session part 4). */
function writeName(bytes: Buffer, at: number, name: string): number {
  bytes[at] = name.length;
  bytes.write(name, at + 1, "latin1");
  return at + 1 + name.length;
}

function readName(bytes: Buffer, at: number): string {
  return bytes.toString("latin1", at + 1, at + 1 + bytes[at]);
}
