/** What mends a refused start, as it is to be typed: `bowline up --set …` with the options that were given before. */
import { BowlineError } from "../../platform/errors.ts";

export interface GivenOptions {
  config?: string;
  set?: string[];
  demo?: boolean;
  quiet?: boolean;
}

/** Such a mend may set ports, and ends with a value, in which there may be spaces. */
const MEND = /\bbowline up((?: --set [\w.]+=\d+(?= --set ))*) --set (([\w.]+)=(.*))/;
/** What no shell reads anything else into. */
const PLAIN = /^[\w@%+=:,./-]+$/;

export function withGivenOptions(error: unknown, given: GivenOptions): unknown {
  if (!(error instanceof BowlineError)) return error;
  const { code, message, exitCode, mend } = error;
  const typed = mend.replace(MEND, (_, ports: string, last: string) => {
    const settings = [...ports.split(" --set ").slice(1), last];
    const up = ["bowline up", ...retyped(given, settings.map(keyOf))];
    const http = settings.find((one) => keyOf(one) === "http.port" && one !== "http.port=0");
    for (const one of settings) if (one !== http) up.push("--set", quoted(one));
    if (http === undefined) return up.join(" ");
    // The other verbs look for the gateway there, and are told nothing by an option of this one.
    const [, port] = http.split("=");
    return `in every terminal: export BOWLINE_HTTP_PORT=${port}; here then: ${up.join(" ")}`;
  });
  return new BowlineError(code, message, exitCode, typed);
}

/** Of a gateway that runs, and reads its configuration anew. */
export function withReloadMend(error: unknown): unknown {
  if (!(error instanceof BowlineError)) return error;
  const { code, message, exitCode, mend } = error;
  const typed = mend.replace(
    MEND,
    (_, __, ___, key: string, value: string) =>
      `set ${key} to ${value} in the configuration; then: bowline peers reload`,
  );
  return new BowlineError(code, message, exitCode, typed);
}

const keyOf = (setting: string) => setting.split("=")[0];

/** Without the settings that are mended. */
function retyped({ config, set = [], demo, quiet }: GivenOptions, mended: readonly string[]): string[] {
  const words = config === undefined ? [] : ["--config", config];
  if (demo) words.push("--demo");
  if (quiet) words.push("--quiet");
  for (const one of set) if (!mended.includes(keyOf(one))) words.push("--set", one);
  return words.map(quoted);
}

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
