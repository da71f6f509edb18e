/** The timeline as the page keeps it: what happened within a range, the newest first, and what goes on meanwhile. */
import { type Happening, kindWord, type Subject, type TimelinePage } from "../../../timeline/happening.ts";
import type { Ask, Slice } from "../slice.ts";

/** Happenings on the page: more are counted by nobody, for the range can be made shorter. */
const MAX_HAPPENINGS = 1000;
/** Live events bring the new ones; this finds what they missed. */
const LOOK_EVERY_MS = 30_000;
const HOUR_MS = 3_600_000;

export const ranges = { "1h": HOUR_MS, "24h": 24 * HOUR_MS, "7d": 168 * HOUR_MS } as const;
export type Range = keyof typeof ranges;
const DEFAULT_RANGE: Range = "24h";

const none: readonly Happening[] = [];

export function rangeOf(argument: string): Range {
  return Object.hasOwn(ranges, argument) ? (argument as Range) : DEFAULT_RANGE;
}

export class TimelineModel implements Slice {
  range: Range = DEFAULT_RANGE;
  /** The newest first; null: not known yet. */
  happenings: Happening[] | null = null;
  /** How things stood when the range began. */
  before: Happening[] = [];
  gaveUpBefore = 0;
  fault = "";
  /** What a person looks for. */
  filter = "";
  isFaultsOnly = false;

  private found: readonly Happening[] = [];
  private shownFor: unknown[] = [];

  readonly events = { happening: (one: Happening) => this.take(one) };

  get asks(): readonly Ask[] {
    const { range } = this;
    return [
      {
        key: `timeline ${range}`,
        path: (now: number) => `/api/v1/timeline?limit=${MAX_HAPPENINGS}&from=${now - ranges[range]}`,
        everyMs: LOOK_EVERY_MS,
        take: (page: TimelinePage) => this.takePage(range, page),
        fail: (text: string) => {
          this.fault = text;
        },
      },
    ];
  }

  /** The view is open, and shows this range. */
  open(range: Range): this {
    if (range !== this.range) this.clear();
    this.range = range;
    return this;
  }

  clear(): void {
    this.happenings = null;
    this.before = [];
  }

  /** Those that a person looks for: the same array until it is another one. */
  get shown(): readonly Happening[] {
    const key = [this.happenings, this.filter, this.isFaultsOnly];
    if (key.some((part, i) => part !== this.shownFor[i])) {
      this.shownFor = key;
      this.found = this.find();
    }
    return this.found;
  }

  /** How things stood when the range began; of more than are told here nobody knows it. */
  get begin(): readonly Happening[] {
    return (this.happenings?.length ?? 0) < MAX_HAPPENINGS ? this.before : none;
  }

  private find(): Happening[] {
    const words = this.filter.toLowerCase().split(/\s+/);
    return (this.happenings ?? []).filter(
      (one) =>
        (!this.isFaultsOnly || one.level !== "info") && words.every((word) => textOf(one).includes(word)),
    );
  }

  private takePage(range: Range, { happenings, before, gaveUpBefore }: TimelinePage): void {
    if (range !== this.range) return;
    this.happenings = happenings;
    this.before = before;
    this.gaveUpBefore = gaveUpBefore;
    this.fault = "";
  }

  private take(one: Happening): void {
    if (this.happenings === null || this.happenings.some(({ n }) => n === one.n)) return;
    this.happenings = [one, ...this.happenings].slice(0, MAX_HAPPENINGS);
  }
}

/** `board sim-1`; the store and this gateway itself have no name. */
export const nameOf = (subject: Subject) =>
  subject.name === "" ? kindWord(subject) : `${kindWord(subject)} ${subject.name}`;

const textOf = ({ kind, subject, text }: Happening) => `${kind} ${nameOf(subject)} ${text}`.toLowerCase();
