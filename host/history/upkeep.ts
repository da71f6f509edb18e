/**
 * What becomes of blocks as they grow old, or as room gets short: values become buckets of a minute, those buckets of ten,
 * and the oldest of all go.
 */
import type { Archive } from "./archive.ts";
import type { Block } from "./block.ts";

export interface Bounds {
  /** How long values are kept as they came, as buckets of a minute, and at all, s. */
  rawS: number;
  minuteS: number;
  keepS: number;
  maxBytes: number;
}

const HOUR_MS = 3_600_000;
/** What is thinned at once: the span of a block of minutes, and of tens of minutes. */
const spansMs = [HOUR_MS, 6 * HOUR_MS] as const;
/** Blocks that are thinned at once at most: their values are in memory, of one source after the other. */
const MOST_AT_ONCE = 256;
/** Of maxBytes: what values as they came may take, and they and minutes together, before they are thinned early. */
const shares = [1 / 2, 3 / 4] as const;
/** Room given up that is worth a merge of tables: a part of maxBytes, and so much at least. */
const GIVE_BACK_PART = 1 / 32;
const GIVE_BACK_BYTES = 4 << 20;

export class Upkeep {
  private givenUp = 0;

  constructor(
    private readonly archive: Archive,
    private readonly bounds: Bounds,
  ) {}

  /** One step of it -> whether there is another. */
  async step(): Promise<boolean> {
    const { archive, bounds } = this;
    const { age, all } = archive;
    const before = archive.totals.bytes;
    const unit = dueUnit(0, all, age, bounds) ?? dueUnit(1, all, age, bounds);
    const over = unit === null ? overdue(all, age, bounds) : [];
    if (unit !== null) await archive.thin(unit);
    else if (over.length > 0) await archive.drop(over);
    else return false;
    this.givenUp += before - archive.totals.bytes;
    if (this.givenUp < Math.max(GIVE_BACK_BYTES, bounds.maxBytes * GIVE_BACK_PART)) return true;
    this.givenUp = 0;
    await archive.compact();
    return true;
  }
}

/** The oldest blocks of a level, when they are to be thinned: a whole span of them, unless room is short. */
function dueUnit(level: 0 | 1, all: readonly Block[], age: number, bounds: Bounds): Block[] | null {
  const blocks = all.filter((block) => block.level === level);
  const [first] = blocks;
  if (first === undefined) return null;
  const span = spansMs[level];
  const unit = blocks.filter((block) => block.age - first.age < span).slice(0, MOST_AT_ONCE);
  const keepMs = 1000 * (level === 0 ? bounds.rawS : bounds.minuteS);
  const isOld = age - first.age > keepMs + span;
  const room = shares[level] * bounds.maxBytes;
  const isCrowded = bytesOf(all.filter((block) => block.level <= level)) > room;
  return isOld || isCrowded ? unit : null;
}

/** The oldest that are too old, or too much. */
function overdue(all: readonly Block[], age: number, { keepS, maxBytes }: Bounds): Block[] {
  let bytes = bytesOf(all);
  const over: Block[] = [];
  for (const block of all) {
    if (age - block.age <= 1000 * keepS && bytes <= maxBytes) break;
    over.push(block);
    bytes -= block.bytes;
  }
  return over;
}

const bytesOf = (blocks: readonly Block[]) => blocks.reduce((sum, { bytes }) => sum + bytes, 0);
