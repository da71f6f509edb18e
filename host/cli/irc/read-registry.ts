/** The types that a verb knows without a gateway: the configured ones, and of everybody else the standard firmware's. */
import { loadConfig } from "../../config/load.ts";
import { Addresses } from "../../irc-bridge/addresses.ts";
import { type LocalType, Registry } from "../../irc-iot/registry.ts";
import { localTypesOf } from "../../irc-iot/type-rows.ts";
import type { Terminal } from "../process/terminal.ts";

export interface KnownTypes {
  registry: Registry;
  /** Those of the configuration. */
  local: readonly LocalType[];
  /** The address of a board as people call it. */
  addressOf(device: string): string;
  /** Its name, from an address of the form that boards have; else undefined. */
  boardOf(address: string): string | undefined;
}

export function readTypes(options: { config?: string; set?: string[] }, terminal: Terminal): KnownTypes {
  const { config } = loadConfig({ ...options, env: terminal.env, cwd: terminal.cwd });
  const addresses = new Addresses(config.gateway.id, "");
  const addressOf = (device: string) => (device.includes("@") ? device : addresses.ofBoard(device));
  const local = localTypesOf(config.irc.types);
  return {
    registry: new Registry({ boards: ["*"], types: local, senderOf: addressOf }),
    local,
    addressOf,
    boardOf: (address) => addresses.toBoard(address),
  };
}
