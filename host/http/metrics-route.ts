/** GET /metrics, for Prometheus: its token is sent as `authorization` of its scrape_config has it. */
import type { Metrics } from "../metrics/metrics.ts";
import type { Route } from "./routes.ts";

export function metricsRoute(metrics: Pick<Metrics, "scrape">): Route {
  return {
    ...{ method: "GET", path: "/metrics", role: "read" },
    answer: async ({ request, response }) => {
      const { contentType, text } = await metrics.scrape(request.headers.accept ?? "");
      response.writeHead(200, { "content-type": contentType });
      response.end(text);
    },
  };
}
