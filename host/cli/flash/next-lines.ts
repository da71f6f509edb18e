/** What to type next, once a board runs what was flashed. */
import type { Config } from "../../config/schema.ts";
import type { Place } from "./await-hello.ts";

export function nextLines(
  path: string,
  place: Place,
  { serial }: Config,
  isGatewayRunning: boolean,
): string[] {
  const isConfigured = serial.some((port) => port.enabled && port.path === path);
  if (place.kind === "network" || isConfigured) return isGatewayRunning ? [] : ["next: npm start"];
  const baud = place.baud === 115_200 ? "" : ` --set serial.0.baud=${place.baud}`;
  const next = `next: npm start -- --set serial.0.path=${path}${baud}`;
  // One gateway at a time has the data folder, and it reads its ports when it starts.
  if (isGatewayRunning) return ["first: stop the gateway that runs, with Ctrl-C where it was started", next];
  return [next];
}
