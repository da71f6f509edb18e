/** The rows of the HTTP API that look, and the one that has a board not looked at (interface: HTTP API). */
import type { Access } from "./access.ts";
import type { About, PortList, StatusView } from "./api.ts";
import { HttpFault } from "./fault.ts";
import type { GatewayApi } from "./gateway-api.ts";
import { messageQuery, readMessages } from "./message-pages.ts";
import type { Route } from "./routes.ts";
import type { Role } from "./token.ts";

export interface StatusFacts {
  about: About;
  /** As StatusView has it. */
  epoch: string;
  /** On the clock of performance.now(). */
  startedAt: number;
  access: Pick<Access, "roleOf">;
}

export function viewRoutes(gateway: GatewayApi, facts: StatusFacts): Route[] {
  const view = (path: string, answer: Route["answer"], query: string[] = []): Route => ({
    ...{ method: "GET", path, role: "read", query },
    answer,
  });
  return [
    view("/api/v1/status", ({ request, url }) =>
      viewStatus(gateway, facts, facts.access.roleOf(request, url) ?? "read"),
    ),
    view("/api/v1/devices", () => ({ devices: gateway.devicesView() })),
    view("/api/v1/devices/ID", ({ id }) => findDevice(gateway, id)),
    {
      ...{ method: "DELETE", path: "/api/v1/devices/ID", role: "control" },
      answer: ({ id }) => forgetDevice(gateway, id),
    },
    view("/api/v1/peers", () => gateway.peersView()),
    view("/api/v1/northbound", () => ({ northbound: gateway.northbound.views() })),
    view("/api/v1/sessions", () => ({ sessions: gateway.sessionsView() })),
    view("/api/v1/ports", (): PortList => ({ serial: gateway.serialView(), links: gateway.linksView() })),
    view("/api/v1/messages", ({ url }) => readMessages(gateway.store, url), messageQuery),
  ];
}

function viewStatus(gateway: GatewayApi, { about, epoch, startedAt }: StatusFacts, role: Role): StatusView {
  const { fill, next } = gateway.store;
  return {
    gateway: about.id,
    version: about.version,
    epoch,
    role,
    problems: gateway.problems.view().counts,
    at: Date.now(),
    uptimeS: Math.floor((performance.now() - startedAt) / 1000),
    store: { kind: about.store, ...fill, next },
    tcp: gateway.tcpAddress,
  };
}

async function forgetDevice(gateway: GatewayApi, id: string): Promise<object> {
  if (await gateway.forgetDevice(id)) return { id };
  throw unknownDevice(gateway, id);
}

function findDevice(gateway: GatewayApi, id: string) {
  const found = gateway.devicesView().find((device) => device.id === id);
  if (found === undefined) throw unknownDevice(gateway, id);
  return found;
}

function unknownDevice(gateway: GatewayApi, id: string): HttpFault {
  const known = gateway
    .devicesView()
    .slice(0, 10)
    .map((device) => device.id);
  const seen = known.length === 0 ? "no board has said hello yet" : `known: ${known.join(", ")}`;
  return new HttpFault(404, "DEVICE_UNKNOWN", `looking for ${id}: no such board; ${seen}`, {
    mend: "bowline devices",
  });
}
