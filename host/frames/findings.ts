/** What a decoder finds in bytes, piece by piece. */

export interface Finding {
  /** Of the piece, in the bytes that were given. */
  start: number;
  end: number;
  meaning: string;
  /** Where it is specified: `session §1.1`. */
  clause: string;
  /** False for what is cut short, malformed, or noise. */
  isUnderstood: boolean;
  /** What is there is right so far, and more bytes would tell. */
  isCut?: true;
}

export function understood(start: number, end: number, clause: string, meaning: string): Finding {
  return { start, end, meaning, clause, isUnderstood: true };
}

export function notUnderstood(start: number, end: number, clause: string, meaning: string): Finding {
  return { start, end, meaning, clause, isUnderstood: false };
}

export function cutShort(start: number, end: number, clause: string, meaning: string): Finding {
  return { start, end, meaning, clause, isUnderstood: false, isCut: true };
}
