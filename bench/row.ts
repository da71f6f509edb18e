/** A row of performance §2: what it measures, by which effort, and what came of it. */
import type { MeasuredCurve } from "./curve.ts";
import type { StartFarEnd } from "./far-end.ts";
import type { Probe } from "./probe.ts";
import type { Contender, Measurement } from "./rounds.ts";
import type { Effort, StartRunner } from "./runner.ts";
import type { Verdict } from "./verdict.ts";

/** What one more of something takes. */
export interface Figure {
  /** "a packet in a peer's queue, in memory". */
  what: string;
  unit: string;
  median: number;
  min: number;
  max: number;
}

export interface Report {
  row: string;
  title: string;
  /** What the peers do and do not do. */
  notes: string[];
  versions: string[];
  /** Tables of contenders side by side. */
  groups: { title: string; measurements: Measurement[] }[];
  /** How the time per message goes with the size of something; each is drawn as a chart. */
  curves?: MeasuredCurve[];
  /** What one more of something takes; each is a line of the documents. */
  figures?: Figure[];
  /** Other figures, each a line. */
  facts: string[];
  verdicts: Verdict[];
  /** Why nothing was measured. */
  skipped?: string;
}

export interface Row {
  name: string;
  title: string;
  /** All that may run in a process of its own. */
  contenders: Contender[];
  /** What runs in a process of its own at the other end of a contender's wire, by name. */
  farEnds?: Record<string, StartFarEnd>;
  /** Measurements of another kind, each run whole in a process of its own, by name. */
  probes?: Record<string, Probe>;
  run(effort: Effort, start: StartRunner): Promise<Report>;
}
