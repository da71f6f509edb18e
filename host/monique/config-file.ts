/** An original config.json: what a component takes from it, and what a hub does. */
import { ConfigReader, type Path, type Section } from "./config-reader.ts";
import { isCreator, isName, isSpec } from "./names.ts";

export interface HubSide {
  host: string;
  com: number;
  tech: number;
}

/** Files of a connection over TLS, as they stand in the configuration. */
export interface ConfiguredTls {
  ca?: string;
  cert?: string;
  key?: string;
}

export interface ComponentConfig {
  name: string;
  creator: string;
  /** Between heartbeats, ms. */
  frequencyMs: number;
  logfile?: string;
  /** Where the hub takes what the component says, and where it hands out what others say. */
  hubIn: HubSide;
  hubOut: HubSide;
  /** Of a worker: where its tasks come from. */
  controller?: { host: string; port: number };
  /** Not in the original. */
  tls?: ConfiguredTls;
  /** All that stands under the component's name: its own settings among it. */
  params: Section;
}

/** What the originals' configuration has of a hub; where it binds is not for that to say. */
export interface HubConfig {
  com: { in: number; out: number };
  tech: { in: number; out: number };
  /** Specs that may pass; [] = all. */
  allow: string[];
  /** Port of each spec that is handed to workers. */
  controller: Record<string, number>;
  /** Of the REST service. */
  monitoringPort?: number;
}

const SUGGESTED_FREQUENCY_MS = 60_000;
/** What a timer of Node can wait. */
const MAX_FREQUENCY_MS = 2_147_483_647;
const DEPLOY: Path = ["deploy", "monique"];
const CONNECTIONS: Path = ["params", "mq_controller", "connections"];
const MONITORING_PORT: Path = ["params", "mq_monitoring_handler", "port"];
const TLS_KEYS = ["ca", "cert", "key"] as const;

/** Throws a BowlineError with every fault, its line and column, and what is allowed there. */
export function readComponentConfig(text: string, file: string, name: string): ComponentConfig {
  const reader = new ConfigReader(text, file);
  if (!isName(name))
    throw new RangeError(`name of a component: ${JSON.stringify(name)}; allowed project_component`);
  const own = findParams(reader, name);
  const config: ComponentConfig = {
    name,
    creator: reader.words([...own, "creator"], "text without a colon", isCreator),
    frequencyMs:
      optional(reader, [...own, "frequency"], (path) => reader.whole(path, 1, MAX_FREQUENCY_MS)) ??
      SUGGESTED_FREQUENCY_MS,
    hubIn: readSide(reader, [...DEPLOY, "scheduler-in"]),
    hubOut: readSide(reader, [...DEPLOY, "scheduler-out"]),
    params: reader.section(own),
  };
  const logfile = optional(reader, [...own, "logfile"], (path) => reader.words(path));
  if (logfile !== undefined) config.logfile = logfile;
  const port = optional(reader, [...own, "port"], (path) => reader.port(path));
  if (port !== undefined) config.controller = { host: reader.words([...DEPLOY, "controller", "host"]), port };
  const tls = optional(reader, [...DEPLOY, "tls"], (path) => readTlsPaths(reader, path));
  if (tls !== undefined) config.tls = tls;
  reader.throwFaults();
  return config;
}

/** Throws likewise. */
export function readHubConfig(text: string, file: string): HubConfig {
  const reader = new ConfigReader(text, file);
  const [into, out] = ["scheduler-in", "scheduler-out"].map((side) => readPorts(reader, [...DEPLOY, side]));
  const config: HubConfig = {
    com: { in: into.com, out: out.com },
    tech: { in: into.tech, out: out.tech },
    allow: readAllowed(reader, ["params", "scheduler-logic", "allow-messages"]),
    controller: readConnections(reader, CONNECTIONS),
  };
  const port = optional(reader, MONITORING_PORT, (path) => reader.port(path, 0));
  if (port !== undefined) config.monitoringPort = port;
  checkPorts(reader);
  reader.throwFaults();
  return config;
}

/** Under the component's name, or, as the Java library has it, in `params` itself. */
function findParams(reader: ConfigReader, name: string): Path {
  const own = ["params", name];
  if (reader.value(own) !== undefined) return own;
  const flat = reader.value(["params", "name"]);
  if (flat === name) return ["params"];
  const names = typeof flat === "string" ? [flat] : Object.keys(reader.section(["params"]));
  reader.unknownKey(own, names.filter(isName));
  reader.throwFaults();
  return own;
}

function readSide(reader: ConfigReader, path: Path): HubSide {
  const side = { host: reader.words([...path, "host"]), ...readPorts(reader, path, 1) };
  // MoniQue LAY2: the layers have ports of their own.
  if (side.com === side.tech && side.com > 1)
    reader.fault([...path, "techport"], "another port than comport");
  return side;
}

/** A hub may be given 0, any free one; who connects to it may not. */
function readPorts(reader: ConfigReader, path: Path, least = 0): { com: number; tech: number } {
  const com = reader.port([...path, "comport"], least);
  const tech = reader.port([...path, "techport"], least);
  return { com, tech };
}

/** All of a hub's ports are on one machine. */
function checkPorts(reader: ConfigReader): void {
  const sides = ["scheduler-in", "scheduler-out"].flatMap((side) =>
    ["comport", "techport"].map((port) => [...DEPLOY, side, port]),
  );
  const specs = reader.value(CONNECTIONS);
  const workers = Object.keys(specs ?? {}).map((spec) => [...CONNECTIONS, spec]);
  const taken = new Map<unknown, Path>();
  for (const path of [...sides, ...workers, MONITORING_PORT]) {
    const port = reader.value(path);
    const other = taken.get(port);
    if (other !== undefined) reader.fault(path, `another port than ${other.slice(1).join(".")}`);
    else if (port !== 0 && port !== undefined) taken.set(port, path);
  }
}

function readTlsPaths(reader: ConfigReader, path: Path): ConfiguredTls {
  reader.only(path, TLS_KEYS);
  const tls: ConfiguredTls = {};
  for (const key of TLS_KEYS) {
    const file = optional(reader, [...path, key], (one) => reader.words(one));
    if (file !== undefined) tls[key] = file;
  }
  if ((tls.cert === undefined) !== (tls.key === undefined))
    reader.fault(path, "cert and key together, or neither");
  return tls;
}

function readAllowed(reader: ConfigReader, path: Path): string[] {
  const value = reader.value(path);
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((_one, i) => readSpec(reader, path, i, value));
  reader.fault(path, "a list of specs");
  return [];
}

function readSpec(reader: ConfigReader, path: Path, index: number, list: unknown[]): string {
  const spec = list[index];
  if (typeof spec === "string" && isSpec(spec)) return spec;
  reader.faultAt([...path, String(index)], spec, "a spec like example_calculator");
  return "";
}

function readConnections(reader: ConfigReader, path: Path): Record<string, number> {
  const section = reader.value(path) === undefined ? {} : reader.section(path);
  const specs = Object.keys(section);
  for (const spec of specs.filter((one) => !isSpec(one)))
    reader.fault([...path, spec], "under a spec like example_calculator");
  return Object.fromEntries(specs.map((spec) => [spec, reader.port([...path, spec], 0)]));
}

function optional<T>(reader: ConfigReader, path: Path, read: (path: Path) => T): T | undefined {
  return reader.value(path) === undefined ? undefined : read(path);
}
