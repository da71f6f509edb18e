/**
 * The history in its database: blocks of values, which series there are, and up to which message of the store they have
 * come. All that a change means is one batch, so that a crash at any step leaves either all of it or nothing.
 *
 *   head        the cursor, and what was counted (head.ts)
 *   s/SOURCE    a source and its fields (catalogue.ts)
 *   b/, v/      blocks (block.ts)
 */
import type { Clock } from "../platform/clock.ts";
import type { Change, Database, Entry } from "../store/database.ts";
import { unseal } from "../store/sealed.ts";
import { StoreClock } from "../store/store-clock.ts";
import { damage } from "../store/store-fault.ts";
import { BLOCKS, type Block, blockKey, sourceIn, steps, unsealBlock, valueKey, valueKeys } from "./block.ts";
import { newBlock, putBlock, putSource, sourceKey, valuesOf } from "./block-changes.ts";
import { Catalogue, note, type Source, type SourceDocument } from "./catalogue.ts";
import { type Counts, type Cursor, putHead, readHead } from "./head.ts";
import { pour, type Sink } from "./pour.ts";
import { decodeField, decodeTable, type Table } from "./table.ts";
import { meanOf, thin } from "./thin.ts";

const SOURCES = { gte: "s/", lt: "s0" };
/** Values read at once. */
const READ_AT_ONCE = 256;
/**
 * Sources of which values are thinned at once: those of all blocks are in memory. They are read in a row; LevelDB counts what
 * is looked up key by key, and soon merges every table in which it was looked for in vain.
 */
const THINNED_AT_ONCE = 64;
/** So often a reading begins anew because its blocks were thinned meanwhile: they are once an hour. */
const MOST_TRIES = 5;

export class Archive {
  catalogue = new Catalogue();
  cursor: Cursor = { epoch: "", n: 0, last: null };
  counts: Counts = { unkept: 0, missed: 0 };
  /** Values that could not be read any more. */
  damaged = 0;
  /** In the order of their numbers, which is that of time: the thinned ones first. */
  private blocks: Block[] = [];
  private next = 1;
  private readonly clock: StoreClock;
  /** Changes when blocks go that may be being read. */
  private generation = 0;

  constructor(
    private readonly database: Database,
    private readonly folder: string,
    clock: Clock,
  ) {
    this.clock = new StoreClock(() => clock.now());
  }

  /** From an open database. Rejects with STORE_CORRUPT when it is damaged. */
  async load(): Promise<void> {
    const head = await readHead(this.database, this.folder);
    this.cursor = { epoch: head.epoch, n: head.n, last: head.last };
    this.counts = { unkept: head.unkept, missed: head.missed };
    this.next = head.next;
    this.clock.load(head.age);
    this.catalogue = new Catalogue();
    const sources = new Map<number, Source>();
    for (const [key, value] of await this.database.read(SOURCES)) {
      const document = unseal(key, value) as SourceDocument | undefined;
      if (document === undefined) throw damage(`the value ${key} is damaged`, this.folder);
      const id = Number.parseInt(key.slice(SOURCES.gte.length), 16);
      sources.set(id, this.catalogue.load(id, document));
    }
    const blocks: Block[] = [];
    for (const [key, value] of await this.database.read(BLOCKS)) {
      const block = unsealBlock(key, value);
      if (block === null) throw damage(`the value ${key} is damaged`, this.folder);
      blocks.push(block);
    }
    this.blocks = blocks.sort((a, b) => a.number - b.number);
    this.generation++;
    await this.findNewest(sources);
  }

  /** ms that the history has been open, over all its processes. */
  get age(): number {
    return this.clock.age;
  }

  /** The number of the block that is gathered now. */
  get nextBlock(): number {
    return this.next;
  }

