/** What the hub is started with, as the configuration has it, and what of that can refuse a start. */
import { readFileSync } from "node:fs";
import type { Config } from "../config/schema.ts";
import type { HubSettings } from "../hub/hub-settings.ts";
import { type HubConfig, readHubConfig } from "../monique/config-file.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import { isLoopback } from "../platform/loopback.ts";
import type { ListenPlace } from "../transports/listen-error.ts";
import { readTls } from "../transports/tls-files.ts";

const DEFAULT_PATIENCE_S = 300;

/** Throws a BowlineError when it must not be started so, or a file of it cannot be used. */
export function hubSettings({ gateway, monique }: Pick<Config, "gateway" | "monique">): HubSettings {
  const { hub, patienceS, rhythmMs, configFile } = monique;
  const { host, tls, maxMessageBytes } = hub;
  const own = { com: hub.com, tech: hub.tech, allow: hub.allow, controller: monique.controller };
  const { com, tech, allow, controller } = configFile === undefined ? own : readOriginal(configFile);
  checkTrust(hub);
  return {
    ...{ creator: gateway.id, listens: hub.enabled, host, com, tech, allow, maxMessageBytes },
    tls: hub.enabled && tls?.enabled ? readTls(tls, "monique.hub.tls") : null,
    controller: Object.entries(controller).map(([spec, port]) => ({
      ...{ spec, port, patienceMs: (patienceS[spec] ?? DEFAULT_PATIENCE_S) * 1000 },
    })),
    frequenciesMs: rhythmMs,
  };
}

/** Where it will listen, for who looks whether that can be; none while it does not. */
export function hubPlaces({ host, com, tech, controller, listens }: HubSettings): ListenPlace[] {
  if (listens === false) return [];
  const ports = [
    { setting: "monique.hub.com.in", port: com.in },
    { setting: "monique.hub.com.out", port: com.out },
    { setting: "monique.hub.tech.in", port: tech.in },
    { setting: "monique.hub.tech.out", port: tech.out },
    ...controller.map(({ spec, port }) => ({ setting: `monique.controller.${spec}`, port })),
  ];
  const taken = ports.map(({ port }) => port);
  return ports.map((place) => ({ ...place, host, hostSetting: "monique.hub.host", taken }));
}

/** Beyond loopback who kills must be known (users X5): by a certificate, for ZMTP itself proves nothing. */
export function checkTrust({ enabled, host, insecure, tls }: Config["monique"]["hub"]): void {
  const isProved = tls?.enabled === true && tls.ca !== undefined;
  if (!enabled || isLoopback(host) || insecure || isProved) return;
  const text = `listening on ${host} for components: anyone there could run and kill; allowed: a loopback address, or monique.hub.tls.ca, whose certificates say who is who`;
  const mend =
    "set monique.hub.host to 127.0.0.1; or monique.hub.insecure to true, and anyone may run and kill";
  throw new BowlineError("MONIQUE_INSECURE", text, ExitCode.usage, mend);
}

function readOriginal(file: string): HubConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const exitCode = code === "ENOENT" ? ExitCode.notFound : ExitCode.permission;
    const mend = `ls -l ${file}`;
    throw new BowlineError("CONFIG_UNREADABLE", `reading monique.configFile: ${message}`, exitCode, mend);
  }
  return readHubConfig(text, file);
}
