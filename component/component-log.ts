/** What a component tells of itself: one line a change of state, to stderr and to the `logfile` of config.json. */
import { appendFileSync } from "node:fs";

export function openLog(name: string, logfile: string | undefined): (text: string) => void {
  let isBroken = false;
  return (text) => {
    const line = `[${new Date().toISOString()} : ${name}] ${text}\n`;
    process.stderr.write(line);
    if (logfile === undefined || isBroken) return;
    try {
      appendFileSync(logfile, line);
    } catch (error) {
      isBroken = true; // told once: a full disk must not end the technical layer, nor fill stderr
      process.stderr.write(`[${name}] writing ${logfile}: ${(error as Error).message}\n`);
    }
  };
}
