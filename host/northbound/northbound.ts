/** All systems beyond the gateway that messages are handed on to: brokers, streams, HTTP servers. */
import type { Config } from "../config/schema.ts";
import type { Upstream, UpstreamServices, UpstreamView } from "./upstream.ts";
import { Webhook } from "./webhook.ts";

/** Who stops the gateway waits no longer for what is on its way. */
const STOP_MS = 5000;

export class Northbound {
  private readonly all: Upstream[];

  /** `others`: those of rooms that need more of the gateway. */
  constructor(
    config: Pick<Config, "webhooks">,
    services: UpstreamServices,
    others: readonly Upstream[] = [],
  ) {
    this.all = [...upstreamsOf(config, services), ...others];
  }

  /** The store is open. */
  async load(): Promise<void> {
    for (const one of this.all) await one.load();
  }

  start(): void {
    for (const one of this.all) one.start();
  }

  /** A message is in the store. */
  wake(): void {
    for (const one of this.all) one.wake();
  }

  /** A board has come, gone, or is to be shown no more. */
  look(): void {
    for (const one of this.all) one.look?.();
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((one) => one.stop(STOP_MS)));
  }

  views(): UpstreamView[] {
    return this.all.map((one) => one.view());
  }
}

function upstreamsOf({ webhooks }: Pick<Config, "webhooks">, services: UpstreamServices): Upstream[] {
  return webhooks.flatMap((one, i) => (one.enabled ? [new Webhook(one, `webhooks.${i}`, services)] : []));
}
