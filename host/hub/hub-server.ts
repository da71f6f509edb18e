/** The ports of the hub: two to speak to, two to listen at, and one for each spec that has workers. */
import type { ZmtpFault } from "../zmtp/fault.ts";
import type { ZmtpPeer } from "../zmtp/peer.ts";
import { PubServer } from "../zmtp/pub-server.ts";
import { PullServer } from "../zmtp/pull-server.ts";
import { PushServer } from "../zmtp/push-server.ts";
import type { ServerOptions } from "../zmtp/server.ts";
import type { ControllerSpec, HubAddresses, HubSettings } from "./hub-settings.ts";

export interface HubServerEvents {
  onCom(parts: readonly Uint8Array[], peer: ZmtpPeer): void;
  onTech(parts: readonly Uint8Array[], peer: ZmtpPeer): void;
  onWorker(spec: string, peer: ZmtpPeer): void;
  onWorkerGone(peer: ZmtpPeer, isDismissed: boolean): void;
  /** A connection that com is published to ended. */
  onListenerGone(peer: ZmtpPeer): void;
  /** A connection that heartbeats come on ended: of com or of tech. */
  onSpeakerGone(peer: ZmtpPeer): void;
  onFault(fault: ZmtpFault, peer: ZmtpPeer, port: string): void;
  onAcceptError(error: Error, port: string): void;
}

interface WorkerPort {
  server: PushServer;
  /** As configured: 0 is any. */
  port: number;
  isDismissed: boolean;
}

export class HubServer {
  addresses: HubAddresses | null = null;
  /** The newest connection that com is published to: those that come later heard nothing of what was before. */
  newestListener = 0;
  readonly comIn: PullServer;
  readonly techIn: PullServer;
  readonly comOut: PubServer;
  readonly techOut: PubServer;
  private readonly workerPorts = new Map<string, WorkerPort>();

  constructor(
    private readonly settings: HubSettings,
    private readonly events: HubServerEvents,
  ) {
    const { com, tech } = settings;
    const { onCom, onTech, onListenerGone, onSpeakerGone } = events;
    this.comIn = new PullServer({
      ...this.options("com.in", com.in),
      onMessage: (peer, parts) => onCom(parts, peer),
      onGone: onSpeakerGone,
    });
    this.techIn = new PullServer({
      ...this.options("tech.in", tech.in),
      onMessage: (peer, parts) => onTech(parts, peer),
      onGone: onSpeakerGone,
    });
    this.comOut = new PubServer({
      ...this.options("com.out", com.out),
      onPeer: ({ key }) => {
        this.newestListener = key;
      },
      onGone: onListenerGone,
    });
    this.techOut = new PubServer(this.options("tech.out", tech.out));
  }

  /** Those who listen first: whoever is heard then is heard by somebody. */
  async start(specs: readonly ControllerSpec[]): Promise<HubAddresses> {
    const { host } = this.settings;
    const comOut = await this.comOut.start();
    const techOut = await this.techOut.start();
    const controller: Record<string, number> = {};
    this.addresses = {
      host,
      com: { in: 0, out: comOut.port },
      tech: { in: 0, out: techOut.port },
      controller,
    };
    await this.configure(specs);
    this.addresses.tech.in = (await this.techIn.start()).port;
    this.addresses.com.in = (await this.comIn.start()).port;
    return this.addresses;
  }

  /** What comes in is closed first: what was taken is still told. */
  async stop(): Promise<void> {
    await Promise.all([this.comIn.stop(), this.techIn.stop()]);
    await Promise.all([...this.workerPorts.keys()].map((spec) => this.closeWorkers(spec)));
    await Promise.all([this.comOut.stop(), this.techOut.stop()]);
    this.addresses = null;
  }

  /** Ports of specs that are new or have another port are opened, those of specs that are no more are closed. */
  async configure(specs: readonly ControllerSpec[]): Promise<void> {
    const ports = new Map(specs.map(({ spec, port }) => [spec, port]));
    for (const [spec, { port }] of [...this.workerPorts])
      if (ports.get(spec) !== port) await this.closeWorkers(spec);
    for (const [spec, port] of ports) if (!this.workerPorts.has(spec)) await this.openWorkers(spec, port);
  }

  /** False: the worker is gone, or takes no more now. */
  send(spec: string, worker: { key: number }, parts: readonly Uint8Array[]): boolean {
    const open = this.workerPorts.get(spec);
    return open?.server.send(worker, parts) === true;
  }

  /**
   * Connections that heard of a task when it was published, and asked for tasks: who asks for everything only looks on.
   * `upTo`: the newest of them.
   */
  listenersOf(tag: Uint8Array, upTo: number): number[] {
    const text = Buffer.from(tag.buffer, tag.byteOffset, tag.length).toString("utf8");
    const isAsked = (topic: string) => topic.startsWith("config:") && text.startsWith(topic);
    return this.comOut
      .subscribers(tag)
      .filter((peer) => peer.key <= upTo && this.comOut.topics(peer).some(isAsked))
      .map(({ key }) => key);
  }

  private async openWorkers(spec: string, port: number): Promise<void> {
    const open: WorkerPort = {
      server: new PushServer({
        ...this.options(spec, port, "monique.controller"),
        onPeer: (peer) => this.events.onWorker(spec, peer),
        onGone: (peer) => this.events.onWorkerGone(peer, open.isDismissed),
      }),
      ...{ port, isDismissed: false },
    };
    this.workerPorts.set(spec, open);
    try {
      const { port: opened } = await open.server.start();
      if (this.addresses !== null) this.addresses.controller[spec] = opened;
    } catch (error) {
      this.workerPorts.delete(spec);
      throw error;
    }
  }

  private async closeWorkers(spec: string): Promise<void> {
    const open = this.workerPorts.get(spec)!;
    open.isDismissed = true;
    await open.server.stop();
    this.workerPorts.delete(spec);
    if (this.addresses !== null) delete this.addresses.controller[spec];
  }

  private options(name: string, port: number, section = "monique.hub"): ServerOptions {
    const { host, tls, maxMessageBytes } = this.settings;
    return {
      ...{ host, port, setting: `${section}.${name}`, ...(tls !== null && { tls }) },
      limits: { messageBytes: maxMessageBytes },
      onFault: (fault, peer) => this.events.onFault(fault, peer, name),
      onAcceptError: (error) => this.events.onAcceptError(error, name),
    };
  }
}
