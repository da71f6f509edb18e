/** Components over the API: how each is, and how the original monitoring tells it (MoniQue MON4). */
import type { ServerResponse } from "node:http";
import { HttpFault } from "./fault.ts";
import type { Route } from "./routes.ts";
import type { ComponentForgotten, ComponentHistory, ComponentList, HubView, WorkApi } from "./work-api.ts";

export const MONITORING_PATH = "/v1/monitoring";
const SHOWN_NAMES = 10;

export function componentRoutes(work: WorkApi): Route[] {
  const path = "/api/v1/components";
  return [
    {
      ...{ method: "GET", path, role: "read" },
      answer: (): ComponentList => ({ components: work.components() }),
    },
    { method: "GET", path: "/api/v1/hub", role: "read", answer: () => hubView(work) },
    { method: "GET", path: `${path}/ID`, role: "read", answer: ({ id }) => find(work, id) },
    { method: "DELETE", path: `${path}/ID`, role: "control", answer: ({ id }) => forget(work, id) },
    {
      ...{ method: "GET", path: MONITORING_PATH, role: "read", query: ["last"] },
      answer: ({ response, url }) => sendMonitoring(work, response, url),
    },
  ];
}

/** As the original: `last` is a flag, whatever it holds, and without it there is nothing to tell. */
export function sendMonitoring(work: Pick<WorkApi, "monitoring">, response: ServerResponse, url: URL): void {
  response.writeHead(200, { "content-type": "application/json;charset=utf-8" });
  response.end(url.searchParams.has("last") ? JSON.stringify(work.monitoring()) : "");
}

function hubView(work: WorkApi): HubView {
  const view = work.hubView();
  if (view !== null) return view;
  throw new HttpFault(
    503,
    "MONIQUE_DISABLED",
    "looking for the hub: there is none (monique.enabled is false)",
    {
      mend: "set monique.enabled to true",
    },
  );
}

function forget(work: WorkApi, name: string): ComponentForgotten {
  const { components } = find(work, name);
  const forgotten = work.forgetDead(name);
  if (forgotten > 0) return { name, forgotten };
  const isOwn = components.some(({ address }) => address === "here");
  const seen = isOwn ? "it is a part of the gateway" : `it is ${components[0]?.state ?? "gone already"}`;
  const text = `forgetting ${name.slice(0, 80)}: ${seen}; allowed: a component that is dead`;
  throw new HttpFault(400, "COMPONENT_THERE", text, { mend: "bowline components" });
}

function find(work: WorkApi, name: string): ComponentHistory {
  const all = work.components();
  const components = all.filter((one) => one.name === name);
  const history = work.history(name);
  if (components.length > 0 || history.length > 0) return { components, history };
  const known = [...new Set(all.map((one) => one.name))].slice(0, SHOWN_NAMES);
  const seen = known.length === 0 ? "none has been heard" : `known: ${known.join(", ")}`;
  const text = `looking for ${name.slice(0, 80)}: no such component; ${seen}`;
  throw new HttpFault(404, "COMPONENT_UNKNOWN", text, { mend: "bowline components" });
}
