/**
 * The configuration read anew while the gateway runs: the section peers takes effect, and of the section monique who
 * works on what, what may pass, and rhythms; of all else it is said that it does not.
 */
import { isDeepStrictEqual } from "node:util";
import type { Config, PeersConfig } from "../../config/schema.ts";
import type { Reloaded } from "../../gateways/other-gateways.ts";
import type { ReloadView } from "../../http/api.ts";
import type { ReloadedSpecs } from "../../hub/reloaded-specs.ts";
import type { Log } from "../../platform/log.ts";
import { withReloadMend } from "./mend.ts";

export interface Reloadable {
  others: { apply(peers: PeersConfig): Promise<Reloaded> };
  /** null: there is no hub. */
  components: { reload(config: Config): Promise<ReloadedSpecs | null> };
}

export class Reloader {
  /** One after the other: each is a difference to the one before. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    /** What the gateway was started with. */
    private readonly started: Config,
    private readonly load: () => Config,
    private readonly gateway: Reloadable,
    private readonly log: Log,
  ) {}

  /** Rejects as loadConfig() does, and nothing has changed then. */
  reload(): Promise<ReloadView> {
    const run = this.last.then(() => this.reloadNow()).catch(mendWhileRunning);
    this.last = run.catch(() => {});
    return run;
  }

  /** For a signal, which nobody waits on. */
  reloadQuietly(): void {
    this.reload().catch((error: unknown) => {
      this.log.error({ error: (error as Error).message }, "the configuration could not be read anew");
    });
  }

  private async reloadNow(): Promise<ReloadView> {
    const config = this.load();
    // First what can be refused.
    const monique = await this.gateway.components.reload(config);
    const peers = await this.gateway.others.apply(config.peers);
    const restart = changedSections(this.started, config);
    this.log.info({ ...peers, ...(monique && { monique }), restart }, "the configuration was read anew");
    return { peers, ...(monique && { monique }), restart };
  }
}

function mendWhileRunning(error: unknown): never {
  throw withReloadMend(error);
}

/** The sections of which something differs that takes effect with the next start. */
function changedSections(before: Config, after: Config): string[] {
  const names = Object.keys(after) as (keyof Config)[];
  const [was, is] = [withoutReloaded(before), withoutReloaded(after)];
  return names.filter((name) => name !== "peers" && !isDeepStrictEqual(was[name], is[name]));
}

function withoutReloaded(config: Config): Config {
  const { monique } = config;
  const reloaded = { controller: {}, patienceS: {}, rhythmMs: {}, hub: { ...monique.hub, allow: [] } };
  return { ...config, monique: { ...monique, ...reloaded } };
}
