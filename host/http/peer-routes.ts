/** Other gateways over the API, beyond looking at them: reading the configuration anew, and taking a key from one. */
import type { ReloadView } from "./api.ts";
import { HttpFault } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import type { Route } from "./routes.ts";

export function peerRoutes(gateway: GatewayApi, reload: (() => Promise<ReloadView>) | undefined): Route[] {
  const path = "/api/v1/peers";
  return [
    { method: "POST", path: `${path}/reload`, role: "control", answer: () => reloaded(reload) },
    { method: "DELETE", path: `${path}/ID/key`, role: "control", answer: ({ id }) => revoke(gateway, id) },
  ];
}

function reloaded(reload: (() => Promise<ReloadView>) | undefined): Promise<ReloadView> {
  if (reload !== undefined) return reload();
  throw new HttpFault(
    503,
    "RELOAD_UNAVAILABLE",
    "reading the configuration anew: this gateway has none to read",
  );
}

function revoke(gateway: GatewayApi, id: string): object {
  const sessions = gateway.revokePeerKey(id);
  if (sessions !== null) return { id, sessions };
  throw new HttpFault(404, "KEY_UNKNOWN", `taking the key of gateway ${id}: it has none`, {
    mend: "bowline key list --peer",
  });
}
