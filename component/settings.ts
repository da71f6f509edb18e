/** What the technical layer is started with: a component's part of config.json, and the files that it names. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type ComponentConfig, readComponentConfig } from "../host/monique/config-file.ts";
import { BowlineError, ExitCode } from "../host/platform/errors.ts";
import type { DialOptions } from "../host/transports/dial-tcp.ts";
import { readClientTls } from "../host/transports/tls-files.ts";

export type ComponentSettings = Omit<ComponentConfig, "tls"> & { tls: DialOptions["tls"] };

/** The file is the only parameter (MoniQue 2.5). Throws a BowlineError that a person can mend. */
export function readSettings(name: string, args: readonly string[]): ComponentSettings {
  const file = configFile(args);
  const config = readComponentConfig(read(file), file, name);
  const tls =
    config.tls === undefined ? undefined : { ...readClientTls(config.tls, `${file}: tls`), names: [] };
  return { ...config, tls };
}

/** How it is started; undefined: nobody has asked. */
export function askedUsage(program: string, args: readonly string[]): string | undefined {
  if (!args.some((arg) => arg === "--help" || arg === "-h")) return undefined;
  return `usage: node ${program} [-f FILE]\n\n  -f, --config-file FILE  its configuration; config.json when absent`;
}

function configFile(args: readonly string[]): string {
  const options = { "config-file": { type: "string", short: "f", default: "config.json" } } as const;
  try {
    return parseArgs({ args: [...args], options }).values["config-file"];
  } catch (error) {
    const text = `reading the command line: ${(error as Error).message}; allowed: -f FILE, --config-file FILE`;
    throw new BowlineError("COMPONENT_USAGE", text, ExitCode.usage);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const exitCode = code === "ENOENT" ? ExitCode.notFound : ExitCode.permission;
    throw new BowlineError("CONFIG_UNREADABLE", `reading ${file}: ${message}`, exitCode, `ls -l ${file}`);
  }
}
