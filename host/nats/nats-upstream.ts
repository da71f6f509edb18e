/**
 * A stream of NATS JetStream that messages are handed on to: each under its id, behind the cursor once the stream has
 * said that it stands there. After every break the stream is asked first which of them it has.
 */
import type { Config, NatsConfig } from "../config/schema.ts";
import { Forwarder } from "../northbound/forwarder.ts";
import { Held, type Sink } from "../northbound/sink.ts";
import type { Upstream, UpstreamServices, UpstreamView } from "../northbound/upstream.ts";
import { isNamed } from "../platform/name-pattern.ts";
import { Retry } from "../platform/retry.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import { faultOf, NatsFault } from "./fault.ts";
import { natsOptions } from "./nats-options.ts";
import { filterOf, subjectOf } from "./subject.ts";
import { type Waiting, waitingFrom } from "./taken.ts";
import { Visit } from "./visit.ts";

const NAME = "nats";
/** What this gateway published under, newest first: its name and `nats.subject` may change while messages wait. */
const FILTERS_KEY = "up/nats/filters";
const MOST_FILTERS = 4;
const WAITS = { leastMs: 100, mostMs: 30_000 };

interface NatsServices extends UpstreamServices {
  /** This gateway's name. */
  gateway: string;
}

/** None unless servers are configured. */
export function natsUpstreams({ nats }: Pick<Config, "nats">, services: NatsServices): NatsUpstream[] {
  return nats.enabled && nats.servers.length > 0 ? [new NatsUpstream(nats, services)] : [];
}

export class NatsUpstream implements Upstream, Sink {
  readonly window: number;
  private readonly forwarder: Forwarder;
  private readonly connection: ReturnType<typeof natsOptions>;
  private readonly again = new Retry(
    () => WAITS,
    () => void this.run(),
  );
  private filters: string[];
  private visit: Visit | null = null;
  /** How much of what the stream has is read, 0 to 1; null: it is not being read. */
  private share: number | null = null;
  /** Why it is away, and why it did not take the last message. */
  private fault: NatsFault | null = null;
  private refusing: NatsFault | Held | null = null;
  private isStopped = false;

  /** Throws what its files are wrong in. */
  constructor(
    private readonly settings: NatsConfig,
    private readonly services: NatsServices,
  ) {
    const { subject, devices, types, from, maxInFlight } = settings;
    const { store, clock, log } = services;
    this.window = maxInFlight;
    this.connection = natsOptions(settings, services.gateway);
    this.filters = [filterOf(subject, services.gateway)];
    this.forwarder = new Forwarder({
      ...{ name: NAME, from, store, clock, log },
      accepts: ({ device, message: { ot } }) =>
        isNamed(devices, device) && isNamed(types, typeof ot === "string" ? ot : ""),
    });
  }

  async load(): Promise<void> {
    await this.forwarder.load();
    const { store } = this.services;
    const [found] = await store.records<{ filters: string[] }>(FILTERS_KEY);
    const before = found?.[1].filters ?? [];
    this.filters = [...new Set([...this.filters, ...before])].slice(0, MOST_FILTERS);
    if (this.filters[0] !== before[0]) await kept(store, FILTERS_KEY, { filters: this.filters });
  }

  start(): void {
    void this.run();
  }

  wake(): void {
    this.forwarder.wake();
  }

  async stop(ms: number): Promise<void> {
    this.isStopped = true;
    this.again.stop();
    await this.forwarder.stop(ms);
    await this.visit?.close();
  }

  view(): UpstreamView {
    const told = this.forwarder.view();
    const { servers, stream } = this.settings;
    const target = `${servers.join(",")} ${stream}`;
    const own = { ...told, ...({ name: NAME, kind: "nats", target } as const) };
    if (this.share !== null) return { ...own, state: "idle", fault: readingWords(this.share), mend: "" };
    const fault = this.fault ?? (told.fault === "" ? null : this.refusing);
    return {
      ...own,
      state: fault !== null || told.fault !== "" ? "away" : this.visit === null ? "idle" : "connected",
      fault: fault?.message ?? told.fault,
      mend: fault?.mend ?? "",
    };
  }

  async send(message: DeliveredMessage, id: string): Promise<number> {
    const { visit, settings, services } = this;
    if (visit === null) throw new Error("there is no connection");
    const { ot } = message.message;
    const type = typeof ot === "string" ? ot : "";
    const subject = subjectOf(settings.subject, services.gateway, message.device, type);
    const body = Buffer.from(JSON.stringify({ id, ...message }));
    try {
      const seq = await visit.send(subject, body, id);
      this.again.reset();
      return seq;
    } catch (error) {
      // What became of it is asked for when the next visit begins: until then nothing is handed on.
      if (visit.isOver) this.forwarder.pause();
      else if (error instanceof NatsFault || error instanceof Held) this.refusing = error;
      throw error;
    }
  }

  private async run(): Promise<void> {
    const fault = await this.visitOnce();
    this.visit = null;
    this.forwarder.pause();
    if (this.isStopped) return;
    this.tellAway(fault);
    this.again.later();
  }

  /** -> why it is over. */
  private async visitOnce(): Promise<NatsFault> {
    const { settings, connection, filters, forwarder } = this;
    const { sideOfCursor: side, placeOfCursor: place } = forwarder;
    try {
      const visit = await Visit.open({
        ...{ settings, connection, filters, side, place },
        waiting: () => this.waiting(),
        onProgress: (share) => {
          this.share = share;
        },
      }).finally(() => {
        this.share = null;
      });
      this.visit = visit;
      if (this.isStopped) await visit.close();
      else {
        this.tellBack(visit);
        forwarder.begin(this, visit);
      }
      return await visit.over;
    } catch (error) {
      return faultOf("handing messages to a stream", error, settings);
    }
  }

  /** What the stream may not have; nothing is handed on meanwhile. */
  private waiting(): Promise<Waiting> {
    const { reached, asides } = this.forwarder;
    return waitingFrom(this.services.store, reached, asides);
  }

  private tellAway(fault: NatsFault): void {
    const first = this.fault === null;
    this.fault = fault;
    const fields = { upstream: NAME, event: "down", reason: fault.message } as const;
    if (first) this.services.log.warn(fields, `messages wait: ${fault.message}; mend: ${fault.mend}`);
  }

  private tellBack({ server }: Visit): void {
    this.fault = null;
    this.services.log.info(
      { upstream: NAME, event: "up" },
      `hands messages to stream ${this.settings.stream} at ${server}`,
    );
  }
}

/** Of a large stream it takes a while. */
const readingWords = (share: number) => `reads what the stream has: ${Math.floor(100 * share)} %`;

function kept(store: Store, key: string, value: object): Promise<void> {
  return new Promise((resolve, reject) =>
    store.put([{ key, value }], { onCommitted: resolve, onFailed: reject }),
  );
}
