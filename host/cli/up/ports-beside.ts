/** Ports for a second gateway of the same configuration, beside one that has those it names. */
import type { Config } from "../../config/schema.ts";
import { nextTo } from "../../transports/listen-error.ts";

/** Settings, `tcp.port=7701`; none for a port that is any free one. */
export function portsBeside(config: Config): string[] {
  const own = ownPorts(config).filter(([, port]) => port !== 0);
  const taken = own.map(([, port]) => port);
  return own.map(([setting, port]) => {
    const free = nextTo(port, taken);
    taken.push(free);
    return `${setting}=${free}`;
  });
}

function ownPorts({ http, tcp, peers, monique }: Config): [setting: string, port: number][] {
  const { hub, rest, controller, configFile } = monique;
  const ports: [string, number][] = [];
  if (http.enabled) ports.push(["http.port", http.port]);
  if (tcp.enabled) ports.push(["tcp.port", tcp.port]);
  // The ports of a file of the original are set there.
  if (monique.enabled && hub.enabled && configFile === undefined) {
    ports.push(["monique.hub.com.in", hub.com.in], ["monique.hub.com.out", hub.com.out]);
    ports.push(["monique.hub.tech.in", hub.tech.in], ["monique.hub.tech.out", hub.tech.out]);
    for (const [spec, port] of Object.entries(controller)) ports.push([`monique.controller.${spec}`, port]);
  }
  if (monique.enabled && rest.enabled) ports.push(["monique.rest.port", rest.port]);
  const { listen, connect } = peers;
  if (peers.enabled && listen.enabled && connect.some(({ enabled }) => enabled))
    ports.push(["peers.listen.port", listen.port]);
  return ports;
}
