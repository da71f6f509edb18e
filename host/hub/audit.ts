/**
 * Who wanted which task stopped, and what came of it: the newest of all kills, and how many there were.
 *
 * Those that were refused, and those of tasks that nobody here knows, have places of their own: a stranger who tries a
 * hundred thousand times pushes out none that was done, and is counted to the last.
 */
import type { Author, KillOutcome, KillView } from "./views.ts";

/** Kills that were done; as many as a person looks through. */
const MAX_DONE = 1000;
/** Refused ones, and of unknown tasks: enough to see who it is, and how. */
const MAX_REFUSED = 200;
const MAX_UNKNOWN = 200;

export interface AuditPorts {
  /** The line at this place is another, or other than it was. */
  onLine(kind: AuditKind, place: number): void;
}

export const auditKinds = ["done", "refused", "unknown"] as const;
export type AuditKind = (typeof auditKinds)[number];

/** A ring, whose places are what a line is kept under. */
class Ring {
  readonly lines: (KillView | undefined)[] = [];
  next = 0;
  private readonly places = new WeakMap<KillView, number>();

  constructor(readonly size: number) {}

  /** Its place. */
  put(view: KillView): number {
    const place = this.next % this.size;
    this.next = place + 1;
    this.recall(place, view);
    return place;
  }

  recall(place: number, view: KillView): void {
    this.lines[place] = view;
    this.places.set(view, place);
  }

  placeOf(view: KillView): number | undefined {
    const place = this.places.get(view);
    return place !== undefined && this.lines[place] === view ? place : undefined;
  }
}

export interface AuditCounts {
  /** Of kills by their outcome. */
  outcomes: Record<KillOutcome, number>;
  /** Of refused ones, by how they came. */
  refusedVia: Record<Author["via"], number>;
}

export class Audit {
  readonly counts: AuditCounts = {
    outcomes: { pending: 0, confirmed: 0, unconfirmed: 0, "finished before": 0, unknown: 0, refused: 0 },
    refusedVia: { tech: 0, http: 0, irc: 0, peer: 0, local: 0 },
  };
  private readonly rings: Readonly<Record<AuditKind, Ring>> = {
    done: new Ring(MAX_DONE),
    refused: new Ring(MAX_REFUSED),
    unknown: new Ring(MAX_UNKNOWN),
  };
  /** Outcomes under which the views were counted. */
  private readonly counted = new WeakMap<KillView, KillOutcome>();

  constructor(private readonly ports: AuditPorts) {}

  /** A kill that was begun, or one whose outcome is known now. */
  record(view: KillView): void {
    const before = this.counted.get(view);
    if (before === view.outcome) return;
    const { outcomes, refusedVia } = this.counts;
    if (before !== undefined) outcomes[before]--;
    outcomes[view.outcome]++;
    this.counted.set(view, view.outcome);
    const kind = kindOf(view);
    if (kind === "refused") refusedVia[view.by.via]++;
    const ring = this.rings[kind];
    this.ports.onLine(kind, ring.placeOf(view) ?? ring.put(view));
  }

  /** Newest first. */
  newest(limit: number): KillView[] {
    const all = auditKinds.flatMap((kind) => this.rings[kind].lines).filter((view) => view !== undefined);
    return all.sort((a, b) => b.at - a.at).slice(0, limit);
  }

  lineAt(kind: AuditKind, place: number): KillView | null {
    return this.rings[kind].lines[place] ?? null;
  }

  /** Lines that were kept, with their places; what was pending then is known by nobody now. */
  restore(kind: AuditKind, lines: readonly [place: number, view: KillView][]): void {
    const ring = this.rings[kind];
    let newest: KillView | undefined;
    for (const [place, view] of lines) {
      if (place >= ring.size) continue;
      if (view.outcome === "pending")
        Object.assign(view, { outcome: "unconfirmed", how: "the gateway ended" });
      ring.recall(place, view);
      this.counted.set(view, view.outcome);
      if (newest !== undefined && newest.at > view.at) continue;
      newest = view;
      ring.next = place + 1;
    }
  }

  restoreCounts({ outcomes, refusedVia }: AuditCounts): void {
    Object.assign(this.counts.outcomes, outcomes);
    Object.assign(this.counts.refusedVia, refusedVia);
    this.counts.outcomes.unconfirmed += this.counts.outcomes.pending;
    this.counts.outcomes.pending = 0;
  }
}

/** Neither outcome is one that a kill comes to later. */
function kindOf({ outcome }: KillView): AuditKind {
  return outcome === "refused" || outcome === "unknown" ? outcome : "done";
}
