/** `bowline config`: checks, shows and describes the configuration. */
import type { Command } from "commander";
import { formatConfig, formatSchema } from "../config/describe.ts";
import { entityAdvice } from "../config/entity-advice.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import { readHostId } from "../gateways/host-id.ts";
import { checkIrcFiles } from "../irc-bridge/secrets.ts";
import { typeAdvice } from "../irc-bridge/type-advice.ts";
import { BowlineError } from "../platform/errors.ts";
import { stableNameAdvice } from "../transports/stable-name.ts";
import { checkTrust, hubSettings } from "../twins/hub-settings.ts";
import { collect } from "./arguments/options.ts";
import { upstreamReadings } from "./config/upstream-files.ts";
import { hostInUrl } from "./gateway/locate.ts";
import { formatJson } from "./output/display.ts";
import type { Terminal } from "./process/terminal.ts";

interface ConfigOptions {
  config?: string;
  set?: string[];
  json?: boolean;
}

export function addConfig(program: Command, terminal: Terminal): void {
  const config = program.command("config").description("check, show or describe the configuration");
  const load = (options: ConfigOptions) => loadConfig({ ...options, env: terminal.env, cwd: terminal.cwd });

  withConfigOptions(
    config
      .command("check")
      .description("reads the configuration and names every fault in it with line and column")
      .argument("[file]", "instead of the file that is found")
      .option("--json", "what was found, as one object"),
  ).action(async (file: string | undefined, options: ConfigOptions) => {
    const loaded = load(file === undefined ? options : { ...options, config: file });
    refuseOpenHub(loaded);
    const warnings = [
      ...(await unstableNames(loaded)),
      ...unreadableFiles(loaded),
      ...typeAdvice(loaded.config.irc),
      ...entityAdvice(loaded.config.mqtt.homeAssistant.fields),
    ];
    if (options.json) return terminal.print(formatJson({ ...checked(loaded), warnings }));
    terminal.print(describeCheck(loaded));
    for (const warning of warnings) terminal.print(`warning: ${warning}`);
  });

  withConfigOptions(
    config
      .command("show")
      .description("the values in force, each with where it comes from, as YAML")
      .option("--json", "as one object: config, and of each value that is no default where it comes from"),
  ).action(async (options: ConfigOptions) => {
    const loaded = await withDrawn(load(options));
    const { config: inForce, source, origins } = loaded;
    if (options.json)
      return terminal.print(formatJson({ source, config: inForce, origins: Object.fromEntries(origins) }));
    terminal.print(formatConfig(loaded).trimEnd());
  });

  config
    .command("schema")
    .description("every key as JSON Schema, for editors")
    .option("--json", "in one line")
    .action(({ json }: ConfigOptions) => {
      const schema = formatSchema();
      terminal.print(json ? formatJson(JSON.parse(schema)) : schema.trimEnd());
    });
}

function withConfigOptions(command: Command): Command {
  return command
    .option(
      "-c, --config <file>",
      "configuration; default: $BOWLINE_CONFIG, ./bowline.yaml, ~/.config/bowline/bowline.yaml",
    )
    .option("--set <key=value>", "one setting, over file and environment; may be repeated", collect);
}

/** The host id that the gateway has drawn for itself, where the configuration has none. */
async function withDrawn(loaded: LoadedConfig): Promise<LoadedConfig> {
  const { config, origins } = loaded;
  const { gateway, data } = config;
  if (gateway.hostId !== undefined || data === "memory") return loaded;
  const drawn = await readHostId(data);
  if (drawn === null) return loaded;
  return {
    ...loaded,
    config: { ...config, gateway: { ...gateway, hostId: String(drawn) } },
    origins: new Map([...origins, ["gateway.hostId", "drawn at the first start, kept in the data folder"]]),
  };
}

function checked({ config, source }: LoadedConfig) {
  const ports = config.serial.filter(({ enabled }) => enabled).map(({ path }) => path);
  const tcp = config.tcp.enabled ? [`tcp ${hostInUrl(config.tcp.host)}:${config.tcp.port}`] : [];
  return { source, gateway: config.gateway.id, boards: [...ports, ...tcp] };
}

function describeCheck(loaded: LoadedConfig): string {
  const { source, gateway, boards } = checked(loaded);
  const name = source === "defaults" ? "no file, the defaults" : source;
  return `ok: ${name}: gateway ${gateway}, boards on ${boards.join(", ") || "none"}`;
}

/** No matter of the machine that it runs on. Throws as the start does, with the place of what is wrong. */
function refuseOpenHub({ config: { monique }, origins }: LoadedConfig): void {
  if (!monique.enabled) return;
  try {
    checkTrust(monique.hub);
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    const { code, message, exitCode, mend } = error;
    const place = origins.get("monique.hub.host");
    throw new BowlineError(code, `reading ${place}: monique.hub.host: ${message}`, exitCode, mend);
  }
}

/** Whoever checks may be somebody else, on another machine, than the gateway that will read them. */
function unreadableFiles({ config, origins }: LoadedConfig): string[] {
  const { irc, gateway, monique } = config;
  return [
    ...faultsOf(() => checkIrcFiles(irc, gateway.id)),
    ...upstreamReadings(config).flatMap((read) => faultsOf(read)),
    ...faultsOf(() => monique.enabled && hubSettings(config), origins.get("monique.configFile")),
  ];
}

/** `place`: of the setting that names a file which cannot be read. */
function faultsOf(read: () => unknown, place?: string): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    const { code, message } = error;
    if (code === "CONFIG_UNREADABLE") return [`${place}: ${message}; the gateway does not start without it`];
    // What such a file holds is told with its own lines.
    if (code.startsWith("MONIQUE_CONFIG"))
      return message.split("\n").map((line) => `${line}; the gateway does not start so`);
    return [`${message}; the gateway does not start without it`];
  }
}

/** What is allowed, but may lead to another port one day. */
async function unstableNames({ config }: LoadedConfig): Promise<string[]> {
  const lines = config.serial.map(async ({ enabled, path }, i) => {
    const advice = enabled ? await stableNameAdvice(path) : "";
    return advice === "" ? [] : [`serial.${i}.path: ${advice}`];
  });
  return (await Promise.all(lines)).flat();
}
