/** What this board is: its engine for the shared codec, its clock, and its configuration from Storage. */
import type { Engine } from "../shared/engine.ts";
import { noteFaults } from "./faults.ts";
import { readSafely, writeSafely } from "./safe-file.ts";

export const FIRMWARE = "bowline 0.1.0";

/** Native calls on views; no byte is touched in JavaScript (espruino §3). */
export const boardEngine: Engine = {
  crc32: function (bytes, start, end) {
    return E.CRC32(bytes.subarray(start, end));
  },
  copy: function (target, at, source, start, end) {
    target.set(source.subarray(start, end), at);
  },
};

const bootTime = getTime();

/** ms since boot. The clock is never set, so that it never jumps (session D15). */
export function now(): number {
  return (getTime() - bootTime) * 1000;
}

/** The flasher writes them in the same way (layout.mjs). */
const FILE = "bowline.json";
const COPY = "bl.new";

/** Storage file `bowline.json`; every field may be absent. */
export interface BoardConfig {
  /** Stable name of the board. */
  id: string;
  /** Name of the port to the gateway, its speed, and on Linux its path. */
  port: string;
  baud: number;
  path: string | undefined;
  /** Speak over the network instead. */
  tcp: { host: string; port: number } | undefined;
  /** The network to join for that; without it the board is on one. */
  wifi: { ssid: string; password?: string } | undefined;
  /** Shared with the gateway: 32 bytes in base64. Over the network only a gateway that has it is spoken to. */
  key: string | undefined;
  /** Seconds between two telemetry messages; 0: none. */
  interval: number;
  /** Seconds after start in which the console stays on the port. */
  grace: number;
}

export function readConfig(): BoardConfig {
  "cold";
  const given = readSafely(FILE, COPY);
  const serial = getSerial();
  const config: BoardConfig = {
    id: process.env.BOARD.toLowerCase() + "-" + serial.substr(serial.length - 6),
    // Asked only when nobody says: the board makes an object of every port that is named.
    port: given.port || (typeof USB === "undefined" ? "Serial1" : "USB"),
    baud: 115200,
    path: undefined,
    tcp: undefined,
    wifi: undefined,
    key: undefined,
    interval: 10,
    grace: 3,
  };
  return Object.assign(config, given);
}

/** Keeps the key a gateway gave, for lives to come. */
export function keepKey(key: string): void {
  "cold";
  const given = readSafely(FILE, COPY);
  if (given.key === key) return;
  given.key = key;
  if (!writeSafely(FILE, COPY, given)) noteFaults(["storage full"]);
}

/**
 * Bytes the gateway may have on its way to this board: three quarters of what its port holds. Firmware before 2v30 does not say
 * how much that is: 512 bytes below 96 kB of RAM, else 1024 (espruino §4.1).
 */
export function receiveRoom(): number {
  "cold";
  const input = process.memory(false).rx;
  const size = input ? input.total : process.env.RAM < 98304 ? 512 : 1024;
  return size * 0.75;
}

/** Bytes of packets kept until they are acknowledged: about 20 or 40 data. */
export function sendRoom(): number {
  "cold";
  return process.memory(false).total < 4000 ? 1024 : 2048;
}
