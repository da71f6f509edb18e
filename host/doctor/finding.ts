/** What a check has found: as it should be, to be known, or to be mended. */

/** `warn`: works, or works for most; `FAIL`: something that was asked for will not work. */
export type Level = "ok" | "warn" | "FAIL";

export interface Finding {
  /** Of the check, for scripts: `clock`. */
  name: string;
  level: Level;
  /** In words, one line. */
  seen: string;
  /** What repairs it: commands, one a line, or a sentence where no command can; "" where there is nothing to repair. */
  mend: string;
}

/** The three ways to say what one check has found. */
export function findings(name: string) {
  const at =
    (level: Level) =>
    (seen: string, ...mend: string[]): Finding => ({ name, level, seen, mend: mend.join("\n") });
  return { ok: at("ok"), warn: at("warn"), fail: at("FAIL") };
}
