/** What one scrape sees: each view is made once, by the first metric that looks at it. */
import type { PeersView } from "../gateways/peers-view.ts";
import type { ComponentView } from "../hub/views.ts";
import type { IrcView } from "../irc-bridge/views.ts";
import { fillOf, type QueueFill } from "../queue/queue-fill.ts";
import type { QueuedPeer } from "../router/queued-peer.ts";
import type { DeviceView } from "../router/views.ts";
import type { MetricSources } from "./sources.ts";

/** A queue that something was ever put into, and what is in it now. */
export interface SeenQueue {
  /** Of kind and id: a board may be called as a gateway is. */
  key: string;
  peer: QueuedPeer;
  fill: QueueFill;
}

export class Reading {
  private devicesSeen: DeviceView[] | null = null;
  private peersSeen: PeersView | null = null;
  private queuesSeen: SeenQueue[] | null = null;
  private ircSeen: IrcView | null = null;
  private componentsSeen: ComponentView[] | null = null;

  constructor(
    readonly sources: MetricSources,
    /** Of the queues' clock, ms. */
    private readonly now: number,
  ) {}

  get devices(): DeviceView[] {
    this.devicesSeen ??= this.sources.devicesView();
    return this.devicesSeen;
  }

  get peers(): PeersView {
    this.peersSeen ??= this.sources.peersView();
    return this.peersSeen;
  }

  get queues(): SeenQueue[] {
    this.queuesSeen ??= this.sources.queues
      .all()
      .filter(({ kind, queue }) => kind === "gateway" || queue !== null)
      .map((peer) => ({ key: `${peer.kind}:${peer.id}`, peer, fill: fillOf(peer.queue, this.now) }));
    return this.queuesSeen;
  }

  get irc(): IrcView {
    this.ircSeen ??= this.sources.irc.view();
    return this.ircSeen;
  }

  get components(): ComponentView[] {
    this.componentsSeen ??= this.sources.work.components();
    return this.componentsSeen;
  }
}
