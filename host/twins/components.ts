/**
 * Components in the gateway: the hub, its own parts, and all work there is; built from the configuration. Without the
 * section monique there is no hub, and work is requests to boards alone.
 */
import type { Config } from "../config/schema.ts";
import { Hub } from "../hub/hub.ts";
import type { HubAddresses } from "../hub/hub-settings.ts";
import type { ReloadedSpecs } from "../hub/reloaded-specs.ts";
import type { DevicePeer } from "../peers/device-peer.ts";
import type { DeviceTable } from "../peers/device-table.ts";
import type { RequestBook } from "../peers/request-book.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import type { Router } from "../router/router.ts";
import { viewDevice } from "../router/views.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import { FileWatch } from "./file-watch.ts";
import { hubSettings } from "./hub-settings.ts";
import { OwnComponents } from "./own-components.ts";
import type { Seen, SeenCable, SeenNetwork, SeenPeer } from "./parts.ts";
import { Work } from "./work.ts";

export interface ComponentOptions {
  config: Pick<Config, "gateway" | "monique">;
  store: Store;
  book: RequestBook;
  router: Router;
  clock: Clock;
  log: Log;
  devices: Pick<DeviceTable, "all" | "get" | "counts">;
  /** A Gateway fits. */
  gateway: {
    serialView(): SeenCable[];
    peersView(): { peers: SeenPeer[] };
    readonly irc: {
      view(): { networks: SeenNetwork[] };
      say(message: Pick<DeliveredMessage, "device" | "message">): string;
    };
  };
}

export class Components {
  readonly work: Work;
  readonly hub: Hub | null;
  private readonly own: OwnComponents | null;
  private readonly watch: FileWatch | null;
  /** What reload() was given last. */
  private config: ComponentOptions["config"];

  constructor(private readonly options: ComponentOptions) {
    const { config, store, book, router, clock, log, devices, gateway } = options;
    const { project, frequencyMs, enabled, configFile } = config.monique;
    this.config = config;
    this.hub = enabled ? new Hub({ settings: hubSettings(config), store, clock, log }) : null;
    this.work = new Work({ hub: this.hub, book, router, clock, log });
    this.own =
      this.hub === null
        ? null
        : new OwnComponents({
            ...{ project, creator: config.gateway.id, frequencyMs, hub: this.hub },
            ...{ router, book, clock, seen: seenOf(options) },
            isBoard: (id) => devices.get(id) !== undefined,
            say: (message) => gateway.irc.say(message),
          });
    this.watch =
      this.hub === null || configFile === undefined
        ? null
        : new FileWatch(configFile, () => this.readAgain());
    book.onChange = (rq) => {
      this.work.noteRequest(rq);
      this.own?.workers.noteRequest(rq);
    };
  }

  get addresses(): HubAddresses | null {
    return this.hub?.addresses ?? null;
  }

  /** The store is open, and boards are known. */
  async open(): Promise<void> {
    const { hub, own, work } = this;
    if (hub === null || own === null) return;
    own.open();
    hub.twins = own.workers;
    hub.changes.subscribe((change) => {
      if (change.kind !== "kill") work.changes.publish(change);
    });
    await hub.open();
  }

  /** Boards may be asked. */
  async start(): Promise<void> {
    await this.hub?.start();
    this.own?.start();
    await this.watch?.start();
  }

  async stop(): Promise<void> {
    this.watch?.stop();
    this.own?.stop();
    await this.hub?.stop();
  }

  /** A board came, went or changed. */
  noteBoard(board: DevicePeer): void {
    this.own?.noteBoard(viewDevice(board));
  }

  /** The store, say, is other than before. */
  look(): void {
    this.own?.look();
  }

  /** Takes over what needs no restart -> what it was; null: there is no hub. Rejects as hubSettings() throws. */
  async reload(config: Pick<Config, "gateway" | "monique">): Promise<ReloadedSpecs | null> {
    const { hub } = this;
    if (hub === null) return null;
    const { gateway } = this.options.config;
    const settings = hubSettings({ ...config, gateway });
    this.config = config;
    return hub.reload(settings);
  }

  /** The original's file is another than before. */
  private async readAgain(): Promise<void> {
    const { log } = this.options;
    try {
      log.info({ specs: await this.reload(this.config) }, "monique.configFile was read anew");
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      const { code, mend, message } = error;
      log.error({ code, mend }, `monique.configFile could not be read anew: ${message}`);
    }
  }
}

function seenOf({ devices, gateway, store }: ComponentOptions): Omit<Seen, "wordsOf"> {
  return {
    boards: () => devices.all().map(viewDevice),
    board: (id) => {
      const device = devices.get(id);
      return device && viewDevice(device);
    },
    counts: () => devices.counts,
    cables: () => gateway.serialView(),
    peers: () => gateway.peersView().peers,
    networks: () => gateway.irc.view().networks,
    store: () => store.fill,
  };
}
