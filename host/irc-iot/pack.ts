/** Datums become Containers that fit a line: as many in each as there is room for, and those too big for one in fragments. */
import { type CheckName, checkOf } from "./checksum.ts";
import type { Datum } from "./datum.ts";
import { FaultCode, IrcIotError } from "./fault-code.ts";
import { formatAscii, quote, quoteKey } from "./json-text.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { encodeText, isSealing, type SchemeKeys } from "./scheme.ts";

/** The last number of each kind that was given out for `mid`; the next one to give out for `oid` and `did`. */
export interface Counters {
  mid: number;
  oid: number;
  did: number;
}

export interface PackOptions {
  scheme: string;
  /** pyirciot: what the reference can decode. */
  profile: "strict" | "pyirciot";
  checksum: "" | CheckName;
  /** Bytes kept free for the mid: a signature's, else the digits that the counter will have. */
  midBytes?: number;
  keys?: SchemeKeys;
}

/** A Container that waits for its turn: only then it gets its mid, so that one which is withdrawn leaves no gap. */
export interface Unsent {
  /** The text is head + mid + tail, all of it ASCII. */
  head: string;
  tail: string;
  oid: string;
  /** Of a fragment, else null. */
  did: string | null;
  ot: string;
  bp: number;
  bc: number;
  /** Which of the Datums given are complete with this line. */
  indexes: number[];
  /** The most bytes that it has with its mid. */
  maxBytes: number;
  /** What the reference will do to this Datum, for people. */
  warning?: string;
}

const HEAD = '{"mid":"';
/** Lines that may still leave before this one: its mid may have the digits of a number so much higher. */
const LINES_AHEAD = 1000;
/** Levels of a Container, its Object, the array of Datums. */
const LEVELS_AROUND = 3;
/** Schemes that the reference reads. */
const referenceSchemes: readonly string[] = ["b32p", "b64p", "b85p", "b64z", "b85z"];
const checkDigits = { c1: 4, c2: 8 };
/** Bytes whose base32 has no padding. The reference restores one all the same, and cannot read that: a blank prevents it. */
const BASE32_GROUP = 5;

/** A Datum's fields but `ot`, `src` and `dst`, and what `src` and `dst` take with their commas. */
interface Prepared {
  datum: Datum;
  rest: string;
  src: string;
  dst: string;
}

export class Packer {
  constructor(
    private readonly counters: Counters,
    private readonly limits: Limits = defaultLimits,
  ) {}

  /**
   * Lines of at most `budgetBytes` that carry `datums` in order. IrcIotError, with no counter moved, when one of them is no
   * Datum, JSON cannot carry it, it is too big for any receiver, or the budget is too small.
   */
  pack(datums: readonly Datum[], budgetBytes: number, options: PackOptions): Unsent[] {
    const { counters } = this;
    const midBytes = options.midBytes ?? String(counters.mid + LINES_AHEAD).length;
    const run = new Run(budgetBytes - midBytes, midBytes, options, this.limits, counters.oid, counters.did);
    for (let i = 0; i < datums.length; ) i = run.add(datums, i);
    counters.oid = run.oid;
    counters.did = run.did;
    return run.lines;
  }
}

/** One call: its own copy of the counters, so that a Datum that is refused leaves none of them moved. */
class Run {
  readonly lines: Unsent[] = [];
  /** The type of the lines that share the current oid. */
  private ot: string | null = null;

  constructor(
    /** Bytes of a line without its mid. */
    private readonly room: number,
    private readonly midBytes: number,
    private readonly options: PackOptions,
    private readonly limits: Limits,
    private nextOid: number,
    public did: number,
  ) {}

  /** The oid that the next run begins with. */
  get oid(): number {
    return this.ot === null ? this.nextOid : this.nextOid + 1;
  }

  /** Makes the lines for the longest run of Datums from `from` that one line holds; gives the index behind it. */
  add(datums: readonly Datum[], from: number): number {
    const first = prepare(datums[from], from, this.limits);
    const isPlain = !isSealing(this.options.scheme) && first.datum.ed === undefined;
    if (isPlain && new GroupSize(first, this.lengthAround(first.datum.ot)).bytes <= this.room)
      return this.addPlain(datums, from, first);
    this.fragment(first, from);
    return from + 1;
  }

