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
  /** null: nobody watched. */
  isThere: boolean | null;
}

/** While the gateway did not run; ms since 1970. */
export interface Unwatched {
  from: number;
  to: number;
}

/** What has its connection from the gateway, and says so again each time: until then it is away. */
const connects: ReadonlySet<Subject["kind"]> = new Set(["board", "port", "gateway", "network"]);

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
  ...([
    "board",
    "port",
    "link",
    "gateway",
    "network",
    "component",
    "upstream",
    "store",
    "bowline",
    "task",
  ] as const),
];

/** From where this gateway ended to where it began again; `happenings` and `before`: as below, of all subjects. */
export function unwatchedOf(
  happenings: readonly Happening[],
  before: readonly Happening[],
  from: number,
): Unwatched[] {
  const spans: Unwatched[] = [];
  let since = before.some((one) => isOwn(one, "down")) ? from : null;
  for (const one of [...happenings].reverse()) {
    if (isOwn(one, "down")) since ??= one.at;
    if (!isOwn(one, "up")) continue;
    if (since !== null && one.at > since) spans.push({ from: since, to: one.at });
    since = null;
  }
  return spans;
}

const isOwn = ({ kind, subject }: Happening, wanted: HappeningKind) =>
  subject.kind === "bowline" && kind === wanted;

/**
 * `happenings`: the newest first, within the range; `before`: how things stood when it began; `unwatched`: the oldest
 * first.
 */
export function presenceOf(
  happenings: readonly Happening[],
  before: readonly Happening[],
  from: number,
  to: number,
  unwatched: readonly Unwatched[] = [],
): { rows: PresenceRow[]; unshown: number } {
  const subjects = new Map<string, { subject: Subject; begin: boolean | undefined; own: Happening[] }>();
  const find = (subject: Subject) => {
    const name = nameOf(subject);
    const known = subjects.get(name) ?? { subject, begin: undefined, own: [] };
    subjects.set(name, known);
    return known;
  };
  for (const { subject, kind } of before)
    find(subject).begin = there.has(kind) ? true : away.has(kind) ? false : undefined;
  for (const one of [...happenings].reverse()) find(one.subject).own.push(one);
  const part = (at: number) => Math.min(1, Math.max(0, (at - from) / (to - from)));
  const rows = [...subjects.values()]
    .map(({ subject, begin, own }) => ({
      subject,
      bars: barsOf(begin, subject, turnsOf(subject, own, unwatched), part),
      marks: marksOf(own, from, to),
    }))
    .filter(({ bars, marks }) => bars.length + marks.length > 0)
    .sort(bySubject);
  return { rows: rows.slice(0, MAX_ROWS), unshown: Math.max(0, rows.length - MAX_ROWS) };
}

interface Turn {
  at: number;
  happens: "watched again" | "came" | "went" | "unwatched";
}

/** Of one moment the earlier of these is first: what is said then is said by a gateway that watches. */
const order: readonly Turn["happens"][] = ["watched again", "came", "went", "unwatched"];

/** The oldest first. `own`: the oldest first as well. */
function turnsOf({ kind }: Subject, own: readonly Happening[], unwatched: readonly Unwatched[]): Turn[] {
  const turns = own
    .filter((one) => there.has(one.kind) || away.has(one.kind))
    .map((one): Turn => ({ at: one.at, happens: there.has(one.kind) ? "came" : "went" }));
  // Of itself the gateway says when it was away.
  const spans = kind === "bowline" ? [] : unwatched;
  const ends = spans.flatMap(({ from, to }): Turn[] => [
    { at: from, happens: "unwatched" },
    { at: to, happens: "watched again" },
  ]);
  if (ends.length === 0) return turns;
  return [...turns, ...ends].sort(
    (a, b) => a.at - b.at || order.indexOf(a.happens) - order.indexOf(b.happens),
  );
}

/** `begin`: undefined where nobody knows. */
function barsOf(
  begin: boolean | undefined,
  subject: Subject,
  turns: readonly Turn[],
  part: (at: number) => number,
): Bar[] {
  const bars: Bar[] = [];
  let isThere: Bar["isThere"] | undefined = begin;
  let wasThere = begin;
  let since = 0;
  const turn = (at: number, now: typeof isThere) => {
    if (now === isThere) return;
    if (isThere !== undefined && at > since) bars.push({ from: since, to: at, isThere });
    isThere = now;
    since = at;
  };
  for (const { at, happens } of turns) {
    if (happens === "unwatched") {
      if (isThere !== null) wasThere = isThere;
      turn(part(at), null);
    } else if (happens === "watched again") {
      // What has to connect anew is away until it says that it did; the rest is as it was.
      turn(part(at), wasThere === true && connects.has(subject.kind) ? false : wasThere);
    } else turn(part(at), happens === "came");
  }
  turn(1, undefined);
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
