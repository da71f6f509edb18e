/** The types that a verb knows without a gateway: the configured ones, and of everybody else the standard firmware's. */
import { loadConfig } from "../../config/load.ts";
import { Registry } from "../../irc-iot/registry.ts";
import type { Terminal } from "../terminal.ts";

export interface KnownTypes {
  registry: Registry;
  /** The gateway whose boards are called by their names alone. */
  gateway: string;
  /** The address of a board as people call it. */
  addressOf(device: string): string;
  /** Its name, from an address of the form that boards have; else undefined. */
  boardOf(address: string): string | undefined;
}

export function readTypes(options: { config?: string; set?: string[] }, terminal: Terminal): KnownTypes {
  const { config } = loadConfig({ ...options, env: terminal.env, cwd: terminal.cwd });
  const gateway = config.gateway.id;
  const addressOf = (device: string) => {
    if (device.includes("@")) return device;
    const slash = device.indexOf("/");
    return slash < 0 ? `${device}@${gateway}` : `${device.slice(slash + 1)}@${device.slice(0, slash)}`;
  };
  const boardOf = (address: string) => {
    const [, name, place] = /^([^@/]+)@([^@/]+)$/.exec(address) ?? [];
    if (name === undefined) return undefined;
    return place === gateway ? name : `${place}/${name}`;
  };
  const registry = new Registry({ boards: ["*"], types: [], senderOf: addressOf });
  return { registry, gateway, addressOf, boardOf };
}
