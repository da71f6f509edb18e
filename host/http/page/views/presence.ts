/** The happenings of each subject as bars of when it was there, and marks of what befell it meanwhile. */
import type { Happening, HappeningKind, Subject } from "../../../timeline/happening.ts";
import { nameOf } from "./timeline-model.ts";

/** Rows of the chart; the list below it has all. */
export const MAX_ROWS = 60;
/** Of a range: two marks nearer than this are one. */
const MARK_STEPS = 240;

const there: ReadonlySet<HappeningKind> = new Set(["up", "resumed", "mended"]);
const away: ReadonlySet<HappeningKind> = new Set(["down", "over", "fault"]);
/** What has a mark of its own; that it is there, or not, the bar says. */
const marked: ReadonlySet<HappeningKind> = new Set([
  ...(["resumed", "down", "over", "repeats", "loss", "reset", "moved", "fault"] as const),
]);
/** Of several at one place the first of these is shown. */
const gravity: readonly HappeningKind[] = [
  "loss",
  "reset",
  "fault",
  "over",
  "down",
  "repeats",
  "moved",
  "resumed",
];

/** In parts of the range, 0…1. */
export interface Bar {
  from: number;
  to: number;
  isThere: boolean;
}

export interface Mark {
  at: number;
  kind: HappeningKind;
  /** The newest of them. */
  happening: Happening;
  count: number;
}

export interface PresenceRow {
  subject: Subject;
  bars: Bar[];
  marks: Mark[];
}

const kinds: readonly Subject["kind"][] = [
  ...(["board", "port", "link", "gateway", "network", "component", "store", "bowline", "task"] as const),
];

/** `happenings`: the newest first, within the range; `before`: how things stood when it began. */
export function presenceOf(
  happenings: readonly Happening[],
  before: readonly Happening[],
  from: number,
  to: number,
): { rows: PresenceRow[]; unshown: number } {
  const subjects = new Map<string, { subject: Subject; begin: boolean | null; own: Happening[] }>();
  const find = (subject: Subject) => {
    const name = nameOf(subject);
    const known = subjects.get(name) ?? { subject, begin: null, own: [] };
    subjects.set(name, known);
    return known;
  };
  for (const { subject, kind } of before)
    find(subject).begin = there.has(kind) ? true : away.has(kind) ? false : null;
  for (const one of [...happenings].reverse()) find(one.subject).own.push(one);
  const rows = [...subjects.values()]
    .map(({ subject, begin, own }) => ({
      subject,
      bars: barsOf(begin, own, from, to),
      marks: marksOf(own, from, to),
    }))
    .filter(({ bars, marks }) => bars.length + marks.length > 0)
    .sort(bySubject);
  return { rows: rows.slice(0, MAX_ROWS), unshown: Math.max(0, rows.length - MAX_ROWS) };
}

/** `own`: the oldest first. */
function barsOf(begin: boolean | null, own: readonly Happening[], from: number, to: number): Bar[] {
  const part = (at: number) => Math.min(1, Math.max(0, (at - from) / (to - from)));
  const bars: Bar[] = [];
  let isThere = begin;
  let since = 0;
  for (const { kind, at } of own) {
    const now = there.has(kind) ? true : away.has(kind) ? false : isThere;
    if (now === isThere) continue;
    if (isThere !== null) bars.push({ from: since, to: part(at), isThere });
    isThere = now;
    since = part(at);
  }
  if (isThere !== null) bars.push({ from: since, to: 1, isThere });
  return bars;
}

function marksOf(own: readonly Happening[], from: number, to: number): Mark[] {
  const places = new Map<number, Mark>();
  for (const happening of own) {
    const { kind, at } = happening;
    if (!marked.has(kind) || at < from || at > to) continue;
    const place = Math.round(((at - from) / (to - from)) * MARK_STEPS);
    const other = places.get(place);
    const isGraver = other === undefined || gravity.indexOf(kind) <= gravity.indexOf(other.kind);
    places.set(place, {
      at: place / MARK_STEPS,
      ...(isGraver ? { kind, happening } : { kind: other.kind, happening: other.happening }),
      count: (other?.count ?? 0) + 1,
    });
  }
  return [...places.values()];
}

function bySubject(a: PresenceRow, b: PresenceRow): number {
  const byKind = kinds.indexOf(a.subject.kind) - kinds.indexOf(b.subject.kind);
  return byKind !== 0 ? byKind : a.subject.name < b.subject.name ? -1 : 1;
}
