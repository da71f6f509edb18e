/** The configuration of this run: file, then environment, then --set, the later one winning, checked as a whole. */
import { homedir, hostname } from "node:os";
import { dirname } from "node:path";
import { parseConfigText } from "./document.ts";
import { throwFaults } from "./faults.ts";
import { type FoundFile, findConfigFile } from "./find.ts";
import { type Environment, readEnvironment, readSetOptions } from "./overrides.ts";
import type { Places } from "./places.ts";
import { type Config, configSchema } from "./schema.ts";
import { isVoid, settle } from "./settle.ts";
import { applyOverrides, withoutEmptySections } from "./tree.ts";
import { validate } from "./validate.ts";

/** Everything has the value of this process when left out. */
export interface LoadOptions {
  /** `--config FILE`. */
  readonly config?: string | undefined;
  /** Each `--set key=value`, without the `--set`. */
  readonly set?: readonly string[] | undefined;
  readonly env?: Environment;
  readonly cwd?: string;
  readonly home?: string;
  readonly hostname?: string;
}

const DEFAULTS = "defaults";

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute path of the file, or "defaults". */
  readonly source: string;
  /** Where each written value came from, by dotted path; what is not in it is a default. */
  readonly origins: ReadonlyMap<string, string>;
}

/**
 * Finds, reads, merges and checks. Throws a ConfigError (a BowlineError) that names every fault of one kind of
 * reading at once: first what is no YAML, then all keys and values that do not fit.
 */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const { env = process.env, cwd = process.cwd(), home = homedir() } = options;
  const file = findConfigFile({ option: options.config, variable: env.BOWLINE_CONFIG, cwd, home });
  const { tree, places } = readFile(file);

  const fromEnv = readEnvironment(env);
  const fromSet = readSetOptions(options.set ?? []);
  const merged = applyOverrides(tree, places, [...fromEnv.overrides, ...fromSet.overrides]);
  const { config, faults } = validate(merged.tree, places);
  throwFaults([...fromEnv.faults, ...fromSet.faults, ...merged.faults, ...faults]);
  if (config === undefined) throw new TypeError("validate() gave neither a configuration nor a fault");

  const folder = file === undefined ? cwd : dirname(file.path);
  const where = { cwd, home, folder, hostname: options.hostname ?? hostname() };
  const settled = settle(config, places, where);
  return { config: settled, source: file?.path ?? DEFAULTS, origins: originsOf(places, settled) };
}

/** The file it was read from; undefined where there was none. */
export function fileOf({ source }: LoadedConfig): string | undefined {
  return source === DEFAULTS ? undefined : source;
}

/** As where there is neither a file nor a variable nor an option. */
export function defaultConfig(cwd = process.cwd()): Config {
  return settle(configSchema.parse({}), new Map(), {
    cwd,
    home: homedir(),
    folder: cwd,
    hostname: hostname(),
  });
}

function readFile(file: FoundFile | undefined): { tree: unknown; places: Places } {
  if (file === undefined) return { tree: {}, places: new Map() };
  const parsed = parseConfigText(file.text, file.name);
  throwFaults(parsed.faults);
  return { tree: withoutEmptySections(parsed.tree), places: parsed.places };
}

function originsOf(places: Places, config: Config): Map<string, string> {
  const valid = [...places].filter(([path]) => !isVoid(config, path));
  return new Map(valid.map(([path, place]) => [path, place.value]));
}
