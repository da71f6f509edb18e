/** Families as prom-client writes them down, which is loaded when somebody scrapes for the first time. */
import type { Metric, Registry } from "prom-client";
import type { Family } from "./family.ts";
import type { Reading } from "./reading.ts";

/** How often the delay of the event loop is measured, ms: at 10, the default, it would wake an idle machine 100 times a second. */
const LAG_PRECISION_MS = 200;
/** Gauges with the name of a counter, which checks of the text refuse. Their numbers are sums of what stays. */
const misnamed = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** The two forms that there are of the text: that of Prometheus, and OpenMetrics. */
export type TextForm = "prometheus" | "openmetrics";

/** `reading`: what the scrape that goes on sees. With process_* and nodejs_*, under the names that dashboards expect. */
export async function newRegistry(
  form: TextForm,
  families: readonly Family[],
  reading: () => Reading,
): Promise<Registry> {
  const client = await import("prom-client");
  const registry = new client.Registry();
  if (form === "openmetrics")
    (registry as { setContentType(type: string): void }).setContentType(
      client.Registry.OPENMETRICS_CONTENT_TYPE,
    );
  for (const family of families) registry.registerMetric(metricOf(family, form, reading));
  client.collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
  for (const name of misnamed) registry.removeSingleMetric(name);
  return registry;
}

/**
 * A registry asks its metrics for what they are with get(), and no more, whatever its types say. OpenMetrics has the
 * `_total` of a counter at its samples only, where the registry puts it.
 */
function metricOf(
  { name: full, help, type, samples }: Family,
  form: TextForm,
  reading: () => Reading,
): Metric {
  const name = form === "openmetrics" && type === "counter" ? full.replace(/_total$/, "") : full;
  const get = async () => ({
    ...{ name, help, type, aggregator: "sum" },
    values: samples(reading()).map(({ value, labels, suffix }) => ({
      ...{ value, labels },
      ...(suffix !== undefined && { metricName: `${name}${suffix}` }),
    })),
  });
  return { name, help, type, get } as unknown as Metric;
}
