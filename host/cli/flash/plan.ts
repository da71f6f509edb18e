/** What is to be done to the board that was found: its new fields, where it will speak, who will see its hello. */

import { openKeys } from "../../admission/key-store.ts";
import type { Config } from "../../config/schema.ts";
import { type BoardAtPrompt, judge } from "../../flash/flash.ts";
import type { FlashMode } from "../../flash/judge.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { checkBoardId } from "../arguments/board-id.ts";
import { type Place, type Watch, watchFor } from "./await-hello.ts";
import {
  type BoardFields,
  cableFields,
  defaultId,
  type HeldKey,
  keyFor,
  networkFields,
  offNetwork,
} from "./board-config.ts";
import { type Address, troublesAhead } from "./board-network.ts";
import type { GatewayAtHand } from "./gateway-at-hand.ts";
import type { Report } from "./report.ts";
import type { Wishes } from "./wishes.ts";

/** The firmware's own (device/board.ts). */
const DEFAULT_BAUD = 115_200;

export interface Plan {
  /** The bundle, latin1. */
  program: string;
  fields: BoardFields;
  mode: FlashMode;
  /** The name that its hello must have; undefined where any will do. */
  id: string | undefined;
  place: Place;
  watch: Watch;
  key: HeldKey | undefined;
}

/** Nothing is changed, but for a key that may be drawn: who does not go on takes it back. */
export async function makePlan(
  board: BoardAtPrompt,
  wishes: Wishes,
  config: Config,
  gateway: GatewayAtHand | undefined,
  report: Report,
): Promise<Plan> {
  const { identity } = board;
  const net = await networkPlan(board, wishes, config, gateway, report);
  try {
    const fields: BoardFields = {
      ...cableFields(identity.console, board.baud),
      ...(wishes.isBackOnCable ? offNetwork : {}),
      ...net.fields,
      ...wishes.fields,
    };
    const merged = { ...identity.config, ...fields };
    const place = placeOf(merged, board);
    const program = await wishes.program.textFor(place.kind);
    const { refuse, warnings, mode } = judge(identity, program.length);
    if (refuse !== undefined) throw refuse;
    for (const warning of warnings) report.warning(warning);
    const id = typeof merged.id === "string" ? merged.id : undefined;
    return { program, fields, mode, id, place, watch: await watchFor(place, gateway), key: net.key };
  } catch (error) {
    net.key?.takeBack();
    throw error;
  }
}

/** Where a board with this bowline.json speaks. */
export function placeOf(config: Record<string, unknown>, { path, identity }: BoardAtPrompt): Place {
  const { tcp, id, baud } = config;
  if (isAddress(tcp)) {
    const own = defaultId(identity.board, identity.serial);
    return { kind: "network", id: typeof id === "string" ? id : own, address: tcp };
  }
  return { kind: "cable", path, baud: typeof baud === "number" ? baud : DEFAULT_BAUD };
}

function isAddress(value: unknown): value is Address {
  const { host, port } = (value ?? {}) as Partial<Address>;
  return typeof host === "string" && typeof port === "number";
}

async function networkPlan(
  board: BoardAtPrompt,
  { wifi, id: wished }: Wishes,
  config: Config,
  gateway: GatewayAtHand | undefined,
  report: Report,
): Promise<{ fields: BoardFields; key: HeldKey | undefined }> {
  if (wifi === undefined) return { fields: {}, key: undefined };
  const { identity } = board;
  const [hasWifi, hasHash] = await askForNetwork(board);
  if (!hasWifi) {
    const text = `preparing ${identity.board} for Wi-Fi: it has none (no module "Wifi"); an ESP32, an ESP8266 or an Espruino WiFi has`;
    throw new BowlineError(
      "FLASH_NO_WIFI",
      text,
      ExitCode.failure,
      "leave --wifi out: it speaks over its cable",
    );
  }
  const known = wished ?? identity.config?.id;
  const id = typeof known === "string" ? known : defaultId(identity.board, identity.serial);
  checkBoardId(id);
  for (const { text, mend } of troublesAhead(wifi.address, config, gateway)) report.warning(text, mend);
  const key = hasHash ? keyFor(id, keysOf(config)) : undefined;
  if (key === undefined) {
    const text = `${identity.board} has no SHA-256 and cannot prove a key: the gateway lets it in only with tcp.insecure, where anyone may speak`;
    report.warning(text, "--set tcp.insecure=true, on a network of your own");
  }
  return { fields: { id, ...networkFields({ ...wifi, key: key?.key }) }, key };
}

/** Whether the board can join a Wi-Fi, and whether it can prove a key. */
async function askForNetwork({ prompt }: BoardAtPrompt): Promise<[boolean, boolean]> {
  const has = `function(n,f){try{var m=require(n);return !f||!!m[f]}catch(e){return false}}`;
  const expression = `(function(h){return JSON.stringify([h("Wifi"),h("crypto","SHA256")])})(${has})`;
  return JSON.parse(await prompt.ask("N", expression, "ask for its Wi-Fi")) as [boolean, boolean];
}

function keysOf({ data }: Config) {
  if (data !== "memory") return openKeys(data);
  const text = "looking for the board's key: the gateway keeps its keys in memory (data: memory)";
  throw new BowlineError("KEYS_IN_MEMORY", text, ExitCode.usage, "set data to a folder");
}
