/** What a line of the log says has happened, and to whom; null for a line that is no news by itself. */
import { type Happening, type HappeningKind, happeningKinds, type Subject } from "./happening.ts";

export type Entry = Omit<Happening, "n" | "at">;
type Fields = Record<string, unknown>;

/** Names and texts come from strangers as well, and thousands of entries are kept. */
const MOST_NAME = 120;
const MOST_TEXT = 400;
const MOST_FIELDS = 12;

/** Fields that name whom a line is about, the narrowest first: a network's peer is told of as part of the network. */
const subjectFields: readonly [field: string, kind: Subject["kind"]][] = [
  ["device", "board"],
  ["path", "port"],
  ["task", "task"],
  ["network", "network"],
  ["component", "component"],
  ["upstream", "upstream"],
  ["peer", "gateway"],
  ["gateway", "gateway"],
];
/** `about` says what no other field names. They stand in the entry itself. */
const ownFields = ["event", "about", "mend"];
const SERIAL = "serial ";

/**
 * A line counts when it states an `event`, when it is a warning, or when it names whom it is about. That a connection
 * came and went is told by who spoke over it.
 */
export function entryOf(level: "debug" | Happening["level"], fields: object, text: string): Entry | null {
  const all = fields as Fields;
  const kind = kindOf(all);
  const subject = subjectOf(all);
  if (kind === undefined && level === "debug") return null;
  if (kind === undefined && level === "info" && isConnection(all)) return null;
  const { mend } = all;
  const rest = restOf(all);
  return {
    level: level === "debug" ? "info" : level,
    kind: kind ?? "note",
    subject: subject ?? { kind: "bowline", name: "" },
    text: cut(text, MOST_TEXT),
    ...(rest !== null && { fields: rest }),
    ...(typeof mend === "string" && mend !== "" && { mend }),
  };
}

function kindOf({ event }: Fields): HappeningKind | undefined {
  return happeningKinds.find((kind) => kind === event);
}

/** It names no more than the line it came over. */
const isConnection = (fields: Fields) =>
  typeof fields.via === "string" && subjectFields.every(([field]) => typeof fields[field] !== "string");

function subjectOf(fields: Fields): Subject | null {
  if (fields.about === "store") return { kind: "store", name: "" };
  for (const [field, kind] of subjectFields) {
    const name = fields[field];
    if (typeof name === "string" && name !== "") return { kind, name: cut(name, MOST_NAME) };
  }
  const { via } = fields;
  if (typeof via !== "string") return null;
  // A serial line is known by its port, a socket by both ends.
  if (via.startsWith(SERIAL)) return { kind: "port", name: cut(via.slice(SERIAL.length), MOST_NAME) };
  return { kind: "link", name: cut(via, MOST_NAME) };
}

/** What the entry does not say elsewhere; null: nothing. */
function restOf(fields: Fields): Fields | null {
  const named = subjectFields.find(([field]) => typeof fields[field] === "string" && fields[field] !== "");
  const shown = Object.entries(fields)
    .filter(([name, value]) => name !== named?.[0] && !ownFields.includes(name) && isWorthIt(value))
    .slice(0, MOST_FIELDS);
  if (shown.length === 0) return null;
  return Object.fromEntries(shown.map(([name, value]) => [name, bounded(value)]));
}

const isWorthIt = (value: unknown) => value !== undefined && value !== null && value !== "";

function bounded(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "boolean") return value;
  return cut(typeof value === "string" ? value : JSON.stringify(value), MOST_NAME);
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
