/** The last step from a valid configuration to one the gateway runs with: host name, paths, `enabled: false`. */
import { join, resolve } from "node:path";
import type { Places } from "./places.ts";
import { type Config, configSchema, type ParsedConfig } from "./schema.ts";

/** What relative paths and absent names are settled by. */
export interface Surroundings {
  readonly cwd: string;
  readonly home: string;
  readonly hostname: string;
  /** The folder of the configuration file; `cwd` when there is none. */
  readonly folder: string;
}

/**
 * A relative path in the file counts from the file's folder; a default, a variable or an option from the current
 * directory. `~/` is the home folder.
 */
export function settle(parsed: ParsedConfig, places: Places, where: Surroundings): Config {
  const { peers, irc, monique, mqtt, ...config } = withoutDisabled(parsed);
  const { tls } = config.tcp;
  const base = (path: string) => (places.get(path)?.kind === "file" ? where.folder : where.cwd);
  return {
    ...config,
    gateway: { ...config.gateway, id: config.gateway.id ?? gatewayIdOf(where.hostname) },
    tcp: { ...config.tcp, ...(tls && { tls: settledTls(tls, base, where.home) }) },
    data: config.data === "memory" ? config.data : absolute(config.data, base("data"), where.home),
    serial: config.serial.map((port, i) => ({
      ...port,
      path: isPortName(port.path) ? port.path : absolute(port.path, base(`serial.${i}.path`), where.home),
    })),
  };
}

type Tls = NonNullable<Config["tcp"]["tls"]>;

function settledTls(tls: Tls, base: (path: string) => string, home: string): Tls {
  const settled = (name: "cert" | "key", path: string) => absolute(path, base(`tcp.tls.${name}`), home);
  const ca = tls.ca === undefined ? {} : { ca: absolute(tls.ca, base("tcp.tls.ca"), home) };
  return { ...tls, cert: settled("cert", tls.cert), key: settled("key", tls.key), ...ca };
}

/** The machine's name as a gateway id: letters, digits, dots, dashes and underscores, 64 at most. */
export function gatewayIdOf(hostname: string): string {
  const name = hostname.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[._-]+/, "");
  return name.slice(0, 64) || "gateway";
}

/** Was the value at `path` written in a section that its own `enabled: false` makes void? */
export function isVoid(config: Config, path: string): boolean {
  const [section, key] = path.split(".");
  return fallingBack.some((name) => name === section && key !== "enabled" && !config[name].enabled);
}

const fallingBack = ["gateway", "session", "store", "demo", "log"] as const;

// Parts that run (serial, tcp, http) keep their settings and are not started; the others fall back to their defaults.
function withoutDisabled(parsed: ParsedConfig): ParsedConfig {
  const defaults = configSchema.parse({});
  return {
    ...parsed,
    gateway: parsed.gateway.enabled ? parsed.gateway : { ...defaults.gateway, enabled: false },
    session: parsed.session.enabled ? parsed.session : { ...defaults.session, enabled: false },
    store: parsed.store.enabled ? parsed.store : { ...defaults.store, enabled: false },
    demo: parsed.demo.enabled ? parsed.demo : { enabled: false, boards: 0 },
    log: parsed.log.enabled ? parsed.log : { enabled: false, level: "silent" },
  };
}

// A bare name is the system's (COM3); only ./ ../ and ~/ are folders to count from.
const isPortName = (path: string) => !/^(\.\.?|~)\//.test(path);

function absolute(path: string, base: string, home: string): string {
  return path.startsWith("~/") ? join(home, path.slice(2)) : resolve(base, path);
}
