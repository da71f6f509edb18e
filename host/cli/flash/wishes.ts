/** What was asked for, read and checked before anything is touched. */

import { resolve } from "node:path";
import type { Config } from "../../config/schema.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { checkBoardId } from "../arguments/board-id.ts";
import { parseDuration } from "../arguments/duration.ts";
import { misread } from "../arguments/misread.ts";
import { parseCount } from "../arguments/options.ts";
import type { GatewayOptions } from "../gateway/locate.ts";
import type { Terminal } from "../process/terminal.ts";
import { typedIn } from "../process/typed-in.ts";
import { type BoardFields, readFields } from "./board-config.ts";
import { type Address, gatewayAddress } from "./board-network.ts";
import { type Program, readProgram } from "./program-text.ts";
import { checkSsid, readWifiPassword } from "./wifi-password.ts";

export interface FlashOptions extends GatewayOptions {
  port?: string;
  baud?: string;
  app?: string;
  id?: string;
  interval?: string;
  field?: string[];
  wifi?: string;
  wifiPasswordFile?: string;
  gateway?: string;
  cable?: boolean;
  /** true: the last backup. */
  restore?: string | true;
  backups?: boolean;
  reset?: boolean;
  dryRun?: boolean;
  timeout?: string;
  json?: boolean;
}

export interface Wishes {
  program: Program;
  id: string | undefined;
  /** Fields of bowline.json that were asked for in so many words. */
  fields: BoardFields;
  wifi: { ssid: string; password: string; address: Address } | undefined;
  isBackOnCable: boolean;
}

export async function readWishes(options: FlashOptions, config: Config, terminal: Terminal): Promise<Wishes> {
  const { id, wifi: ssid, app } = options;
  const at = (path: string | undefined) => path && resolve(typedIn(terminal), path);
  if (ssid !== undefined) checkSsid(ssid);
  const fields = readFields(options.field ?? []);
  if (options.interval !== undefined)
    fields.interval = options.interval === "0" ? 0 : parseDuration("--interval", options.interval) / 1000;
  if (id !== undefined) fields.id = id;
  if (fields.id !== undefined && fields.id !== null) checkBoardId(String(fields.id));
  const address = ssid === undefined ? undefined : gatewayAddress(options.gateway, config);
  const program = await readProgram(at(app));
  // What is wrong with it is told before a board is touched.
  await program.textFor(ssid === undefined ? "cable" : "network");
  const wifi =
    ssid === undefined || address === undefined
      ? undefined
      : { ssid, address, password: await readWifiPassword(ssid, at(options.wifiPasswordFile), terminal) };
  return { program, id, fields, wifi, isBackOnCable: options.cable === true };
}

/** The console's speed, where it was named. */
export function namedBaud({ baud }: FlashOptions): number | undefined {
  if (baud === undefined) return undefined;
  const value = parseCount("--baud", baud);
  if (value >= 300 && value <= 4_000_000) return value;
  throw misread("--baud", `${value}`, "300 to 4000000");
}

/** ms, where they were named. */
export function namedTimeout({ timeout }: FlashOptions): number | undefined {
  return timeout === undefined ? undefined : parseDuration("--timeout", timeout);
}

/** Pairs that mean nothing together, the first of them for the message. */
const EXCLUSIVE: readonly (readonly [keyof FlashOptions, keyof FlashOptions])[] = [
  ["wifi", "cable"],
  ["restore", "app"],
  ["restore", "wifi"],
  ["restore", "cable"],
  ["restore", "id"],
  ["restore", "interval"],
  ["restore", "field"],
  ["restore", "dryRun"],
];
const NEEDS_WIFI: readonly (keyof FlashOptions)[] = ["wifiPasswordFile", "gateway"];

/** Throws for what contradicts itself. */
export function refuseTogether(options: FlashOptions): void {
  for (const [one, other] of EXCLUSIVE)
    if (options[one] !== undefined && options[other] !== undefined)
      throw usage(`--${dashed(one)} and --${dashed(other)} exclude each other`);
  for (const name of NEEDS_WIFI)
    if (options[name] !== undefined && options.wifi === undefined)
      throw usage(`--${dashed(name)} goes with --wifi SSID`);
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function usage(text: string): BowlineError {
  return new BowlineError("USAGE", text, ExitCode.usage, "bowline flash --help");
}
