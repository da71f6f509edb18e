/** Asking a gateway that is restarted meanwhile: what is asked bears a key or an id, so that asking again is no second request. */
import { setTimeout } from "node:timers/promises";
import { BowlineError } from "../../platform/errors.ts";
import type { Terminal } from "../process/terminal.ts";
import { lossCodes } from "./http-call.ts";

/** ms between two attempts, and how much longer than the request itself may take the gateway is waited for. */
const PAUSE_MS = 300;
const PATIENCE_MS = 30_000;
/** It stops in order, and the next one goes on. */
const STOPPING = "GATEWAY_STOPPING";

export interface Patience {
  /** Who asks, for the line that says so. */
  verb: string;
  terminal: Terminal;
  /** How long the request itself may take. */
  timeoutMs: number;
}

/** The answer of the first that comes through; `leftMs`: what is left of `timeoutMs`, at least 1. */
export async function askPatiently<T>(
  { verb, terminal, timeoutMs }: Patience,
  ask: (leftMs: number) => Promise<T>,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (let losses = 0; ; losses++) {
    try {
      return await ask(Math.max(1, end - performance.now()));
    } catch (error) {
      if (!isLoss(error, losses) || performance.now() > end + PATIENCE_MS) throw error;
      if (losses === 0) terminal.warn(`${verb}: ${error.message}; asking again until it is back`);
      await setTimeout(PAUSE_MS, undefined, { signal: terminal.signal });
    }
  }
}

/** A gateway that was there is waited for; one that never was is not. */
function isLoss(error: unknown, losses: number): error is BowlineError {
  if (!(error instanceof BowlineError)) return false;
  if (error.code === "NOT_RUNNING") return losses > 0;
  return error.code === STOPPING || lossCodes.includes(error.code);
}
