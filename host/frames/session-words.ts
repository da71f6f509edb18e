/**
 * Bytes of a session in words (session §1–§4). The bytes do not say who sent them or whether they begin with a
 * handshake, so every reading is tried and the one that understands most is taken.
 */
import { codeName } from "../../shared/session/code-names.ts";
import { Code } from "../../shared/session/codes.ts";
import { Limit } from "../../shared/session/state.ts";
import { SystemCount } from "../../shared/session/sync.ts";
import { decodeVarint, Varint, varintLength } from "../../shared/varint.ts";
import { cutShort, type Finding, notUnderstood, understood } from "./findings.ts";
import { payloadInWords } from "./payload-words.ts";
import {
  type HeadReader,
  readClientStateHead,
  readNewSessionHead,
  readRefusalHead,
  readRequestHead,
  readResumedHead,
  readServerStateHead,
} from "./session-heads.ts";

export type Speaker = "client" | "server";

export interface SessionReading {
  findings: Finding[];
  /** Who sends such bytes; undefined when either may. */
  speaker: Speaker | undefined;
  /** Other readings that understand every byte: their first words. */
  alternatives: string[];
}

interface Beginning {
  speaker: Speaker | undefined;
  heads: HeadReader[];
  /** After a refusal the connection breaks (session §1.3, §1.4). */
  isLast?: boolean;
}

/** In the order in which they are believed when they understand equally much. */
const beginnings: readonly Beginning[] = [
  { speaker: "client", heads: [readRequestHead, readClientStateHead] },
  { speaker: "server", heads: [readNewSessionHead, readServerStateHead] },
  { speaker: undefined, heads: [] },
  { speaker: "server", heads: [readRefusalHead], isLast: true },
  { speaker: "server", heads: [readResumedHead, readServerStateHead] },
  { speaker: "server", heads: [readServerStateHead] },
  { speaker: "client", heads: [readClientStateHead] },
];

/**
 * Reads `bytes`, at least one, from their first. `from` says who sent them, `isOpen` that the handshake was before them,
 * where that is known.
 */
export function readSession(bytes: Uint8Array, from?: Speaker, isOpen = false): SessionReading {
  const fits = ({ speaker, heads }: Beginning) =>
    isOpen ? heads.length === 0 : !from || !speaker || speaker === from;
  const allowed = beginnings.filter(fits);
  const readings = allowed.map((beginning) => ({ beginning, findings: readAs(bytes, beginning) }));
  const sizes = readings.map(({ findings }) => understoodBytes(findings));
  const best = sizes.indexOf(Math.max(...sizes));
  const others = readings.filter(
    (_, i) => i !== best && sizes[best] === bytes.length && sizes[i] === bytes.length,
  );
  return {
    findings: readings[best].findings,
    speaker: readings[best].beginning.speaker,
    alternatives: others.map(({ findings }) => findings[0].meaning),
  };
}

function readAs(bytes: Uint8Array, { heads, isLast = false }: Beginning): Finding[] {
  const findings: Finding[] = [];
  const readers = [...heads];
  for (let at = 0; at < bytes.length; at = findings[findings.length - 1].end) {
    const read = readers.shift() ?? (isLast ? readNothing : readPacket);
    findings.push(read(bytes, at));
  }
  return findings;
}

function understoodBytes(findings: Finding[]): number {
  return findings.reduce((sum, { start, end, isUnderstood }) => sum + (isUnderstood ? end - start : 0), 0);
}

function readNothing(bytes: Uint8Array, at: number): Finding {
  return notUnderstood(at, bytes.length, "session §1.3", "bytes after a refusal, where the connection ends");
}

/** One packet at bytes[at]; `index` is its global one, where that is known. */
export function readPacket(bytes: Uint8Array, at: number, index?: number): Finding {
  const size = decodeVarint(bytes, at, bytes.length);
  if (size === Varint.MORE) return cutShort(at, bytes.length, "session §4", "packetSize, cut short");
  if (size === Varint.RANGE)
    return notUnderstood(
      at,
      bytes.length,
      "session §4",
      `packetSize malformed: ${codeName(Code.VARINT_RANGE)}`,
    );
  const data = at + varintLength(bytes[at]);
  if (size === 0) return readSync(bytes, at, data);
  if (data + size > bytes.length) {
    const text = `data packet of ${size} bytes, cut short: ${bytes.length - data} are here`;
    return cutShort(at, bytes.length, "session §4", text);
  }
  const name = index === undefined ? "data packet" : `data packet ${index}`;
  const text = `${name} of ${size} bytes: ${payloadInWords(bytes, data, data + size)}`;
  return understood(at, data + size, "session §4", text);
}

function readSync(bytes: Uint8Array, at: number, data: number): Finding {
  if (data === bytes.length) return cutShort(at, data, "session §3", "sync packet, cut short");
  const count = bytes[data];
  if (count === 0) return understood(at, data + 1, "session §3.1", "heartbeat");
  if (count === SystemCount.CLOSE) return understood(at, data + 1, "session §3.2", "close of the session");
  if (count <= Limit.RECEIVE_COUNT) {
    return understood(
      at,
      data + 1,
      "session §3",
      `sync: ${count} ${count === 1 ? "packet" : "packets"} received`,
    );
  }
  const text = `sync with receiveCount ${count}, malformed: ${codeName(Code.RECEIVE_COUNT_RESERVED)}`;
  return notUnderstood(at, bytes.length, "session §3", text);
}
