/** Whether boards can be simulated on pseudo-terminals, for which `script` of util-linux is run (transports/pty.ts). */
import { isThere } from "./files.ts";
import { type Finding, findings } from "./finding.ts";
import type { Machine } from "./machine.ts";

const PLACES = ["usr/bin/script", "bin/script", "usr/local/bin/script"];

const demo = findings("script");

export async function checkSimulatedBoards(machine: Machine): Promise<Finding[]> {
  const found = await Promise.all(PLACES.map((place) => isThere(machine, place)));
  if (found.includes(true)) return [demo.ok("script (simulated boards)")];
  const seen = "`script` is missing: simulated boards come over the network instead of a cable";
  return [demo.warn(seen, "sudo apt-get install bsdutils")];
}
