/** A log whose lines become debug lines while what they tell is no news. */
import type { Log } from "../platform/log.ts";

export function quietLog(log: Log, isNoNews: () => boolean): Log {
  const at = (level: "info" | "warn") => (fields: object, text: string) => {
    // What is no news is no event either.
    if (isNoNews()) log.debug({ ...fields, event: undefined }, text);
    else log[level](fields, text);
  };
  return {
    debug: (fields, text) => log.debug(fields, text),
    info: at("info"),
    warn: at("warn"),
    error: (fields, text) => log.error(fields, text),
  };
}
