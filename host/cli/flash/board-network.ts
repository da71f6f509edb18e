/** Where a board on the network finds its gateway, and whether it will. */
import { hostname, networkInterfaces } from "node:os";
import type { Config } from "../../config/schema.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { isLoopback } from "../../platform/loopback.ts";
import { parseHostPort } from "../arguments/options.ts";
import type { GatewayAtHand } from "./gateway-at-hand.ts";

export interface Address {
  host: string;
  port: number;
}

/** What --gateway says, with its port or the configured one; else this machine's first address on a network. */
export function gatewayAddress(given: string | undefined, { tcp }: Config): Address {
  const port = tcp.port === 0 ? 7700 : tcp.port;
  if (given !== undefined) {
    if (/^[^:[\]]+$/.test(given) && !/^\d+$/.test(given)) return { host: given, port };
    return parseHostPort("--gateway", given);
  }
  const host = ownAddresses().find((address) => !isLoopback(address));
  if (host !== undefined) return { host, port };
  const text = "finding this machine's address: it has none on a network that a board could connect to";
  throw new BowlineError("NO_ADDRESS", text, ExitCode.notFound, "--gateway HOST with the gateway's address");
}

/** Whether a board that connects there comes to this machine. */
export function isOurs({ host }: Address): boolean {
  return isLoopback(host) || host === hostname() || ownAddresses().includes(host);
}

/** Whether the gateway hears who connects to `address`; one that listens on loopback hears nobody else. */
export function isServed({ host }: Address, gateway: GatewayAtHand | undefined): gateway is GatewayAtHand {
  const tcp = gateway?.tcp;
  return tcp != null && (!isLoopback(tcp.host) || isLoopback(host));
}

export interface Trouble {
  text: string;
  mend: string;
}

/** What keeps such a board from its gateway, though it has a Wi-Fi and a key. */
export function troublesAhead(
  address: Address,
  { tcp }: Config,
  gateway: GatewayAtHand | undefined,
): Trouble[] {
  if (!isOurs(address)) return [];
  const troubles: Trouble[] = [];
  if (!tcp.enabled)
    troubles.push({
      text: "tcp.enabled is false: boards on the network find nobody",
      mend: "--set tcp.enabled=true",
    });
  const host = gateway?.tcp?.host ?? tcp.host;
  if (isLoopback(host) && !isLoopback(address.host)) {
    troubles.push({
      text: `the gateway listens on ${host} only, where no board can reach it`,
      mend: "npm start -- --set tcp.host=0.0.0.0, or tcp: { host: 0.0.0.0 } in bowline.yaml",
    });
  }
  if (tcp.tls?.enabled === true)
    troubles.push({
      text: "tcp.tls is on, and the board speaks in the clear",
      mend: "tcp: { tls: { enabled: false } }",
    });
  if (gateway === undefined)
    troubles.push({ text: "no gateway runs: the board tries again until one does", mend: "npm start" });
  return troubles;
}

function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ family }) => family === "IPv4").map(({ address }) => address);
}
