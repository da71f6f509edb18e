/** How the board is: sent every `interval` s as `l:telemetry`. */

import { now } from "./board.ts";
import { clearFaults, notedFaults } from "./faults.ts";
import { peer, sendText, wallTime } from "./peer.ts";

export function sendTelemetry(): void {
  "cold";
  const memory = process.memory(false);
  const sent = sendText(
    JSON.stringify({
      ot: "l:telemetry",
      t: wallTime(),
      temp: rounded(temperature()),
      supply: rounded(supplyVoltage()),
      free: memory.free,
      total: memory.total,
      uptime: Math.round(now() / 1000),
      flags: notedFaults(),
      lost: peer.refused,
    }),
  );
  if (sent) clearFaults();
}

/** °C inside the chip; NaN, sent as null, where there is no sensor. */
function temperature(): number {
  "cold";
  try {
    return E.getTemperature();
  } catch {
    return NaN;
  }
}

/** V; NaN where it cannot be measured. */
function supplyVoltage(): number {
  "cold";
  try {
    return E.getAnalogVRef();
  } catch {
    return NaN;
  }
}

function rounded(value: number): number {
  "cold";
  return Math.round(value * 100) / 100;
}
