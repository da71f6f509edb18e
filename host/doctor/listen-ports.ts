/** Whether the gateway can listen where it is configured to, or does already. */
import type { Config } from "../config/schema.ts";
import { formatHolders } from "../transports/holders.ts";
import { nextTo } from "../transports/listen-error.ts";
import { findListeners } from "../transports/listeners.ts";
import { readText } from "./files.ts";
import { type Finding, findings } from "./finding.ts";
import { isGateway } from "./gateway-process.ts";
import type { Machine } from "./machine.ts";

/** The kernel's own, where it does not say. */
const FIRST_FREE_PORT = 1024;

export async function checkListenPorts(machine: Machine): Promise<Finding[]> {
  const { http, tcp, peers, monique } = machine.config;
  // Nobody is listened for who could not be introduced.
  const isListening = peers.enabled && peers.listen.enabled && peers.connect.some((peer) => peer.enabled);
  const places = [
    { setting: "http.port", ...http },
    { setting: "tcp.port", ...tcp },
    { setting: "peers.listen.port", ...peers.listen, enabled: isListening },
    ...hubPlaces(monique),
  ];
  const used = places.filter(({ enabled, port }) => enabled && port !== 0);
  const ports = used.map(({ port }) => port);
  return Promise.all(used.map((place) => checkPort(machine, place, ports)));
}

/** An original config.json is read with the start, not here: its ports are left out. */
function hubPlaces({ enabled, hub, controller, rest, configFile }: Config["monique"]) {
  const isListening = enabled && hub.enabled && configFile === undefined;
  const { host, com, tech } = hub;
  const ports = {
    ...{ "hub.com.in": com.in, "hub.com.out": com.out, "hub.tech.in": tech.in, "hub.tech.out": tech.out },
    ...Object.fromEntries(Object.entries(controller).map(([spec, port]) => [`controller.${spec}`, port])),
  };
  return [
    ...Object.entries(ports).map(([key, port]) => ({
      ...{ setting: `monique.${key}`, host, port, enabled: isListening },
    })),
    { setting: "monique.rest.port", ...rest, enabled: enabled && rest.enabled },
  ];
}

interface Place {
  setting: string;
  host: string;
  port: number;
}

/** `taken`: by the gateway itself. */
async function checkPort(
  machine: Machine,
  { setting, host, port }: Place,
  taken: number[],
): Promise<Finding> {
  const { ok, warn, fail } = findings(setting);
  const instead = `bowline up --set ${setting}=${nextTo(port, taken)}`;
  const listeners = await findListeners(port, machine.root, host);
  if (listeners === undefined) {
    if (port >= (await firstFreePort(machine)) || machine.user.uid === 0)
      return ok(`port ${port} is free (${setting})`);
    return fail(
      `port ${port} (${setting}) takes a privilege that ${machine.user.name} has not`,
      `bowline up --set ${setting}=${port + 8000}`,
    );
  }
  if (listeners.some(isGateway)) return ok(`port ${port}: a gateway runs, ${formatHolders(listeners)}`);
  if (listeners.length === 0)
    return warn(
      `port ${port} (${setting}) is held by a process of another user, perhaps a gateway`,
      `sudo ss -lntp 'sport = :${port}'`,
    );
  return fail(`port ${port} (${setting}) is held by ${formatHolders(listeners)}`, instead);
}

async function firstFreePort(machine: Machine): Promise<number> {
  const text = await readText(machine, "proc/sys/net/ipv4/ip_unprivileged_port_start");
  return text.trim() === "" ? FIRST_FREE_PORT : Number(text);
}
