/** The configuration file: where it is looked for (interface: search order), and its text. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ExitCode } from "../platform/errors.ts";
import { ConfigError } from "./faults.ts";

export interface SearchPlaces {
  /** From `--config`. */
  readonly option: string | undefined;
  /** From $BOWLINE_CONFIG; an empty one counts as unset. */
  readonly variable: string | undefined;
  readonly cwd: string;
  readonly home: string;
}

export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** As the user wrote it, for messages. */
  readonly name: string;
  readonly text: string;
}

/**
 * Reads the first that applies: --config, $BOWLINE_CONFIG, ./bowline.yaml, ~/.config/bowline/bowline.yaml. A file that
 * was asked for must be there; the last two may be missing, and undefined then means "defaults".
 */
export function findConfigFile({ option, variable, cwd, home }: SearchPlaces): FoundFile | undefined {
  if (option !== undefined) return readAsked(option, cwd, "leave --config out, or name a file that is there");
  if (variable) return readAsked(variable, cwd, "unset BOWLINE_CONFIG, or name a file that is there");
  const personal = join(home, ".config", "bowline", fileName);
  return readIfThere(fileName, cwd) ?? readIfThere(personal, cwd);
}

const fileName = "bowline.yaml";

function readAsked(name: string, cwd: string, mend: string): FoundFile {
  const found = readIfThere(name, cwd);
  if (found !== undefined) return found;
  const text = "no such file";
  throw new ConfigError([{ code: "CONFIG_NOT_FOUND", place: name, text }], ExitCode.notFound, mend);
}

function readIfThere(name: string, cwd: string): FoundFile | undefined {
  const path = resolve(cwd, name);
  try {
    return { path, name, text: readFileSync(path, "utf8") };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadableFile(name, path, code ?? String(error));
  }
}

/** The error for a file that is there and cannot be read; `code` is the system's. */
export function unreadableFile(name: string, path: string, code: string): ConfigError {
  const reasons: Record<string, string> = {
    EACCES: "not yours to read",
    EISDIR: "a folder, expected a file",
  };
  const fault = { code: "CONFIG_UNREADABLE", place: name, text: reasons[code] ?? code } as const;
  return new ConfigError([fault], code === "EACCES" ? ExitCode.permission : ExitCode.usage, `ls -ld ${path}`);
}