  private addPlain(datums: readonly Datum[], from: number, first: Prepared): number {
    if (this.ot !== null && this.ot !== first.datum.ot) this.endObject();
    this.ot = first.datum.ot;
    const size = new GroupSize(first, this.lengthAround(first.datum.ot));
    const group = [first];
    let to = from + 1;
    for (; to < datums.length && datums[to]?.ot === this.ot; to++) {
      const next = prepare(datums[to], to, this.limits);
      if (next.datum.ed !== undefined || !size.add(next, this.room)) break;
      group.push(next);
    }
    this.pushPlain(group, from, size);
    return to;
  }

  /** Bytes of a line but for its mid, its Datums and their addresses. */
  private lengthAround(ot: string): number {
    return (
      HEAD.length + `","o":{"oid":"${this.oidFor(ot)}","ot":${quote(ot)},"d":}}`.length + this.checkLength
    );
  }

  private get checkLength(): number {
    const { checksum } = this.options;
    return checksum === "" ? 0 : `,"c1":""`.length + checkDigits[checksum];
  }

  private oidFor(ot: string): number {
    return this.ot === null || this.ot === ot ? this.nextOid : this.nextOid + 1;
  }

  private endObject(): void {
    this.nextOid = this.oid;
    this.ot = null;
  }

  private pushPlain(group: readonly Prepared[], from: number, { hasSrc, hasDst }: GroupSize): void {
    const { ot } = group[0].datum;
    const bodies = group.map(
      (one) => `{${hasSrc && hasDst ? one.rest : restOf(one.datum, hasSrc, hasDst, this.limits)}}`,
    );
    const d = bodies.length === 1 ? bodies[0] : `[${bodies.join(",")}]`;
    const shared = (hasSrc ? group[0].src : "") + (hasDst ? group[0].dst : "");
    const oid = String(this.nextOid);
    const indexes = group.map((_, i) => from + i);
    this.push(`","o":{"oid":"${oid}","ot":${quote(ot)}${shared},"d":${d}}`, {
      oid,
      did: null,
      ot,
      bp: 0,
      bc: 0,
      indexes,
    });
  }

  /** A Datum that no line holds, or that nobody may read: its text in pieces, one after the other, without overlap. */
  private fragment({ datum }: Prepared, index: number): void {
    const { scheme, profile, keys } = this.options;
    if (profile === "pyirciot" && !referenceSchemes.includes(scheme))
      throw new IrcIotError(
        FaultCode.SCHEME,
        `scheme ${scheme}: the reference reads ${referenceSchemes.join(", ")}`,
      );
    if (this.ot !== null) this.endObject();
    const { ot } = datum;
    const did = String(this.did);
    const json = `{${restOf(datum, false, false, this.limits)}}`;
    const isMisread = profile === "pyirciot" && scheme === "b32p" && json.length % BASE32_GROUP === 0;
    const text = encodeText(scheme, Buffer.from(isMisread ? `${json} ` : json, "latin1"), keys, { ot, did });
    const bc = text.length;
    if (bc > this.limits.maxEncoded || json.length > this.limits.maxInflated)
      throw new IrcIotError(
        FaultCode.LENGTH_EXCEEDED,
        `Datum ${index}: ${bc} characters encoded, allowed are ${this.limits.maxEncoded}`,
      );
    const warning = profile === "pyirciot" ? warningOf(json) : undefined;
    const em = profile === "pyirciot" ? "" : `"em":"${scheme}",`;
    const oid = String(this.nextOid);
    const before = `","o":{"oid":"${oid}","ot":${quote(ot)},"d":{"did":"${did}","bc":${bc},"bp":`;
    const fixed = HEAD.length + before.length + `,${em}"ed":""}}}`.length + this.checkLength;
    for (let bp = 0; bp < bc; ) {
      const room = this.room - fixed - String(bp).length;
      if (room < 1)
        throw new IrcIotError(
          FaultCode.LENGTH_EXCEEDED,
          `a line of ${this.room + this.midBytes} bytes: too short for a fragment`,
        );
      // The reference completes a Datum of one fragment only while none of another waits.
      const most = profile === "pyirciot" && bp === 0 ? Math.min(room, bc - 1) : room;
      const ed = text.slice(bp, bp + most);
      const indexes = bp + ed.length === bc ? [index] : [];
      this.push(`${before}${bp},${em}"ed":"${ed}"}}`, { oid, did, ot, bp, bc, indexes, warning });
      bp += ed.length;
    }
    this.nextOid++;
    this.did++;
  }

