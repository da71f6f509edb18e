/// <reference path="./espruino.d.ts" />
/// <reference path="./language.d.ts" />
/// <reference path="./pins.d.ts" />
/**
 * The firmware as a library: what an author's program uses. What a program does not use is not in its bundle.
 *
 *   import { every, publish, start } from "bowline";
 *   every(10, function () { publish({ ot: "l:temp", v: E.getTemperature() }); });
 *   start();
 */
import type { BoardConfig } from "./board.ts";
import { readConfig } from "./board.ts";
import { noteFaults } from "./faults.ts";
import { peer, setKey } from "./peer.ts";
import { onOverflow, startSerial } from "./serial-link.ts";
import { startSupervisor } from "./supervisor.ts";
import { startTcp } from "./tcp-link.ts";

export { latest } from "./latest.ts";
export type { BoardDatum } from "./publish.ts";
export { onRoom, publish } from "./publish.ts";
export type { BoardRequest, RequestHandler } from "./requests.ts";
export { onRequest, reply } from "./requests.ts";
export { keepSetting, setting } from "./settings.ts";
export { changeEvery, every } from "./supervisor.ts";
export type { BoardTask, TaskEnd, TaskStep } from "./tasks.ts";
export { onTask, progress } from "./tasks.ts";
export type { PinWatch } from "./watch.ts";
export { endWatch, watchPin } from "./watch.ts";

/** Starts the firmware; the last line of a program. The console keeps the port for a few seconds of grace. */
export function start(): void {
  "cold";
  const config = readConfig();
  peer.id = config.id;
  peer.isTrusting = !config.tcp;
  if (config.key) setKey(config.key);
  E.on("errorFlag", onErrorFlag);
  if (config.grace > 0)
    setTimeout(function () {
      begin(config);
    }, config.grace * 1000);
  else begin(config);
}

function begin(config: BoardConfig): void {
  "cold";
  if (config.tcp) startTcp(config);
  else startSerial(config);
  startSupervisor(config.interval);
}

function onErrorFlag(flags: string[]): void {
  noteFaults(flags);
  if (flags.indexOf("FIFO_FULL") >= 0 || flags.indexOf("UART_OVERFLOW") >= 0) onOverflow();
}
