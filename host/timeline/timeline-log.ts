/**
 * A log beside which the timeline is written: each line goes to both. What repeats is one entry with a count, as it is one
 * line of the log.
 */
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { RepeatLimit } from "../platform/repeat-limit.ts";
import type { Happening } from "./happening.ts";
import { entryOf } from "./log-entry.ts";
import type { Timeline } from "./timeline.ts";

export class TimelineLog implements Log {
  private readonly limit: RepeatLimit;
  private isMuted = false;

  constructor(
    private readonly log: Log,
    private readonly timeline: Timeline,
    clock: Clock,
  ) {
    const at = (level: Happening["level"]) => (fields: object, text: string) =>
      this.write(level, fields, text);
    const sink: Log = { debug() {}, info: at("info"), warn: at("warn"), error: at("error") };
    this.limit = new RepeatLimit(sink, clock, nameOf, together);
  }

  /** What is no line of the usual log may state an event all the same. */
  debug(fields: object, text: string): void {
    this.log.debug(fields, text);
    if (entryOf("debug", fields, text) !== null) this.limit.info(fields, text);
  }

  info(fields: object, text: string): void {
    this.log.info(fields, text);
    if (entryOf("info", fields, text) !== null) this.limit.info(fields, text);
  }

  warn(fields: object, text: string): void {
    this.log.warn(fields, text);
    this.limit.warn(fields, text);
  }

  error(fields: object, text: string): void {
    this.log.error(fields, text);
    this.limit.error(fields, text);
  }

  /** From now on nothing is news: the gateway stops, and so do all connections. */
  mute(): void {
    this.limit.stop();
    this.isMuted = true;
  }

  private write(level: Happening["level"], fields: object, text: string): void {
    const entry = this.isMuted ? null : entryOf(level, fields, text);
    if (entry !== null) this.timeline.add(entry);
  }
}

/** Whose lines share what may be said at once; a connection of the network is known by its address, without its port. */
function nameOf(fields: object): string {
  const { kind, name } = entryOf("warn", fields, "")!.subject;
  return `${kind} ${kind === "link" ? name.replace(/^(tcp .*):\d+$/, "$1") : name}`;
}

/** Fields that say how much of something there was: of several entries in one, all of it. */
const amounts = ["missing", "mayBeMissing", "sentAgain", "repeats"];

function together(held: object, fields: object): object {
  const [before, after] = [held, fields] as Record<string, unknown>[];
  const sums = amounts.flatMap((name) => {
    const found = [before[name], after[name]].filter((value) => typeof value === "number");
    return found.length === 0 ? [] : [[name, found.reduce((sum, value) => sum + value, 0)]];
  });
  return { ...fields, ...Object.fromEntries(sums) };
}