  private push(body: string, line: Omit<Unsent, "head" | "tail" | "maxBytes">): void {
    const tail = withCheck(body, this.options.checksum);
    const maxBytes = HEAD.length + this.midBytes + tail.length;
    if (line.warning === undefined) delete line.warning;
    this.lines.push({ head: HEAD, tail, maxBytes, ...line });
  }
}

/** Closes the Container, with its check: over its text without the values of mid and check, so that the mid can come later. */
function withCheck(body: string, name: "" | CheckName): string {
  if (name === "") return `${body}}`;
  const check = checkOf(name, Buffer.from(`${HEAD}${body},"${name}":""}`, "latin1"));
  return `${body},"${name}":"${check}"}`;
}

/** How long a line gets with one more Datum, without writing it: what all of them share stands once, in the Object. */
class GroupSize {
  hasSrc = true;
  hasDst = true;
  private count = 1;
  private rests: number;
  private srcs: number;
  private dsts: number;
  private empty: number;

  constructor(
    private readonly first: Prepared,
    private readonly around: number,
  ) {
    this.rests = first.rest.length;
    this.srcs = first.src.length;
    this.dsts = first.dst.length;
    this.empty = first.rest === "" ? 1 : 0;
  }

  get bytes(): number {
    const { count, hasSrc, hasDst, first } = this;
    const braces = 2 * count + (count === 1 ? 0 : count + 1);
    const addresses = (hasSrc ? first.src.length : this.srcs) + (hasDst ? first.dst.length : this.dsts);
    // The first field of a Datum has no comma before it.
    const commas = hasSrc && hasDst ? 0 : this.empty;
    return this.around + this.rests + braces + addresses - commas;
  }

  /** Whether there was room for it; without, nothing has changed. */
  add({ rest, src, dst }: Prepared, room: number): boolean {
    const before = [this.hasSrc, this.hasDst];
    this.change(1, rest, src, dst);
    this.hasSrc &&= src === this.first.src;
    this.hasDst &&= dst === this.first.dst;
    if (this.bytes <= room) return true;
    this.change(-1, rest, src, dst);
    [this.hasSrc, this.hasDst] = before;
    return false;
  }

  private change(by: 1 | -1, rest: string, src: string, dst: string): void {
    this.count += by;
    this.rests += by * rest.length;
    this.srcs += by * src.length;
    this.dsts += by * dst.length;
    if (rest === "") this.empty += by;
  }
}

function prepare(datum: Datum, index: number, limits: Limits): Prepared {
  if (typeof datum !== "object" || datum === null) throw refused(index, "not an object");
  const { ot, src, dst } = datum;
  if (typeof ot !== "string" || ot === "") throw refused(index, "no ot, which is a word");
  if (typeof src !== "string" || typeof dst !== "string")
    throw refused(index, "no src or no dst, which are addresses");
  return {
    datum,
    rest: restOf(datum, true, true, limits),
    src: `,"src":${quote(src)}`,
    dst: `,"dst":${quote(dst)}`,
  };
}

/** The fields of a Datum in their order, without `ot`, and without `src` and `dst` where the Object has them. */
function restOf(datum: Datum, isWithoutSrc: boolean, isWithoutDst: boolean, limits: Limits): string {
  const levels = limits.maxDepth - LEVELS_AROUND - 1;
  let rest = "";
  for (const key of Object.keys(datum)) {
    if (key === "ot" || (isWithoutSrc && key === "src") || (isWithoutDst && key === "dst")) continue;
    const value = datum[key];
    if (value === undefined) continue;
    rest += (rest === "" ? "" : ",") + quoteKey(key) + formatAscii(value, levels);
  }
  return rest;
}

/** What the reference makes of the text of a Datum that came in fragments: it reads it as Python writes bytes. */
function warningOf(json: string): string | undefined {
  if (json.includes("'") || json.includes('\\"'))
    return "quotes in a Datum of several lines: the reference loses it";
  if (json.includes("\\")) return "escapes in a Datum of several lines: the reference alters them";
  return undefined;
}

function refused(index: number, seen: string): IrcIotError {
  return new IrcIotError(FaultCode.INVALID_MESSAGE, `Datum ${index}: ${seen}`);
}
