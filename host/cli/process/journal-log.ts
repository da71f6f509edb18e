/**
 * The gateway's log for journald: `<4>the text name=value …`, a line an entry. Journald keeps the time itself, and takes
 * the priority from the number in front (sd-daemon(3)).
 */
import { typedMend } from "../../platform/errors.ts";
import { type Log, type LogLevel, logLevels } from "../../platform/log.ts";
import { formatJson, printable } from "../../platform/printable.ts";

type Level = keyof Log;

/** Those of syslog: err, warning, info, debug. */
const priorities: Readonly<Record<Level, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/** Is the file or socket that `fd` is, by its device and inode, the one that `$JOURNAL_STREAM` names? */
export function isJournalStream(
  named: string | undefined,
  { dev, ino }: { dev: number; ino: number },
): boolean {
  return named === `${dev}:${ino}`;
}

/** A log of lines for journald, handed to `write` without their end. */
export function journalLog(level: LogLevel, write: (line: string) => void): Log {
  const least = logLevels.indexOf(level);
  const at = (own: Level) => (fields: object, text: string) => {
    if (logLevels.indexOf(own) >= least) write(journalLine(own, text, fields));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** One entry, however many lines `text` has. */
export function journalLine(level: Level, text: string, fields: object = {}): string {
  const some = Object.entries(fields).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  const shown = some.map(
    ([name, value]) => ` ${name}=${formatValue(name === "mend" ? mendOf(value) : value)}`,
  );
  return `<${priorities[level]}>${printable(text)}${shown.join("")}`;
}

const mendOf = (value: unknown) => (typeof value === "string" ? typedMend(value) : value);

/** A word stands as it is; all else is JSON, which says where it ends. */
function formatValue(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=\p{C}]+$/u.test(value)) return value;
  return formatJson(value);
}
