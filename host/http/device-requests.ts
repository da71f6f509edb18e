/** POST /api/v1/devices/ID/requests: a request to a board, and what became of it. */
import type { ServerResponse } from "node:http";
import type { Outcome } from "../peers/request-book.ts";
import type { GatewayApi } from "./api.ts";
import { readObject } from "./body.ts";
import { HttpFault } from "./fault.ts";
import { type NumberRange, readNumber } from "./query.ts";
import type { Call } from "./routes.ts";

const DEFAULT_TIMEOUT_S = 10;
/** An hour: a request that waits longer belongs to nobody any more. */
const timeouts: NumberRange = { min: 0.001, max: 3600, isWhole: false };
/** Fields by which a packet is told to be something else than a request (architecture §6). */
const reservedFields = ["rq", "re", "kill", "hello"];

export class DeviceRequests {
  private readonly running = new Set<AbortController>();

  constructor(private readonly router: GatewayApi["router"]) {}

  /** -> the board's reply, also one that carries `err`. A client that goes away cancels its request. */
  async answer({ request, response, url, id }: Call): Promise<object> {
    if (url.searchParams.has("async")) throw notYet();
    const timeoutS = readNumber(url, "timeout", timeouts) ?? DEFAULT_TIMEOUT_S;
    const message = checkMessage(await readObject(request));
    const outcome = await this.run(response, (signal) =>
      this.router.request(id, message, timeoutS * 1000, signal),
    );
    if (outcome.outcome === "delivered") return outcome.reply;
    throw faultOf(`${message.ot} to ${id}`, outcome, timeoutS);
  }

  /** Cancels all that run. */
  stop(): void {
    for (const controller of this.running) controller.abort();
  }

  private async run(
    response: ServerResponse,
    start: (signal: AbortSignal) => Promise<Outcome>,
  ): Promise<Outcome> {
    const controller = new AbortController();
    const abort = () => controller.abort();
    this.running.add(controller);
    response.once("close", abort);
    try {
      return await start(controller.signal);
    } finally {
      response.off("close", abort);
      this.running.delete(controller);
    }
  }
}

function checkMessage(body: Record<string, unknown>): { ot: string } {
  const { ot } = body;
  const reserved = reservedFields.find((field) => field in body);
  if (typeof ot === "string" && ot !== "" && reserved === undefined) return { ...body, ot };
  const seen =
    reserved === undefined ? `ot is ${JSON.stringify(ot) ?? "missing"}` : `it has the field ${reserved}`;
  const text = `reading the request: ${seen}; allowed: {"ot":"TYPE",…} without ${reservedFields.join(", ")}`;
  throw new HttpFault(400, "REQUEST_INVALID", text, { mend: `send {"ot":"l:info"}` });
}

function notYet(): HttpFault {
  const text = "reading async: requests that are not waited for are not in this release; allowed: none";
  return new HttpFault(400, "NOT_YET", text, { mend: "leave ?async out, and give a ?timeout" });
}

function faultOf(
  what: string,
  outcome: Exclude<Outcome, { outcome: "delivered" }>,
  timeoutS: number,
): HttpFault {
  switch (outcome.outcome) {
    case "expired": {
      const text = `${what}: not sent within ${timeoutS} s, and never will be; the board was not there, or took nothing`;
      return new HttpFault(504, "REQUEST_EXPIRED", text, { mend: "bowline devices" });
    }
    case "unknown": {
      const text = `${what}: it may or may not have been done: ${outcome.reason}`;
      const details = { reason: outcome.reason };
      return new HttpFault(504, "REQUEST_UNKNOWN", text, {
        mend: "ask the board before repeating it",
        details,
      });
    }
    case "cancelled":
      return new HttpFault(503, "REQUEST_CANCELLED", `${what}: cancelled, the gateway is stopping`);
  }
}
