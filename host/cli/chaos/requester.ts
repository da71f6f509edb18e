/** Sends numbered requests to one board, one after the other, for as long as the run goes on. */
import { setTimeout } from "node:timers/promises";
import { filler } from "../../chaos/filler.ts";
import { BowlineError } from "../../platform/errors.ts";
import type { GatewayClient } from "../client.ts";
import { lossCodes } from "../http-call.ts";
import type { Ledger } from "./ledger.ts";

export interface RequesterOptions {
  ledger: Ledger;
  /** Undefined while there is no gateway. */
  client(): GatewayClient | undefined;
  isOver(): boolean;
}

/** Requests for each message that came from the board: a request costs an HTTP call at each end. */
const SHARE = 1 / 20;
const PAUSE_MS = 10;
/** s: longer than any outage of a run. */
const TIMEOUT_S = 600;

/** Resolves once the run is over and the last request has come to an end. */
export async function sendRequests({ ledger, client, isOver }: RequesterOptions): Promise<void> {
  while (!isOver()) {
    const api = client();
    // Once the board has sent all it had, requests and replies are what keeps the line busy.
    const isAhead = !ledger.isComplete && ledger.asked > ledger.messages.delivered * SHARE;
    if (api === undefined || isAhead) await setTimeout(PAUSE_MS);
    else await sendRequest(ledger, api);
  }
}

async function sendRequest(ledger: Ledger, api: GatewayClient): Promise<void> {
  const path = `api/v1/devices/${ledger.board.id}/requests?timeout=${TIMEOUT_S}`;
  const i = ledger.asked + 1;
  try {
    const sending = api.post(path, { ot: "l:ask", i, s: filler(i) });
    ledger.asked = i;
    await sending;
    ledger.accept(i);
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    // It never came in: nobody listened, or no board of that name has said hello yet.
    if (["NOT_RUNNING", "DEVICE_UNKNOWN"].includes(error.code)) ledger.asked = i - 1;
    // The gateway died, and whether it had the request is not known; anything else says that it had.
    else if (!lossCodes.includes(error.code)) ledger.accept(i);
    await setTimeout(PAUSE_MS);
  }
}
