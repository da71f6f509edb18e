/**
 * GET /metrics: all metrics of the gateway as text, for Prometheus and what reads as it does. Nothing is measured for it
 * before somebody asks: what is counted are plain numbers where things happen, and views are made for a scrape.
 */
import type { Registry } from "prom-client";
import { Handshake } from "../../shared/session/handshake.ts";
import { boardFamilies, gatewayFamilies } from "./board-families.ts";
import { type Family, gauge, sample } from "./family.ts";
import { historyFamilies } from "./history-families.ts";
import { linkFamilies } from "./link-families.ts";
import { problemFamily } from "./problem-family.ts";
import { queueFamilies } from "./queue-families.ts";
import { Reading } from "./reading.ts";
import { newRegistry, type TextForm } from "./registry.ts";
import { sessionFamilies } from "./session-families.ts";
import type { MetricSources } from "./sources.ts";
import { storeFamilies } from "./store-families.ts";
import { upstreamFamilies } from "./upstream-families.ts";
import { authFamily, componentFamilies, ircFamilies } from "./work-families.ts";

export interface MetricsOptions {
  sources: MetricSources;
  version: string;
  /** Of the clock that the queues have, ms. */
  now(): number;
}

export interface MetricsText {
  contentType: string;
  text: string;
}

export class Metrics {
  private readonly families: readonly Family[];
  private readonly registries = new Map<TextForm, Registry>();
  private reading: Reading;
  /** One scrape after the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: MetricsOptions) {
    const { version } = options;
    const proto = String(Handshake.PROTOCOL_VERSION);
    this.reading = this.newReading();
    this.families = [
      gauge("build_info", "The version that runs, and that of the session protocol.", () => [
        sample(1, { version, proto }),
      ]),
      problemFamily(),
      ...boardFamilies(),
      ...gatewayFamilies(),
      ...linkFamilies(),
      ...sessionFamilies(),
      ...queueFamilies(),
      ...storeFamilies(),
      ...historyFamilies(),
      ...ircFamilies(),
      ...upstreamFamilies(),
      ...componentFamilies(),
      authFamily(),
    ];
  }

  /** `accept`: as a request has it. */
  scrape(accept: string): Promise<MetricsText> {
    const form = accept.includes("application/openmetrics-text") ? "openmetrics" : "prometheus";
    const scrape = this.last.then(() => this.scrapeNow(form));
    this.last = scrape.catch(() => {}); // told to who asked for it
    return scrape;
  }

  private async scrapeNow(form: TextForm): Promise<MetricsText> {
    const registry =
      this.registries.get(form) ?? (await newRegistry(form, this.families, () => this.reading));
    this.registries.set(form, registry);
    this.reading = this.newReading();
    try {
      return { contentType: registry.contentType, text: await registry.metrics() };
    } finally {
      this.reading = this.newReading(); // what was seen is not held until the next scrape
    }
  }

  private newReading(): Reading {
    return new Reading(this.options.sources, this.options.now());
  }
}
