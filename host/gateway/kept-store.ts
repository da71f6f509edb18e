/** The store of a gateway, as the configuration has it, with what the log says of it. */
import { upgradeOf } from "../backup/before-upgrade.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import type { Snapshot } from "../store/database.ts";
import { diskStore, memoryStore, type OpenableStore } from "../store/open-store.ts";
import type { Store } from "../store/store.ts";
import { heldFolder } from "../transports/held-folder.ts";

export interface KeptStoreOptions {
  config: Config;
  clock: Clock;
  /** What is said while it is opened. */
  log: Log;
  /** What is said once it is open: that log is kept in it. */
  logOf(): Log;
  /** Opening, it makes an older store its own: how far it has come, said again and again as long as it goes on. */
  onUpgrade(words: string): void;
  /** It takes nothing any more. */
  onFault(): void;
  /** It takes something again. */
  onMended(): void;
  /** After a failed commit: what that left is what is there now. */
  onReopened(): Promise<void>;
}

export class KeptStore {
  private readonly opening: OpenableStore;

  constructor(private readonly options: KeptStoreOptions) {
    const { config, clock, log, onUpgrade, onReopened } = options;
    const { data, store } = config;
    const hear = {
      onFault: (fault: BowlineError | null) => this.tellFault(fault),
      onLow: (low: BowlineError | null) => this.tellLow(low),
      onReopened,
    };
    this.opening =
      data === "memory"
        ? memoryStore(store, clock)
        : diskStore(data, store, clock, hear, upgradeOf(config, log, clock, onUpgrade));
  }

  get store(): Store {
    return this.opening.store;
  }

  /** Rejects when it cannot be had; with who holds its folder, where that is known. */
  async open(): Promise<void> {
    try {
      await this.opening.open();
    } catch (error) {
      const isHeld = error instanceof BowlineError && error.code === "STORE_LOCKED";
      throw (isHeld && (await heldFolder(this.options.config.data))) || error;
    }
  }

  close(): Promise<void> {
    return this.opening.close();
  }

  /** Every entry of its last commit. */
  all(): Snapshot {
    return this.opening.all();
  }

  private tellFault(fault: BowlineError | null): void {
    const { logOf, onFault, onMended } = this.options;
    if (fault === null) {
      onMended();
      logOf().info({ about: "store", event: "mended" }, "the store takes messages again");
      return;
    }
    onFault();
    const { code, message, mend } = fault;
    logOf().error({ about: "store", event: "fault", code, mend }, `the store takes nothing: ${message}`);
  }

  private tellLow(low: BowlineError | null): void {
    const log = this.options.logOf();
    const about = { about: "store", event: low === null ? "mended" : "fault" };
    if (low === null) return log.info(about, "the store's disk has room again");
    const { code, mend, message } = low;
    log.warn({ ...about, code, mend }, `nothing new for other gateways: ${message}`);
  }
}
