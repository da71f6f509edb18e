/** Components made of the real libzmq, as strangers bring them, and a hub for them. */

import { Pull, Push, type Socket, Subscriber } from "zeromq";
import { silentLog } from "../../platform/log.ts";
import { until } from "../../platform/testing/until.ts";
import type { Store } from "../../store/store.ts";
import { openTestStore } from "../../testing/stores.ts";
import { Hub } from "../hub.ts";
import type { HubSettings } from "../hub-settings.ts";
import type { LocalWorkers } from "../local-workers.ts";
import { framesOf, messageOf } from "./messages.ts";

export const hubSettings: HubSettings = {
  ...{ creator: "gw-1", host: "127.0.0.1", com: { in: 0, out: 0 }, tech: { in: 0, out: 0 }, tls: null },
  ...{ allow: [], controller: [], maxMessageBytes: 1 << 20, frequenciesMs: {} },
};

const PROBE_SPEC = "bench_probe";
const PROBES = `data:${PROBE_SPEC}:`;

/** Everything that one test opened, and closes. */
export class HubBench {
  hub!: Hub;
  store!: Store;
  private readonly sockets: Socket[] = [];

  /** `store`: of a hub before, whose memory the new one has. */
  async start(
    settings: Partial<HubSettings> = {},
    store?: Store,
    twins: LocalWorkers | null = null,
  ): Promise<Hub> {
    this.store = store ?? (await openTestStore());
    const clock = { now: () => performance.now(), wall: () => Date.now() };
    this.hub = new Hub({
      settings: { ...hubSettings, ...settings },
      store: this.store,
      clock,
      log: silentLog,
    });
    this.hub.twins = twins;
    await this.hub.open();
    await this.hub.start();
    return this.hub;
  }

  /** Of a hub that is another's to stop. */
  closeSockets(): void {
    for (const socket of this.sockets.splice(0)) socket.close();
  }

  async stop(): Promise<void> {
    this.closeSockets();
    await this.hub.stop();
    await this.store.stop();
  }

  close(socket: Socket): void {
    this.sockets.splice(this.sockets.indexOf(socket), 1);
    socket.close();
  }

  async push(port: number): Promise<Push> {
    const push = this.keep(new Push());
    push.connect(`tcp://127.0.0.1:${port}`);
    return push;
  }

  comIn(): Promise<Push> {
    return this.push(this.hub.addresses!.com.in);
  }

  techIn(): Promise<Push> {
    return this.push(this.hub.addresses!.tech.in);
  }

  comOut(...topics: string[]): Promise<Ear> {
    const { com } = this.hub.addresses!;
    return this.listen(com, topics);
  }

  techOut(...topics: string[]): Promise<Ear> {
    const { tech } = this.hub.addresses!;
    return this.listen(tech, topics);
  }

  /** Whoever listens from now on: resolves once the hub has its subscriptions. */
  private async listen(ports: { in: number; out: number }, topics: string[]): Promise<Ear> {
    const subscriber = this.keep(new Subscriber());
    const ear = new Ear(subscriber);
    for (const topic of topics.length === 0 ? [""] : topics) subscriber.subscribe(topic);
    subscriber.subscribe(PROBES);
    subscriber.connect(`tcp://127.0.0.1:${ports.out}`);
    const push = await this.push(ports.in);
    await until(async () => {
      await push.send([...framesOf(messageOf({ type: "data", spec: PROBE_SPEC }))]);
      return ear.hasProbes;
    });
    subscriber.unsubscribe(PROBES);
    return ear;
  }

  /** A worker that does nothing by itself. */
  async worker(spec: string): Promise<Ear> {
    const pull = this.keep(new Pull());
    pull.connect(`tcp://127.0.0.1:${this.hub.addresses!.controller[spec]}`);
    return new Ear(pull);
  }

  private keep<T extends Socket>(socket: T): T {
    socket.linger = 0;
    this.sockets.push(socket);
    return socket;
  }
}

/** Hears and keeps what a socket is sent. */
export class Ear {
  readonly heard: Buffer[][] = [];
  /** It was heard that it listens. */
  hasProbes = false;

  constructor(readonly socket: Pull | Subscriber) {
    void this.hear();
  }

  get tags(): string[] {
    return this.heard.map(([tag]) => tag.toString());
  }

  private async hear(): Promise<void> {
    try {
      for await (const parts of this.socket) {
        const isProbe = (parts as Buffer[])[0].includes(PROBES);
        if (isProbe) this.hasProbes = true;
        else this.heard.push(parts as Buffer[]);
      }
    } catch (error) {
      // A socket that is closed while it is read.
      if (!this.socket.closed) throw error;
    }
  }
}
