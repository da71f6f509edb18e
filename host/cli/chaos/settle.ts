/** Asks each board what it still holds, until that is nothing: then all it sent is acknowledged. */
import { setTimeout } from "node:timers/promises";
import { BowlineError } from "../../platform/errors.ts";
import type { GatewayClient } from "../gateway/client.ts";
import type { Ledger } from "./ledger.ts";

const PAUSE_MS = 100;
/** s for one answer, and ms for all of them: a board whose gateway lost numbers takes what it is asked for a repeat. */
const TIMEOUT_S = 10;
const PATIENCE_MS = 20_000;
const TRIES = 10;

type FindClient = () => GatewayClient | undefined;

/** -> why a board could not be asked, a sentence each. All are asked at once. */
export async function settle(
  ledgers: readonly Ledger[],
  client: FindClient,
  signal: AbortSignal,
): Promise<string[]> {
  const until = performance.now() + PATIENCE_MS;
  const isOver = () => signal.aborted || performance.now() >= until;
  const reasons = await Promise.all(ledgers.map((ledger) => settleOne(ledger, client, isOver)));
  return reasons.filter((reason) => reason !== undefined);
}

async function settleOne(
  ledger: Ledger,
  client: FindClient,
  isOver: () => boolean,
): Promise<string | undefined> {
  const { id } = ledger.board;
  ledger.held = undefined;
  let reason = "the gateway was not there";
  for (let i = 0; i < TRIES && !isOver(); i++) {
    try {
      ledger.held = await askHeld(id, client());
      if (ledger.held === 0) return undefined;
      if (ledger.held === undefined && client() !== undefined)
        reason = 'its reply to l:info has no number "held"';
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      reason = error.message;
    }
    await setTimeout(PAUSE_MS);
  }
  return ledger.held === undefined ? `${id}: asked what it still holds: ${reason}` : undefined;
}

async function askHeld(id: string, client: GatewayClient | undefined): Promise<number | undefined> {
  const path = `api/v1/devices/${id}/requests?timeout=${TIMEOUT_S}`;
  const info = (await client?.post(path, { ot: "l:info" })) as { held?: number } | undefined;
  return info?.held;
}
