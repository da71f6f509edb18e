/** Datums become Containers that fit a line: as many in each as there is room for, and those too big for one in fragments. */
import { type CheckName, checkOf } from "./checksum.ts";
import { cutDatum } from "./cut-datum.ts";
import type { Datum } from "./datum.ts";
import { GroupSize } from "./group-size.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { fieldsOf, type Prepared, prepare } from "./prepare.ts";
import { isSealing } from "./scheme.ts";
import type { SchemeKeys } from "./scheme-keys.ts";

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

export const HEAD = '{"mid":"';
/** What a line with Datums has but for its mid, oid, ot, addresses and Datums. */
const PLAIN_BYTES = `${HEAD}","o":{"oid":"","ot":,"d":}}`.length;
/** Lines that may still leave before this one: its mid may have the digits of a number so much higher. */
const LINES_AHEAD = 1000;
/** Bytes of a check: its field and its digits. */
const checkBytes = { "": 0, c1: `,"c1":"0000"`.length, c2: `,"c2":"00000000"`.length };

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
    const midBytes = options.midBytes ?? digitsOf(counters.mid + LINES_AHEAD);
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
  private readonly isSealed: boolean;

  constructor(
    /** Bytes of a line without its mid. */
    private readonly room: number,
    private readonly midBytes: number,
    private readonly options: PackOptions,
    private readonly limits: Limits,
    private nextOid: number,
    public did: number,
  ) {
    this.room -= checkBytes[options.checksum];
    this.isSealed = isSealing(options.scheme);
  }

  /** The oid that the next run begins with. */
  get oid(): number {
    return this.ot === null ? this.nextOid : this.nextOid + 1;
  }

  /** Makes the lines for the longest run of Datums from `from` that one line holds; gives the index behind it. */
  add(datums: readonly Datum[], from: number): number {
    const first = prepare(datums[from], from, this.limits);
    const oid = first.datum.ot === this.ot ? this.nextOid : this.oid;
    const around = PLAIN_BYTES + digitsOf(oid) + first.ot.length;
    const { rest, src, dst, datum } = first;
    const isPlain = !this.isSealed && datum.ed === undefined;
    if (!isPlain || around + rest.length + 2 + src.length + dst.length > this.room) {
      this.addCut(first, from);
      return from + 1;
    }
    this.nextOid = oid;
    this.ot = datum.ot;
    const isAlone = from + 1 === datums.length || datums[from + 1]?.ot !== datum.ot;
    if (!isAlone) return this.addGroup(datums, from, first, around);
    this.addLine(first, `${src}${dst},"d":{${rest}}}`, [from]);
    return from + 1;
  }

  private addGroup(datums: readonly Datum[], from: number, first: Prepared, around: number): number {
    const size = new GroupSize(first, around);
    const group = [first];
    let to = from + 1;
    for (; to < datums.length && datums[to]?.ot === this.ot; to++) {
      const next = prepare(datums[to], to, this.limits);
      if (next.datum.ed !== undefined || !size.add(next, this.room)) break;
      group.push(next);
    }
    const { hasSrc, hasDst } = size;
    const isAllShared = hasSrc && hasDst;
    const bodies = group.map(
      ({ rest, datum }) => `{${isAllShared ? rest : fieldsOf(datum, hasSrc, hasDst, this.limits)}}`,
    );
    const d = bodies.length === 1 ? bodies[0] : `[${bodies.join(",")}]`;
    const shared = (hasSrc ? first.src : "") + (hasDst ? first.dst : "");
    this.addLine(
      first,
      `${shared},"d":${d}}`,
      group.map((_, i) => from + i),
    );
    return to;
  }

  /** `inner` is what its Object has behind its type. */
  private addLine({ ot, datum }: Prepared, inner: string, indexes: number[]): void {
    const oid = `${this.nextOid}`;
    const tail = withCheck(`","o":{"oid":"${oid}","ot":${ot}${inner}`, this.options.checksum);
    const maxBytes = HEAD.length + this.midBytes + tail.length;
    this.lines.push({ head: HEAD, tail, oid, did: null, ot: datum.ot, bp: 0, bc: 0, indexes, maxBytes });
  }

  /** A Datum that no line holds, or that nobody may read, under an oid and a did of its own. */
  private addCut(prepared: Prepared, index: number): void {
    const { room, midBytes, options, limits, did, oid } = this;
    for (const { body, ...line } of cutDatum(prepared, index, { room, options, limits, did, oid })) {
      const tail = withCheck(body, options.checksum);
      this.lines.push({ head: HEAD, tail, ...line, maxBytes: HEAD.length + midBytes + tail.length });
    }
    this.nextOid = oid + 1;
    this.ot = null;
    this.did++;
  }
}

/** Closes the Container, with its check: over its text without the values of mid and check, so that the mid can come later. */
function withCheck(body: string, name: "" | CheckName): string {
  if (name === "") return `${body}}`;
  const check = checkOf(name, Buffer.from(`${HEAD}${body},"${name}":""}`, "latin1"));
  return `${body},"${name}":"${check}"}`;
}

function digitsOf(count: number): number {
  let digits = 1;
  for (let rest = count; rest >= 10; rest /= 10) digits++;
  return digits;
}
