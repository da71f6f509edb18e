/** IRC over the API: how it stands, asking a board of another gateway there, and asking for what was lost. */
import type { IrcAgain, IrcAsk } from "../irc-bridge/own-questions.ts";
import type { IrcLineList } from "./api.ts";
import { readObject } from "./body.ts";
import { MAX_LINES } from "./event-stream.ts";
import { HttpFault } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import { checkFields, readLimit, readTimeoutS } from "./query.ts";
import type { Call, Route } from "./routes.ts";

const DEFAULT_TIMEOUT_S = 30;
const fields = ["network", "to", "via", "message"];
const againFields = ["network", "kind", "id", "via", "owner"];
/** IRC-IoT S-6. */
const kinds: readonly unknown[] = [10, 11, 20, 21, 30, 31];
/** A signature of any method is shorter; a nick or a channel as well. */
const LONGEST_ID = 256;
const lineLimit = { most: MAX_LINES, usual: 100 };
const NAME = /^[^\s,:\p{Cc}]{1,64}$/u;

export function ircRoutes(gateway: GatewayApi): Route[] {
  const path = "/api/v1/irc";
  return [
    { method: "GET", path, role: "read", answer: () => gateway.irc.view() },
    {
      ...{ method: "GET", path: `${path}/lines`, role: "read", query: ["network", "limit"] },
      answer: ({ url }): IrcLineList => {
        const network = url.searchParams.get("network") ?? undefined;
        return {
          lines: gateway.irc.lastLines(network, readLimit(url, lineLimit)),
        };
      },
    },
    {
      ...{ method: "POST", path: `${path}/ask`, role: "control", query: ["timeout"] },
      answer: (call) => ask(gateway, call),
    },
    {
      ...{ method: "POST", path: `${path}/again`, role: "control" },
      answer: async ({ request }) => {
        gateway.irc.again(readAgain(await readObject(request)));
        return {};
      },
    },
  ];
}

async function ask(gateway: GatewayApi, { request, response, url }: Call): Promise<object> {
  const timeoutMs = readTimeoutS(url, DEFAULT_TIMEOUT_S) * 1000;
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

function readAgain(body: Record<string, unknown>): IrcAgain {
  checkFields(body, againFields);
  const { network, kind, id, via, owner } = body;
  const wrong = (seen: string) => invalid(seen, '{"kind":30,"id":"567","via":"gw-attic"}');
  if (network !== undefined && typeof network !== "string") throw wrong("network is no text");
  if (!kinds.includes(kind)) throw wrong(`kind is none of ${kinds.join(", ")}`);
  if (typeof id !== "string" || id === "" || id.length > LONGEST_ID) throw wrong("id, a text, is missing");
  if (typeof via !== "string" || !NAME.test(via)) throw wrong("via, a nick or a channel, is missing");
  if (owner !== undefined && (typeof owner !== "string" || !NAME.test(owner)))
    throw wrong("owner is no nick");
  return {
    ...{ kind: kind as IrcAgain["kind"], id, via },
    ...(network !== undefined && { network }),
    ...(owner !== undefined && { owner }),
  };
}

const ASK = '{"to":"sim-1@attic","via":"gw-attic","message":{"ot":"l:info"}}';

function invalid(seen: string, allowed = ASK): HttpFault {
  return new HttpFault(400, "REQUEST_INVALID", `reading the request: ${seen}; allowed: ${allowed}`);
}
