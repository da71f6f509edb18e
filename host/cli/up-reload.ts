/** The configuration read anew while the gateway runs: the section peers takes effect, of all others it is said that they do not. */
import { isDeepStrictEqual } from "node:util";
import type { Config, PeersConfig } from "../config/schema.ts";
import type { Reloaded } from "../gateways/other-gateways.ts";
import type { ReloadView } from "../http/api.ts";
import type { Log } from "../platform/log.ts";

export interface Reloadable {
  apply(peers: PeersConfig): Promise<Reloaded>;
}

export class Reloader {
  /** One after the other: each is a difference to the one before. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    /** What the gateway was started with. */
    private readonly started: Config,
    private readonly load: () => Config,
    private readonly others: Reloadable,
    private readonly log: Log,
  ) {}

  /** Rejects as loadConfig() does, and nothing has changed then. */
  reload(): Promise<ReloadView> {
    const run = this.last.then(() => this.reloadNow());
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
    const peers = await this.others.apply(config.peers);
    const restart = changedSections(this.started, config);
    this.log.info({ ...peers, restart }, "the configuration was read anew");
    return { peers, restart };
  }
}

/** The sections, but for peers, that differ: they take effect with the next start. */
function changedSections(before: Config, after: Config): string[] {
  const names = Object.keys(after) as (keyof Config)[];
  return names.filter((name) => name !== "peers" && !isDeepStrictEqual(before[name], after[name]));
}
