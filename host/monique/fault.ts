/** Why bytes are no tag, no body, no data: what a reader hands back in place of what it was to read. */

export type FaultCode =
  | "TAG_TOO_LONG"
  | "TAG_NOT_UTF8"
  | "TAG_FIELDS"
  | "TAG_TYPE"
  | "TAG_EMPTY_FIELD"
  | "BODY_UNREADABLE"
  | "BODY_NO_MAP"
  | "BODY_TRAILING"
  | "BODY_KEY_MISSING"
  | "BODY_KEY_TWICE"
  | "BODY_EXTRA"
  | "BODY_FIELD"
  | "BODY_DISAGREES"
  | "ERA_UNKNOWN"
  | "ERA_ID"
  | "DATA_UNREADABLE"
  | "KILL_UNREADABLE"
  | "KILL_ID"
  | "ERROR_UNREADABLE";

/** Never thrown: what a component did wrong is a value, and a reader that is given any bytes throws nothing. */
export class MoniqueFault {
  constructor(
    /** For counting. */
    readonly code: FaultCode,
    /** What was read: what was seen; what is allowed. Of one short line, whatever was sent. */
    readonly text: string,
  ) {}
}

export function isFault(value: unknown): value is MoniqueFault {
  return value instanceof MoniqueFault;
}

const MOST_QUOTED = 60;

/** A stranger's text as it may stand in a fault: quoted, escaped, and cut. */
export function quoted(text: string): string {
  return JSON.stringify(text.length <= MOST_QUOTED ? text : `${text.slice(0, MOST_QUOTED)}…`);
}
