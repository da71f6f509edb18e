/** What is wrong now, since when, and what mends it; ready for JSON. */
import type { Subject } from "../timeline/happening.ts";

/** critical: messages wait or are lost, or something does not work at all; warning: it will, or somebody should look. */
export type ProblemLevel = "warning" | "critical";

export interface Problem {
  /** One per kind of problem, upper case: BOARD_AWAY, STORE_FULL, … */
  code: string;
  level: ProblemLevel;
  subject: Subject;
  /** One sentence, without its subject. */
  what: string;
  /** ms since 1970. */
  since: number;
  /** A command, a setting, or what to look at; never "". */
  mend: string;
}

/** GET /api/v1/problems: the worst first, and of those the longest. */
export interface ProblemsView {
  state: "ok" | ProblemLevel;
  problems: Problem[];
  /** More than are told one by one. */
  more: number;
  /** All there are, told one by one or not. */
  counts: Record<ProblemLevel, number>;
  /** Since when nothing is wrong, as far as this gateway has seen since its start, ms since 1970; 0: something is. */
  wellSince: number;
  /** ms since 1970. */
  checkedAt: number;
}
