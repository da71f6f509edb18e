/** The queues over the API: what waits for each board and gateway, withdrawing it, and what will not arrive. */
import { LANES } from "../queue/packet.ts";
import { readObject } from "./body.ts";
import { HttpFault } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import { checkFields, readLimit } from "./query.ts";
import type { Call, Route } from "./routes.ts";

const packetLimit = { most: 10_000, usual: 100 };

export function queueRoutes(gateway: GatewayApi): Route[] {
  const path = "/api/v1/queue";
  const peer = ({ url }: Call) => url.searchParams.get("peer") ?? undefined;
  return [
    { method: "GET", path, role: "read", answer: () => gateway.queueView() },
    // Before those of a peer; one that is called so is reached as %64ead.
    {
      ...{ method: "GET", path: `${path}/dead`, role: "read", query: ["peer"] },
      answer: (call) => ({ dead: gateway.letters.list(peer(call)) }),
    },
    {
      ...{ method: "DELETE", path: `${path}/dead`, role: "control", query: ["peer"] },
      answer: (call) => ({ cleared: gateway.letters.clear(peer(call)) }),
    },
    { method: "GET", path: `${path}/ID`, role: "read", answer: ({ id }) => gateway.queues.view(id) },
    {
      ...{ method: "GET", path: `${path}/ID/packets`, role: "read", query: ["limit"] },
      answer: ({ id, url }) => gateway.queues.packets(id, readLimit(url, packetLimit)),
    },
    {
      ...{ method: "POST", path: `${path}/ID/purge`, role: "control" },
      answer: async ({ id, request }) => gateway.queues.purge(id, readLane(await readObject(request))),
    },
  ];
}

/** Null: none is named. */
function readLane(body: Record<string, unknown>): number | null {
  checkFields(body, ["lane"]);
  const { lane = null } = body;
  if (lane === null) return null;
  if (typeof lane === "number" && Number.isInteger(lane) && lane >= 0 && lane < LANES) return lane;
  const text = `reading lane: ${JSON.stringify(lane)}; allowed: 0 to ${LANES - 1}, or none`;
  throw new HttpFault(400, "REQUEST_INVALID", text, { mend: 'send {"lane":3}, or {}' });
}
