/** What happened to a board, a port, another gateway, …: one entry of the timeline, ready for JSON. */

/**
 * up: it is there; resumed: a session went on after a break; down: it went away; over: its session ended; repeats:
 * packets came again and were dropped; loss: messages may be missing; reset: it began anew; moved: it is on another port;
 * fault and mended: something is wrong, and is no more; note: anything else that is worth a line.
 */
export const happeningKinds = [
  ...(["up", "resumed", "down", "over", "repeats", "loss", "reset", "moved"] as const),
  ...(["fault", "mended", "note"] as const),
] as const;
export type HappeningKind = (typeof happeningKinds)[number];

export const subjectKinds = [
  ...([
    "board",
    "port",
    "link",
    "gateway",
    "network",
    "component",
    "task",
    "upstream",
    "store",
    "bowline",
  ] as const),
] as const;

/** What something is said of; the store and this gateway itself have no name. */
export interface Subject {
  kind: (typeof subjectKinds)[number];
  name: string;
}

/** What its kind is called before people: the gateway that tells of itself is the gateway. */
export const kindWord = ({ kind, name }: Subject) => (kind === "bowline" && name === "" ? "gateway" : kind);

export interface Happening {
  /** From 1, without a gap but for what was given up. */
  n: number;
  /** ms since 1970. */
  at: number;
  level: "info" | "warn" | "error";
  kind: HappeningKind;
  subject: Subject;
  /** As the log says it. */
  text: string;
  /** What belongs to it: via, code, missing, … */
  fields?: Record<string, unknown>;
  /** A command or a setting; absent: nothing is to be done. */
  mend?: string;
}

/** GET /api/v1/timeline: the newest first. */
export interface TimelinePage {
  happenings: Happening[];
  /** How things stood at the beginning of what was asked for: of each subject the last that says whether it is there. */
  before: Happening[];
  /** Before the first that is still held, ms since 1970; 0: it is whole. */
  gaveUpBefore: number;
}
