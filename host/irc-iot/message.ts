/** What a line of IRC-IoT says: its Containers, each whole or refused. Nothing is thrown, whatever the text is. */
import { type CheckName, checkOf } from "./checksum.ts";
import { elementSpans, withValues } from "./container-text.ts";
import type { Datum } from "./datum.ts";
import { type Fault, FaultCode } from "./fault-code.ts";
import { invalid, isCount, isRecord, readId } from "./fields.ts";
import { parseJson } from "./json-text.ts";
import type { Limits } from "./limits.ts";
import { readObjects } from "./objects.ts";

/** A part of a Datum's encoded text, `ed`, with where it belongs. */
export interface Fragment {
  oid: string;
  ot: string;
  /** A string, also where the sender wrote a number (vector F07). */
  did: string;
  /** Characters of the whole encoded text, and how many of them are before this part. */
  bc: number;
  bp: number;
  ed: string;
  /** The scheme, where the sender says it. */
  em?: string;
  /** What it inherits where the Datum itself does not say it. */
  src?: string;
  dst?: string;
  t?: string;
}

/** A request for what was lost (IRC-IoT S-6): 10, 11 a Container, 20, 21 an Object, 30, 31 a Datum; odd ones ask everybody. */
export interface LostRequest {
  kind: 10 | 11 | 20 | 21 | 30 | 31;
  rid: string;
  /** The first character that is missing, and the one behind the last: ours. */
  bp?: number;
  be?: number;
  /** Whom it is for, by nick: ours. */
  dst?: string;
}

export interface Container {
  mid: string;
  /** Exactly as it came: signatures, checksums and caches are of this. */
  text: string;
  datums: Datum[];
  fragments: Fragment[];
  ver?: string;
  lst?: LostRequest;
  ping?: string;
  pong?: string;
  ttl?: number;
  checksum: "none" | "right" | "wrong";
  /** Of all its Objects. */
  oids: string[];
  /** Why something of it was not taken. A Container that was refused as a whole has nothing but these. */
  faults: Fault[];
}

export interface Decoded {
  containers: Container[];
}

/** Far above any IRC line, whose text is at most 512 bytes; only a file can hold more. */
const LONGEST_TEXT = 65_536;
/** A signature of any method is shorter. */
const LONGEST_MID = 256;
const LONGEST_VERSION = 64;

const LOST_KINDS: readonly unknown[] = [10, 11, 20, 21, 30, 31];

/** One Container, or an array of them of which each stands for itself. A Fault: nothing of it was taken. */
export function decodeMessage(text: string, limits: Limits): Decoded | Fault {
  if (text.length > LONGEST_TEXT) return invalid(`${text.length} characters, allowed are ${LONGEST_TEXT}`);
  const parsed = parseJson(text, limits.maxDepth);
  if ("code" in parsed) return parsed;
  if (Array.isArray(parsed.value)) return decodeArray(text, parsed.value, limits);
  const container = decodeContainer(text, parsed.value, limits);
  return "code" in container ? container : { containers: [container] };
}

function decodeArray(text: string, values: readonly unknown[], limits: Limits): Decoded | Fault {
  const spans = elementSpans(text);
  const containers: Container[] = [];
  let refused: Fault | null = values.length === 0 ? invalid("an empty array") : null;
  for (let i = 0; i < values.length; i++) {
    const own = text.slice(spans[i].start, spans[i].end);
    const container = decodeContainer(own, values[i], limits);
    if ("code" in container) refused ??= container;
    containers.push("code" in container ? { ...emptyContainer("", own), faults: [container] } : container);
  }
  const isAnyTaken = containers.some(({ mid }) => mid !== "");
  return isAnyTaken ? { containers } : refused!;
}

function emptyContainer(mid: string, text: string): Container {
  return { mid, text, datums: [], fragments: [], checksum: "none", oids: [], faults: [] };
}

function decodeContainer(text: string, value: unknown, limits: Limits): Container | Fault {
  if (!isRecord(value)) return invalid("no Container, which is an object");
  const mid = readId(value.mid);
  if (mid === null || mid.length > LONGEST_MID) return invalid("a Container without a mid");
  const container = emptyContainer(mid, text);
  const unfit = readCounts(value) ?? readServices(value, container) ?? readCheck(value, container);
  if (unfit !== null) return unfit;
  if (container.checksum === "wrong") {
    // Who asks for the version after it (IRC-IoT S-9) must know that it was there.
    const fault = { code: FaultCode.CHECKSUM, reason: "the checksum is another one" };
    return { ...emptyContainer(mid, text), checksum: "wrong", faults: [fault] };
  }
  return readObjects(value, container, limits) ?? container;
}

/** `oc` and `op`, objects and how many of them came before: 1 where they are missing. */
function readCounts({ oc = 1, op = 1 }: Record<string, unknown>): Fault | null {
  if (isCount(oc) && isCount(op) && op <= oc) return null;
  return invalid("oc and op, allowed are whole numbers with op at most oc");
}

/** What a Container says beside its Objects. What is written wrong is passed over, unless nothing else is there. */
function readServices(value: Record<string, unknown>, container: Container): Fault | null {
  const { ver, ping, pong, lst, ttl } = value;
  if (typeof ver === "string" && ver.length <= LONGEST_VERSION) container.ver = ver;
  if (typeof ping === "string") container.ping = ping;
  if (typeof pong === "string") container.pong = pong;
  if (isCount(ttl)) container.ttl = ttl;
  if (lst !== undefined) readLost(value, container);
  if (value.o !== undefined) return null;
  const isService =
    container.ver !== undefined ||
    container.ping !== undefined ||
    container.pong !== undefined ||
    container.lst !== undefined;
  return isService ? null : (container.faults[0] ?? invalid("a Container without an Object or a service"));
}

function readLost({ lst, rid, bp, be, dst }: Record<string, unknown>, container: Container): void {
  const id = readId(rid);
  if (!LOST_KINDS.includes(lst) || id === null || id.length > LONGEST_MID) {
    container.faults.push(invalid("lst and rid, allowed are 10, 11, 20, 21, 30, 31 and an id"));
    return;
  }
  container.lst = { kind: lst as LostRequest["kind"], rid: id };
  if (isCount(bp)) container.lst.bp = bp;
  if (isCount(be)) container.lst.be = be;
  if (typeof dst === "string") container.lst.dst = dst;
}

/** `c1`, `c2`: of the text as it came, with the values of mid and of the check emptied. */
function readCheck(value: Record<string, unknown>, container: Container): Fault | null {
  if (value.c1 !== undefined) readOneCheck("c1", value.c1, container);
  if (value.c2 !== undefined) readOneCheck("c2", value.c2, container);
  return null;
}

function readOneCheck(name: CheckName, check: unknown, container: Container): void {
  if (container.checksum === "wrong") return;
  const bytes = Buffer.from(withValues(container.text, { mid: "", [name]: "" }));
  container.checksum = check === checkOf(name, bytes) ? "right" : "wrong";
}
