/** Asks each board what it still holds, until that is nothing: then all it sent is acknowledged. */
import { setTimeout } from "node:timers/promises";
import { BowlineError } from "../../platform/errors.ts";
import type { GatewayClient } from "../client.ts";
import type { Ledger } from "./ledger.ts";

const PAUSE_MS = 100;
const TIMEOUT_S = 10;
const TRIES = 10;

/** -> why a board could not be asked, a sentence each. */
export async function settle(
  ledgers: readonly Ledger[],
  client: () => GatewayClient | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const reasons: string[] = [];
  for (const ledger of ledgers) {
    ledger.held = undefined;
    let reason = "the gateway was not there";
    for (let i = 0; i < TRIES && ledger.held !== 0 && !signal.aborted; i++) {
      try {
        ledger.held = await askHeld(ledger.board.id, client());
      } catch (error) {
        if (!(error instanceof BowlineError)) throw error;
        reason = error.message;
      }
      if (ledger.held !== 0) await setTimeout(PAUSE_MS);
    }
    if (ledger.held === undefined) reasons.push(`${ledger.board.id}: asked what it still holds: ${reason}`);
  }
  return reasons;
}

async function askHeld(id: string, client: GatewayClient | undefined): Promise<number | undefined> {
  const path = `api/v1/devices/${id}/requests?timeout=${TIMEOUT_S}`;
  const info = (await client?.post(path, { ot: "l:info" })) as { held?: number } | undefined;
  return info?.held;
}
