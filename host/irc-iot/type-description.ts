/** What a type of Datum is described by: rows of items, as a dictionary of IRC-IoT has them (IRC-IoT S-14). */

/**
 * flag: true or false. level: a flag or a number, as pins are written. duration: seconds. time: milliseconds since 1970,
 * or the text that `t` has.
 */
export const itemKinds = [
  ...["text", "number", "integer", "flag", "level", "duration", "time", "list", "object", "any"],
] as const;
export type ItemKind =
  | "text"
  | "number"
  | "integer"
  | "flag"
  | "level"
  | "duration"
  | "time"
  | "list"
  | "object"
  | "any";

export interface ItemDescription {
  /** Of the field. */
  name: string;
  kind: ItemKind;
  meaning: string;
  unit?: string;
  required?: boolean;
  /** The texts that are allowed. */
  choices?: readonly string[];
  min?: number;
  max?: number;
  /** What people call some of its values: { on: true, off: false }. */
  words?: Readonly<Record<string, string | number | boolean>>;
  /** Said to people in place of its name; "": the value speaks for itself. */
  label?: string;
  /** A value that is not worth a word. */
  usual?: string | number | boolean;
}

export interface TypeDescription {
  /** "l:temp": local, of the robot that sends it (IRC-IoT S-15); any other: of the global dictionary. */
  ot: string;
  meaning: string;
  /** What it says by itself. */
  items?: readonly ItemDescription[];
  /** It can be asked: the fields of the request, those that are required first, in the order in which people say them. */
  request?: readonly ItemDescription[];
  /** The fields of the reply. */
  reply?: readonly ItemDescription[];
  /** What people type to ask: "led"; `ot` without its "l:" when absent. */
  word?: string;
}

/** In front of the types that the robot which sends them describes (IRC-IoT S-15). */
const LOCAL_PREFIX = "l:";

export function isLocal(ot: string): boolean {
  return ot.startsWith(LOCAL_PREFIX);
}

export function commandWord({ word, ot }: TypeDescription): string {
  return word ?? (isLocal(ot) ? ot.slice(LOCAL_PREFIX.length) : ot);
}
