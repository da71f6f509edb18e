/**
 * Which form the data of a store has, as store.json says it: a release reads that of its own and the one minor above it,
 * and makes its own of an older one (migrate.ts).
 *
 *   store.json   {"format":1,"minor":0,"by":"0.1.0"}      by: the release that wrote it last
 *
 * A minor adds what the release before it looks past; whoever wrote last is named, so that a newer release finds what an
 * older one wrote after it. A new major says that older releases cannot read it at all.
 */
import { version } from "../../package.json";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { damage } from "./store-fault.ts";

export interface StoreFormat {
  format: number;
  minor: number;
}

export const OWN_FORMAT: StoreFormat = { format: 1, minor: 0 };

/** What store.json holds. */
export interface Marker extends StoreFormat {
  by: string;
  /** The backup that was made before a migration that is not over yet. */
  backup?: string;
}

export const formatWords = ({ format, minor }: StoreFormat) => `${format}.${minor}`;

/** Below 0: the first is older. */
export function compareFormats(one: StoreFormat, other: StoreFormat): number {
  return one.format - other.format || one.minor - other.minor;
}

/** Rejects nothing itself: throws STORE_NEWER, or STORE_CORRUPT for what is no format. */
export function readMarker(text: string, own: StoreFormat, folder: string): Marker {
  const { format, minor = 0, by, backup } = parse(text);
  if (!isCount(format) || format === 0 || !isCount(minor))
    throw damage(
      `store.json says format ${JSON.stringify(format)}; this release reads ${formatWords(own)}`,
      folder,
    );
  const marker = {
    ...{ format, minor, by: typeof by === "string" ? by : "" },
    ...(typeof backup === "string" && { backup }),
  };
  checkReadable(marker, own, `reading the store in ${folder}`);
  return marker;
}

/** Throws STORE_NEWER. */
export function checkReadable(found: StoreFormat & { by: string }, own: StoreFormat, attempt: string): void {
  if (found.format < own.format) return;
  if (found.format === own.format && found.minor <= own.minor + 1) return;
  const { by } = found;
  // What a file says goes into a command that somebody may paste: only what is a version.
  const release = /^\d+\.\d+\.\d+[\w.-]*$/.test(by) ? by : "";
  const text = `${attempt}: its format is ${formatWords(found)}${release && `, written by bowline ${release}`}; this release, ${version}, reads up to ${formatWords({ ...own, minor: own.minor + 1 })}`;
  const install = release === "" ? "install the release that wrote it" : `install bowline ${release}`;
  const mend = `${install}, or go back to what was: bowline restore FILE --force, with one of backups/ in the data folder`;
  throw new BowlineError("STORE_NEWER", text, ExitCode.verification, mend);
}

export function markerText(format: StoreFormat, backup?: string): string {
  const { format: major, minor } = format;
  const marker: Marker = { format: major, minor, by: version, ...(backup !== undefined && { backup }) };
  return `${JSON.stringify(marker)}\n`;
}

function parse(text: string): Partial<Record<keyof Marker, unknown>> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
