/** The last step from a valid configuration to one the gateway runs with: host name, paths, `enabled: false`. */
import { join, resolve } from "node:path";
import type { Places } from "./places.ts";
import {
  type Config,
  configSchema,
  type IrcConfig,
  type MoniqueConfig,
  type MqttConfig,
  type NatsConfig,
  type ParsedConfig,
  type PeersConfig,
  type WebhookConfig,
} from "./schema.ts";

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
  const config = withoutDisabled(parsed);
  const { tls } = config.tcp;
  const base = (path: string) => (places.get(path)?.kind === "file" ? where.folder : where.cwd);
  return {
    ...config,
    gateway: { ...config.gateway, id: config.gateway.id ?? gatewayIdOf(where.hostname) },
    tcp: { ...config.tcp, ...(tls && { tls: settledTls(tls, "tcp.tls", base, where.home) }) },
    data: config.data === "memory" ? config.data : absolute(config.data, base("data"), where.home),
    peers: settledPeers(config.peers, base, where.home),
    irc: settledIrc(config.irc, base, where.home),
    monique: settledMonique(config.monique, base, where.home),
    nats: settledNats(config.nats, base, where.home),
    mqtt: settledMqtt(config.mqtt, base, where.home),
    webhooks: config.webhooks.map((one, i) => settledWebhook(one, `webhooks.${i}`, base, where.home)),
    serial: config.serial.map((port, i) => ({
      ...port,
      path: isPortName(port.path) ? port.path : absolute(port.path, base(`serial.${i}.path`), where.home),
    })),
  };
}

type Base = (path: string) => string;

/** Its files made absolute, and each in its own right. */
function settledTls<
  T extends { cert?: string | undefined; key?: string | undefined; ca?: string | undefined },
>(tls: T, path: string, base: Base, home: string): T {
  const files = (["cert", "key", "ca"] as const).flatMap((name) => {
    const file = tls[name];
    return file === undefined ? [] : [[name, absolute(file, base(`${path}.${name}`), home)]];
  });
  return { ...tls, ...Object.fromEntries(files) };
}

function settledPeers(peers: PeersConfig, base: Base, home: string): PeersConfig {
  const { listen, connect } = peers;
  const tls = listen.tls && { tls: settledTls(listen.tls, "peers.listen.tls", base, home) };
  return {
    ...peers,
    listen: { ...listen, ...tls },
    connect: connect.map((peer, i) => ({
      ...peer,
      ...(peer.tls && { tls: settledTls(peer.tls, `peers.connect.${i}.tls`, base, home) }),
    })),
  };
}

function settledMonique(monique: MoniqueConfig, base: Base, home: string): MoniqueConfig {
  const { hub, configFile } = monique;
  const file = "monique.configFile";
  return {
    ...monique,
    hub: { ...hub, ...(hub.tls && { tls: settledTls(hub.tls, "monique.hub.tls", base, home) }) },
    ...(configFile !== undefined && { configFile: absolute(configFile, base(file), home) }),
  };
}

function settledMqtt(mqtt: MqttConfig, base: Base, home: string): MqttConfig {
  const { tls, passwordFile } = mqtt;
  const file = "mqtt.passwordFile";
  return {
    ...mqtt,
    tls: settledTls(tls, "mqtt.tls", base, home),
    ...(passwordFile !== undefined && { passwordFile: absolute(passwordFile, base(file), home) }),
  };
}

function settledWebhook(webhook: WebhookConfig, path: string, base: Base, home: string): WebhookConfig {
  const { tls, tokenFile, secretFile } = webhook;
  return {
    ...webhook,
    tls: settledTls(tls, `${path}.tls`, base, home),
    ...(tokenFile !== undefined && { tokenFile: absolute(tokenFile, base(`${path}.tokenFile`), home) }),
    ...(secretFile !== undefined && { secretFile: absolute(secretFile, base(`${path}.secretFile`), home) }),
  };
}

const natsFiles = ["passwordFile", "tokenFile", "credsFile", "nkeyFile"] as const;

function settledNats(nats: NatsConfig, base: Base, home: string): NatsConfig {
  const files = natsFiles.flatMap((name) => {
    const file = nats[name];
    return file === undefined ? [] : [[name, absolute(file, base(`nats.${name}`), home)]];
  });
  return { ...nats, tls: settledTls(nats.tls, "nats.tls", base, home), ...Object.fromEntries(files) };
}

type NamesFiles = Pick<IrcConfig["networks"][number], "tls" | "sasl" | "passwordFile" | "channelKeys">;

function settledIrc(irc: IrcConfig, base: Base, home: string): IrcConfig {
  const file = <Key extends string>(path: string, key: Key, value: string | undefined) =>
    (value === undefined ? {} : { [key]: absolute(value, base(`${path}.${key}`), home) }) as Record<
      Key,
      string
    >;
  const network = <T extends NamesFiles>(one: T, path: string): T => ({
    ...one,
    tls: settledTls(one.tls, `${path}.tls`, base, home),
    ...file(path, "passwordFile", one.passwordFile),
    ...(one.sasl && {
      sasl: { ...one.sasl, ...file(`${path}.sasl`, "passwordFile", one.sasl.passwordFile) },
    }),
    channelKeys: one.channelKeys.map((entry, i) => ({
      ...entry,
      ...file(`${path}.channelKeys.${i}`, "keyFile", entry.keyFile),
    })),
  });
  return {
    ...network(irc, "irc"),
    networks: irc.networks.map((one, i) => network(one, `irc.networks.${i}`)),
    sign: { ...irc.sign, ...file("irc.sign", "keyFile", irc.sign.keyFile) },
    ...file("irc", "sealingKeyFile", irc.sealingKeyFile),
    legacy: {
      ...irc.legacy,
      ...file("irc.legacy", "aesKeyFile", irc.legacy.aesKeyFile),
      ...file("irc.legacy", "rsaKeyFile", irc.legacy.rsaKeyFile),
    },
  };
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
    log: parsed.log.enabled ? parsed.log : { ...defaults.log, enabled: false, level: "silent" },
  };
}

// A bare name is the system's (COM3); only ./ ../ and ~/ are folders to count from.
const isPortName = (path: string) => !/^(\.\.?|~)\//.test(path);

function absolute(path: string, base: string, home: string): string {
  return path.startsWith("~/") ? join(home, path.slice(2)) : resolve(base, path);
}
