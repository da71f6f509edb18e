/** What the board's bowline.json is to say, as fields laid over those it has; null takes one out. */
import type { KeyStore } from "../../admission/key-store.ts";
import { misreadText } from "../arguments/misread.ts";
import type { Address } from "./board-network.ts";

export type BoardFields = Record<string, unknown>;

/** The firmware's own (device/board.ts). */
const DEFAULT_BAUD = 115_200;
/** Consoles that a cable is plugged into. */
const CABLE = /^(USB|Serial\d)$/;

/** The name that a board without one gives itself (device/board.ts, readConfig). */
export function defaultId(board: string, serial: string): string {
  return `${board.toLowerCase()}-${serial.slice(-6)}`;
}

/**
 * The link runs where and as fast as the console did: that cable is proved. The firmware finds USB by itself, and 115200
 * baud needs no saying.
 */
export function cableFields(console: string, baud: number): BoardFields {
  if (!CABLE.test(console)) return {};
  if (console === "USB") return { port: null, baud: null };
  return { port: console, baud: baud === DEFAULT_BAUD ? null : baud };
}

export interface NetworkWish {
  ssid: string;
  /** "" for an open network. */
  password: string;
  address: Address;
  /** base64; undefined for a board that cannot use one. */
  key: string | undefined;
}

export function networkFields({ ssid, password, address, key }: NetworkWish): BoardFields {
  const wifi = password === "" ? { ssid } : { ssid, password };
  return { wifi, tcp: address, ...(key !== undefined && { key }) };
}

/** Back on its cable: the key stays, for the day it leaves it again. */
export const offNetwork: BoardFields = { wifi: null, tcp: null };

/** `--field grace=5`: JSON, or a text where it is none. */
export function readFields(given: readonly string[]): BoardFields {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(text) ?? [];
      if (name !== undefined) return [name, parseValue(value)];
      throw misreadText("--field", text, "NAME=VALUE, a field of the board's bowline.json");
    }),
  );
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface HeldKey {
  key: string;
  /** Whether it was drawn now; takes it back, for nobody has it when flashing fails. */
  isNew: boolean;
  takeBack(): void;
}

/** The key that the gateway has for this board, so that its identity goes on; drawn where it has none. */
export function keyFor(id: string, keys: KeyStore): HeldKey {
  const held = keys.get(id);
  const key = (held ?? keys.draw(id)).toString("base64");
  return {
    key,
    isNew: held === undefined,
    takeBack() {
      if (held === undefined) keys.remove(id);
    },
  };
}