  get totals(): { points: number; bytes: number; from: number } {
    const totals = { points: 0, bytes: 0, from: 0 };
    for (const { points, bytes, minT } of this.blocks) {
      totals.points += points;
      totals.bytes += bytes;
      totals.from = totals.from === 0 ? minT : Math.min(totals.from, minT);
    }
    return totals;
  }

  /**
   * Writes values and how far they go; `onWritten`: from here on they are read from here. Once it rejects they may be there
   * all the same: load() tells.
   */
  async write(
    tables: ReadonlyMap<number, Table>,
    cursor: Cursor,
    counts: Counts,
    onWritten: () => void,
  ): Promise<void> {
    const changes: Change[] = this.catalogue.takeChanged().map(putSource);
    const { next } = this;
    const blocks: Block[] = [];
    if (tables.size > 0) {
      const block = newBlock(0, next, next, this.age);
      changes.push(...valuesOf(block, tables), putBlock(block));
      blocks.push(block);
    }
    const head = { ...cursor, ...counts, next: next + blocks.length };
    await this.database.write([...changes, putHead(head, this.age)], true);
    this.cursor = cursor;
    this.counts = counts;
    this.next = head.next;
    this.blocks.push(...blocks);
    onWritten();
  }

  /** Every block, the oldest first. */
  get all(): readonly Block[] {
    return this.blocks;
  }

  /** Makes one block of the next level of these, which follow each other. */
  async thin(unit: readonly Block[]): Promise<void> {
    const [first] = unit;
    const newest = unit[unit.length - 1];
    const level = first.level + 1;
    const block = newBlock(level, first.number, newest.last, newest.age);
    const all = new Set(unit.flatMap(({ sources }) => sources.filter((_, i) => i % 2 === 0)));
    const ids = [...all].sort((a, b) => a - b);
    const changes: Change[] = [];
    for (let at = 0; at < ids.length; at += THINNED_AT_ONCE)
      for (const [id, entries] of await this.readSources(unit, ids.slice(at, at + THINNED_AT_ONCE))) {
        const tables = entries.flatMap(([key, value]) => this.decoded(key, value));
        if (tables.length > 0) changes.push(...valuesOf(block, new Map([[id, thin(tables, steps[level])]])));
        for (const [key] of entries) changes.push({ type: "del", key });
      }
    for (const one of unit) changes.push({ type: "del", key: blockKey(one) });
    // Nothing of it could be read.
    const made = block.points > 0 ? [block] : [];
    await this.replace([...changes, ...made.map(putBlock)], unit, made);
  }

  /** What these blocks have of these sources, by source; `ids` in order. */
  private async readSources(blocks: readonly Block[], ids: readonly number[]): Promise<Map<number, Entry[]>> {
    const found = new Map<number, Entry[]>();
    for (const block of blocks) {
      const range = { gte: valueKey(block, ids[0]), lt: valueKey(block, ids[ids.length - 1] + 1) };
      for (const entry of await this.database.read(range)) {
        const id = sourceIn(entry[0]);
        const entries = found.get(id);
        if (entries === undefined) found.set(id, [entry]);
        else entries.push(entry);
      }
    }
    return found;
  }

  /** Gives up these, the oldest. */
  async drop(unit: readonly Block[]): Promise<void> {
    const changes: Change[] = [];
    for (const block of unit) {
      for (const key of await valueKeys(this.database, block)) changes.push({ type: "del", key });
      changes.push({ type: "del", key: blockKey(block) });
    }
    await this.replace(changes, unit, []);
  }

  /** Asks the disk for the room of what was given up. */
  async compact(): Promise<void> {
    for (const level of steps.keys()) {
      const first = this.blocks.find((block) => block.level === level);
      const end = first === undefined ? `v/${level}0` : valueKey(first, 0);
      await this.database.compact(`v/${level}/`, end);
    }
  }

