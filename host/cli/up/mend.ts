/** What mends a refused start, as it is to be typed: `bowline up --set …` with the options that were given before. */
import { BowlineError } from "../../platform/errors.ts";

export interface GivenOptions {
  config?: string;
  set?: string[];
  demo?: boolean;
  quiet?: boolean;
}

/** Such a mend ends with the value, in which there may be spaces. */
const MEND = /\bbowline up --set (([\w.]+)=(.*))/;
/** What no shell reads anything else into. */
const PLAIN = /^[\w@%+=:,./-]+$/;

export function withGivenOptions(error: unknown, given: GivenOptions): unknown {
  if (!(error instanceof BowlineError)) return error;
  const { code, message, exitCode, mend } = error;
  const typed = mend.replace(MEND, (_, setting: string, key: string, value: string) => {
    const up = ["bowline up", ...retyped(given, key)];
    // The other verbs look for the gateway there, and are told nothing by an option of this one.
    if (key === "http.port" && value !== "0")
      return `in every terminal: export BOWLINE_HTTP_PORT=${value}; here then: ${up.join(" ")}`;
    return [...up, "--set", quoted(setting)].join(" ");
  });
  return new BowlineError(code, message, exitCode, typed);
}

/** Of a gateway that runs, and reads its configuration anew. */
export function withReloadMend(error: unknown): unknown {
  if (!(error instanceof BowlineError)) return error;
  const { code, message, exitCode, mend } = error;
  const typed = mend.replace(
    MEND,
    (_, __, key: string, value: string) =>
      `set ${key} to ${value} in the configuration; then: bowline peers reload`,
  );
  return new BowlineError(code, message, exitCode, typed);
}

/** Without the setting that is mended. */
function retyped({ config, set = [], demo, quiet }: GivenOptions, mended: string): string[] {
  const words = config === undefined ? [] : ["--config", config];
  if (demo) words.push("--demo");
  if (quiet) words.push("--quiet");
  for (const one of set) if (!one.startsWith(`${mended}=`)) words.push("--set", one);
  return words.map(quoted);
}

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
