/**
 * Sends numbered requests to one board for as long as the run goes on. A request that could not be handed over, because
 * the gateway was just killed, is asked again with the same key until it is accepted: it is then the same request.
 */
import { setTimeout } from "node:timers/promises";
import { filler } from "../../chaos/filler.ts";
import { BowlineError } from "../../platform/errors.ts";
import type { GatewayClient } from "../gateway/client.ts";
import { lossCodes } from "../gateway/http-call.ts";
import type { Ledger } from "./ledger.ts";

export interface RequesterOptions {
  ledger: Ledger;
  /** Undefined while there is no gateway. */
  client(): GatewayClient | undefined;
  /** No new request is made; the last one is handed over all the same. */
  isOver(): boolean;
  /** Nobody is left to hand it to. */
  isGone(): boolean;
}

/** Requests for each message that came from the board: a request costs an HTTP call at each end. */
const SHARE = 1 / 20;
/** Requests that are accepted and not answered. */
const MOST_WAITING = 4;
const PAUSE_MS = 10;
/** s: longer than any outage of a run. */
const TIMEOUT_S = 3600;
/** Nobody is there, or no board of that name has said hello yet. */
const passing = [...lossCodes, "DEVICE_UNKNOWN"];

/** Resolves once the run is over and every request that was made is accepted. */
export async function sendRequests({ ledger, client, isOver, isGone }: RequesterOptions): Promise<void> {
  for (;;) {
    const isPending = ledger.asked > ledger.accepted;
    if (isGone() || (isOver() && !isPending)) return;
    const api = client();
    // Once the board has sent all it had, requests and replies are what keeps the line busy.
    const isAhead = !ledger.isComplete && ledger.asked > ledger.messages.delivered * SHARE;
    const isEarly = !isPending && (isAhead || ledger.unanswered >= MOST_WAITING);
    if (api === undefined || isEarly) await setTimeout(PAUSE_MS);
    else if (!(await sendRequest(ledger, api))) await setTimeout(PAUSE_MS);
  }
}

/** The next request that is not accepted yet; false: nobody took it. */
async function sendRequest(ledger: Ledger, api: GatewayClient): Promise<boolean> {
  const { id } = ledger.board;
  const i = ledger.accepted + 1;
  ledger.asked = i;
  try {
    await api.post(
      `api/v1/devices/${id}/requests?async=1&timeout=${TIMEOUT_S}`,
      { ot: "l:ask", i, s: filler(i) },
      { "idempotency-key": `${id}/${i}/chaos` },
    );
    ledger.accepted = i;
    return true;
  } catch (error) {
    if (error instanceof BowlineError && passing.includes(error.code)) return false;
    throw error;
  }
}
