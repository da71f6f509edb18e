/**
 * Which series there are: for each board and type of message a source, with a number of its own, and its fields, by
 * number as well. Numbers are what is kept with the values; those of a field that has no value any more are given again.
 */
import type { SeriesName, SeriesView } from "./series.ts";

/** More would be somebody who counts through names. */
const MOST_FIELDS = 32;
const MOST_SERIES_OF_BOARD = 64;
const MOST_SERIES = 20_000;

export interface Field {
  name: string;
  /** ms since 1970 of its first and its newest value. */
  from: number;
  to: number;
  last: number;
  /** The newest block that has a value of it. */
  newest: number;
}

export interface Source {
  readonly id: number;
  readonly device: string;
  readonly type: string;
  /** null: free. */
  readonly fields: (Field | null)[];
}

/** As it is kept. */
export interface SourceDocument {
  device: string;
  type: string;
  fields: ([name: string, from: number] | null)[];
}

export class Catalogue {
  private readonly sources = new Map<string, Source>();
  private readonly ofBoard = new Map<string, number>();
  private total = 0;
  private nextId = 1;
  /** Sources with fields that are not written yet. */
  private readonly changed = new Set<Source>();

  get series(): number {
    return this.total;
  }

  /** The first value of all, ms since 1970; 0: there is none. */
  get from(): number {
    let from = Number.POSITIVE_INFINITY;
    for (const { fields } of this.sources.values())
      for (const field of fields) if (field !== null) from = Math.min(from, field.from);
    return from === Number.POSITIVE_INFINITY ? 0 : from;
  }

  all(): Iterable<Source> {
    return this.sources.values();
  }

  find({ device, type }: Pick<SeriesName, "device" | "type">): Source | undefined {
    return this.sources.get(keyOf(device, type));
  }

  /** As an earlier gateway kept it. */
  load(id: number, { device, type, fields }: SourceDocument): Source {
    const read = (field: SourceDocument["fields"][number]): Field | null =>
      field === null ? null : { name: field[0], from: field[1], to: field[1], last: 0, newest: -1 };
    const source: Source = { id, device, type, fields: fields.map(read) };
    this.sources.set(keyOf(device, type), source);
    this.count(device, source.fields.filter((field) => field !== null).length);
    this.nextId = Math.max(this.nextId, id + 1);
    return source;
  }

  /** Numbers that were given: of a source that was lost there may be values. */
  spare(id: number): void {
    this.nextId = Math.max(this.nextId, id + 1);
  }

  /** The number of a field, which is made when there is room for it; -1: there is none. `block`: where its value goes. */
  place(device: string, type: string, name: string, t: number, value: number, block: number): number {
    const source = this.find({ device, type });
    const found = source?.fields.findIndex((field) => field?.name === name) ?? -1;
    if (source !== undefined && found >= 0) {
      note(source.fields[found]!, t, value, block);
      return found;
    }
    const isFull = (this.ofBoard.get(device) ?? 0) >= MOST_SERIES_OF_BOARD || this.total >= MOST_SERIES;
    if (isFull || (source !== undefined && used(source) >= MOST_FIELDS)) return -1;
    return this.make(source ?? this.add(device, type), { name, from: t, to: t, last: value, newest: block });
  }

  /** Gives up what has no value from block `oldest` on -> the sources that are no more. */
  forgetBefore(oldest: number): Source[] {
    const gone: Source[] = [];
    for (const source of this.sources.values()) {
      const { device, fields } = source;
      for (const [i, field] of fields.entries()) {
        if (field === null || field.newest >= oldest) continue;
        fields[i] = null;
        this.count(device, -1);
        this.changed.add(source);
      }
      if (fields.some((field) => field !== null)) continue;
      this.sources.delete(keyOf(device, source.type));
      this.changed.delete(source);
      gone.push(source);
    }
    return gone;
  }

  /** Sources that are to be written with the next change. */
  takeChanged(): Source[] {
    const changed = [...this.changed];
    this.changed.clear();
    return changed;
  }

  /** `since`: nothing older is kept. */
  views(since: number, device?: string): SeriesView[] {
    const views: SeriesView[] = [];
    for (const source of this.sources.values()) {
      if ((device ?? source.device) !== source.device) continue;
      for (const field of source.fields)
        if (field !== null)
          views.push({
            ...{ device: source.device, type: source.type, field: field.name },
            ...{ from: Math.max(field.from, Math.min(since, field.to)), to: field.to, last: field.last },
          });
    }
    return views.sort((a, b) => compare(a.device, b.device) || compare(a.type, b.type));
  }

  private add(device: string, type: string): Source {
    const source: Source = { id: this.nextId++, device, type, fields: [] };
    this.sources.set(keyOf(device, type), source);
    return source;
  }

  private make(source: Source, field: Field): number {
    const free = source.fields.indexOf(null);
    const at = free < 0 ? source.fields.length : free;
    source.fields[at] = field;
    this.count(source.device, 1);
    this.changed.add(source);
    return at;
  }

  private count(device: string, more: number): void {
    this.total += more;
    const left = (this.ofBoard.get(device) ?? 0) + more;
    if (left === 0) this.ofBoard.delete(device);
    else this.ofBoard.set(device, left);
  }
}

export function documentOf({ device, type, fields }: Source): SourceDocument {
  return { device, type, fields: fields.map((field) => (field === null ? null : [field.name, field.from])) };
}

/** A value came, or was found. */
export function note(field: Field, t: number, value: number, block: number): void {
  field.newest = Math.max(field.newest, block);
  field.from = Math.min(field.from, t);
  if (t < field.to) return;
  field.to = t;
  field.last = value;
}

const used = ({ fields }: Source) => fields.reduce((sum, field) => sum + (field === null ? 0 : 1), 0);

/** No name of a board has a line's end in it. */
const keyOf = (device: string, type: string) => `${device}\n${type}`;

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
