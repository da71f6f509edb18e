/**
 * Admission over the API (session part 4): opening and closing the pairing of new boards, and taking a board's key from
 * it. No key ever travels here.
 */
import type { PairingView } from "./api.ts";
import { readObject } from "./body.ts";
import { HttpFault } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import { checkFields } from "./query.ts";
import type { Call, Route } from "./routes.ts";

/** The longest that pairing stays open. */
const MAX_OPEN_S = 3600;

export function admissionRoutes(gateway: GatewayApi): Route[] {
  const path = "/api/v1/pairing";
  return [
    { method: "GET", path, role: "read", answer: (): PairingView => gateway.pairingView() },
    { method: "POST", path, role: "control", answer: (call) => open(gateway, call) },
    { method: "DELETE", path: "/api/v1/keys/ID", role: "control", answer: ({ id }) => revoke(gateway, id) },
  ];
}

async function open(gateway: GatewayApi, { request }: Call): Promise<PairingView> {
  const body = await readObject(request);
  checkFields(body, ["forS"]);
  const { forS } = body;
  if (typeof forS !== "number" || !(forS >= 0 && forS <= MAX_OPEN_S)) {
    const text = `reading forS: ${JSON.stringify(forS) ?? "missing"}; allowed: seconds, 0 to ${MAX_OPEN_S}`;
    throw new HttpFault(400, "REQUEST_INVALID", text, { mend: 'send {"forS":60}' });
  }
  gateway.openPairing(forS * 1000);
  return gateway.pairingView();
}

function revoke(gateway: GatewayApi, id: string): object {
  const sessions = gateway.revokeKey(id);
  if (sessions !== null) return { id, sessions };
  throw new HttpFault(404, "KEY_UNKNOWN", `taking the key of ${id}: it has none`, {
    mend: "bowline key list",
  });
}
