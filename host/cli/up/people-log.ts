/** The gateway's log as lines for people: `12:04:05 sim-1 connected via tcp 127.0.0.1:50123`. */
import { typedMend } from "../../platform/errors.ts";
import { type Log, type LogLevel, logLevels } from "../../platform/log.ts";
import { formatJson, printable } from "../output/display.ts";
import { formatTime } from "../output/message-line.ts";
import type { Terminal } from "../process/terminal.ts";

type Fields = Record<string, unknown>;

/**
 * Changes of boards, components and ports go to stdout. Lines about anything else go to stderr from the level `others` on; "silent"
 * where a JSON log has them.
 */
export class PeopleLog implements Log {
  private isMuted = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly others: LogLevel,
  ) {}

  /** From now on nothing is news: the gateway stops. */
  mute(): void {
    this.isMuted = true;
  }

  debug(fields: object, text: string): void {
    this.tellOther("debug", fields as Fields, text);
  }

  info(fields: object, text: string): void {
    this.tell("info", fields as Fields, text);
  }

  warn(fields: object, text: string): void {
    this.tell("warn", fields as Fields, text);
  }

  error(fields: object, text: string): void {
    this.tell("error", fields as Fields, text);
  }

  private tell(level: LogLevel, fields: Fields, text: string): void {
    const line = formatChange(fields, text);
    if (line === undefined) this.tellOther(level, fields, text);
    else if (!this.isMuted) this.terminal.print(`${formatTime(Date.now())} ${line}`);
  }

  private tellOther(level: LogLevel, fields: Fields, text: string): void {
    if (this.isMuted || logLevels.indexOf(level) < logLevels.indexOf(this.others)) return;
    this.terminal.warn(`${formatTime(Date.now())} ${text}${formatRest(fields)}`);
  }
}

/** Every line to each of several logs. */
export function joinLogs(...logs: Log[]): Log {
  const each = (level: keyof Log) => (fields: object, text: string) => {
    for (const log of logs) log[level](fields, text);
  };
  return { debug: each("debug"), info: each("info"), warn: each("warn"), error: each("error") };
}

/** A line about a board, a component or a serial port; undefined for anything else. */
function formatChange(fields: Fields, text: string): string | undefined {
  const { device, path, via, mend, code, why: reason, event, about, ...rest } = fields;
  const { component, creator, from, ...more } = rest;
  if (typeof component === "string")
    return `component ${printable(component)} ${text}${formatRest({ from, ...more })}`;
  const by = typeof via === "string" ? ` via ${printable(via)}` : "";
  if (typeof device === "string") {
    const causes = [code, reason].filter((cause) => typeof cause === "string" && cause !== "");
    const why = causes.map((cause) => `: ${printable(cause as string)}`).join("");
    return `${printable(device)} ${text}${by}${why}${formatRest(rest)}`;
  }
  if (typeof path !== "string") return undefined;
  if (typeof mend !== "string") return `serial ${printable(path)}: ${text}${formatRest(rest)}`;
  const how = mend === "" ? "" : ` (mend: ${typedMend(mend)})`;
  return `serial ${printable(path)}: waiting for it: ${text}${how}${formatRest(rest)}`;
}

/** `event` and `about` are for the timeline, `times` and `seconds` are of lines that stand for several (platform/repeat-limit.ts). */
function formatRest({ times, seconds, event, about, ...fields }: Fields): string {
  // JSON logs say null for what there is none of; people are told nothing.
  const some = Object.entries(fields).filter(([, value]) => value !== null && value !== "");
  const shown = some.map(([name, value]) => {
    return `${name} ${typeof value === "string" ? printable(value) : formatJson(value)}`;
  });
  const repeats = typeof times === "number" && times > 1 ? ` ×${times} in ${seconds} s` : "";
  return `${shown.length === 0 ? "" : ` (${shown.join(", ")})`}${repeats}`;
}
