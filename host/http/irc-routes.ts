/** IRC over the API: how it stands, and asking a board of another gateway there. */
import type { IrcAsk } from "../irc-bridge/bridge.ts";
import type { GatewayApi } from "./api.ts";
import { readObject } from "./body.ts";
import { HttpFault } from "./fault.ts";
import { checkFields, type NumberRange, readNumber } from "./query.ts";
import type { Call, Route } from "./routes.ts";

const timeouts: NumberRange = { min: 0.001, max: 3600, isWhole: false };
const DEFAULT_TIMEOUT_S = 30;
const fields = ["network", "to", "via", "message"];

export function ircRoutes(gateway: GatewayApi): Route[] {
  const path = "/api/v1/irc";
  return [
    { method: "GET", path, role: "read", answer: () => gateway.irc.view() },
    {
      ...{ method: "POST", path: `${path}/ask`, role: "control", query: ["timeout"] },
      answer: (call) => ask(gateway, call),
    },
  ];
}

async function ask(gateway: GatewayApi, { request, response, url }: Call): Promise<object> {
  const timeoutMs = (readNumber(url, "timeout", timeouts) ?? DEFAULT_TIMEOUT_S) * 1000;
  const asked = readAsk(await readObject(request), timeoutMs);
  const controller = new AbortController();
  const abort = () => controller.abort();
  response.once("close", abort);
  try {
    return await gateway.irc.ask(asked, controller.signal);
  } finally {
    response.off("close", abort);
  }
}

function readAsk(body: Record<string, unknown>, timeoutMs: number): IrcAsk {
  checkFields(body, fields);
  const { network, to, via, message } = body;
  if (network !== undefined && typeof network !== "string") throw invalid("network is no text");
  if (typeof to !== "string" || to === "") throw invalid("to, the address of a board, is missing");
  if (typeof via !== "string" || via === "") throw invalid("via, a nick or a channel, is missing");
  const { ot } = (message ?? {}) as { ot?: unknown };
  if (
    typeof message !== "object" ||
    message === null ||
    Array.isArray(message) ||
    typeof ot !== "string" ||
    ot === ""
  )
    throw invalid("message is no object with an ot");
  return { ...(network !== undefined && { network }), to, via, message: { ...message, ot }, timeoutMs };
}

function invalid(seen: string): HttpFault {
  const allowed = '{"to":"sim-1@attic","via":"gw-attic","message":{"ot":"l:info"}}';
  return new HttpFault(400, "REQUEST_INVALID", `reading the request: ${seen}; allowed: ${allowed}`);
}