  /**
   * Every value of a field from `from` on, before `to`; in no order. `begin`: called before, once more when its blocks were
   * thinned meanwhile and all comes anew.
   */
  async read(source: Source, field: number, from: number, to: number, begin: () => Sink): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { generation } = this;
      const sink = begin();
      const blocks = this.within(from, to);
      for (let at = 0; at < blocks.length && generation === this.generation; at += READ_AT_ONCE)
        await this.readBlocks(blocks.slice(at, at + READ_AT_ONCE), source, field, from, to, sink);
      if (generation === this.generation) return;
    }
    throw new Error("reading the history: it changed all the time");
  }

  /** The longest bucket in that time, ms. */
  coarsest(from: number, to: number): number {
    return this.within(from, to).reduce((most, { level }) => Math.max(most, steps[level]), 0);
  }

  private within(from: number, to: number): Block[] {
    return this.blocks.filter(({ level, minT, maxT }) => maxT + steps[level] > from - 1 && minT < to);
  }

  private async readBlocks(
    blocks: readonly Block[],
    source: Source,
    field: number,
    from: number,
    to: number,
    sink: Sink,
  ): Promise<void> {
    const keys = blocks.map((block) => valueKey(block, source.id));
    const values = await this.database.get(keys);
    for (const [i, value] of values.entries()) {
      if (value === undefined) continue;
      const found = decodeField(keys[i], value, field);
      if (found === null) this.damaged++;
      else pour(found[0], found[1], steps[blocks[i].level], from, to, sink);
    }
  }

  private async replace(changes: Change[], gone: readonly Block[], come: readonly Block[]): Promise<void> {
    const left = new Set(gone);
    const blocks = [...come, ...this.blocks.filter((block) => !left.has(block))].sort(
      (a, b) => a.number - b.number,
    );
    const oldest = Math.min(this.next, ...blocks.map(({ number }) => number));
    const lost = this.catalogue.forgetBefore(oldest);
    for (const { id } of lost) changes.push({ type: "del", key: sourceKey(id) });
    changes.push(...this.catalogue.takeChanged().map(putSource));
    await this.database.write(changes, true);
    this.blocks = blocks;
    this.generation++;
  }

  private decoded(key: string, value: Buffer | undefined): Table[] {
    if (value === undefined) return [];
    const table = decodeTable(key, value);
    if (table === null) this.damaged++;
    return table === null ? [] : [table];
  }

  /** What of each field is newest, which is written with the values only. */
  private async findNewest(sources: ReadonlyMap<number, Source>): Promise<void> {
    const wanted = new Map<string, { source: Source; fields: number[]; block: number }>();
    const seen = new Set<string>();
    for (const block of [...this.blocks].reverse())
      for (let i = 0; i < block.sources.length; i += 2) {
        const [id, mask] = [block.sources[i], block.sources[i + 1]];
        const source = sources.get(id);
        this.catalogue.spare(id);
        const fields = source?.fields.flatMap((field, at) => {
          if (field === null || (mask & (1 << at)) === 0 || seen.has(`${id} ${at}`)) return [];
          seen.add(`${id} ${at}`);
          return [at];
        });
        if (source !== undefined && fields !== undefined && fields.length > 0)
          wanted.set(valueKey(block, id), { source, fields, block: block.last });
      }
    const keys = [...wanted.keys()];
    for (let at = 0; at < keys.length; at += READ_AT_ONCE) {
      const some = keys.slice(at, at + READ_AT_ONCE);
      const values = await this.database.get(some);
      for (const [i, key] of some.entries()) {
        const { source, fields, block } = wanted.get(key)!;
        const [table] = this.decoded(key, values[i]);
        for (const field of fields) noteNewest(source, field, block, table);
      }
    }
  }
}

function noteNewest(source: Source, field: number, block: number, table: Table | undefined): void {
  const found = source.fields[field]!;
  found.newest = block;
  const column = table?.columns.get(field);
  if (table === undefined || column === undefined) return;
  for (const [row, t] of table.times.entries())
    if (column.counts[row] > 0) note(found, t, meanOf(column.counts[row], column.sums[row]), block);
}
