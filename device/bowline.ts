/**
 * The firmware as a library: what an author's program uses.
 *
 *   import { every, publish, start } from "../bowline.ts";
 *   every(10, function () { publish({ ot: "l:temp", v: E.getTemperature() }); });
 *   start();
 */
import { readConfig } from "./board.ts";
import { addCommands } from "./commands.ts";
import { noteFaults } from "./faults.ts";
import { useKey } from "./key.ts";
import { peer, sendText, wallTime } from "./peer.ts";
import { takeMessage } from "./requests.ts";
import { onOverflow, startSerial } from "./serial-link.ts";
import { startSupervisor } from "./supervisor.ts";
import { startTcp } from "./tcp-link.ts";

export { onRequest, reply } from "./requests.ts";
export { every } from "./supervisor.ts";

/** A value or an event: `ot` its type ("l:temp"), and fields of its own. */
export interface BoardDatum {
  ot: string;
  [field: string]: any;
}

/**
 * Sends a datum, stamped with the time. True: it will arrive, once. False: there was no room, it was counted as lost,
 * and the author may try again later.
 */
export function publish(datum: BoardDatum): boolean {
  datum.t = wallTime();
  return sendText(JSON.stringify(datum));
}

/** Starts the firmware; the last line of a program. The console keeps the port for a few seconds of grace. */
export function start(): void {
  const config = readConfig();
  peer.config = config;
  if (config.key) useKey(config.key);
  peer.onMessage = takeMessage;
  addCommands();
  E.on("errorFlag", onErrorFlag);
  if (config.grace > 0) setTimeout(begin, config.grace * 1000);
  else begin();
}

function begin(): void {
  const config = peer.config!;
  if (config.tcp) startTcp(config);
  else startSerial(config);
  startSupervisor(config.interval);
}

function onErrorFlag(flags: string[]): void {
  noteFaults(flags);
  if (flags.indexOf("FIFO_FULL") >= 0 || flags.indexOf("UART_OVERFLOW") >= 0) onOverflow();
}
