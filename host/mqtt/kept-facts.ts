/** What is so now, as a broker keeps it: who is there, the newest values, and what Home Assistant finds of both. */
import type { MqttConfig } from "../config/schema.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { isNamed } from "../platform/name-pattern.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import { BoardStates } from "./board-states.ts";
import { BrokerError } from "./broker-error.ts";
import { type DiscoveredBoard, Discovery } from "./discovery.ts";
import {
  type PublishRetained,
  type Retained,
  type RetainedFault,
  RetainedTopics,
} from "./retained-topics.ts";
import type { Topics } from "./topics.ts";

/** A board, as its retained topics tell of it. */
export interface BoardFacts extends DiscoveredBoard {
  connected: boolean;
}

export interface KeptFactsOptions {
  settings: Pick<MqttConfig, "devices" | "homeAssistant" | "requests">;
  gateway: string;
  topics: Topics;
  store: Store;
  clock: Clock;
  log: Log;
  /** Those that there are, without those that were forgotten. */
  boards(): readonly BoardFacts[];
  /** The first message that the broker may not have. */
  cursor(): number;
  accepts(message: DeliveredMessage): boolean;
}

const ONLINE = "online";
export const OFFLINE = "offline";
/** Who is behind another gateway, and who was forgotten, nobody tells of: looked at so often, ms. */
const LOOK_MS = 5000;
/** What changes together is looked at once. */
const TOGETHER_MS = 50;

export class KeptFacts {
  private readonly retained: RetainedTopics;
  private readonly states: BoardStates;
  /** null: there is no Home Assistant. */
  private readonly discovery: Discovery | null;
  private readonly makers = new Map<string, () => string>();
  private lacking: RetainedFault | null = null;
  private looking: NodeJS.Timeout | null = null;
  private rounds: NodeJS.Timeout | null = null;

  constructor(private readonly options: KeptFactsOptions) {
    const { store, clock, gateway, topics, settings, cursor, accepts } = options;
    const { enabled, prefix, fields } = settings.homeAssistant;
    this.discovery = enabled
      ? new Discovery({ prefix, fields, gateway, topics, mayAsk: settings.requests })
      : null;
    this.retained = new RetainedTopics({ store, clock, onFault: (fault) => this.noteFault(fault) });
    this.states = new BoardStates(store, cursor, accepts);
  }

  /** The cursor is read. */
  async load(): Promise<void> {
    await this.states.load();
    await this.retained.load();
  }

  start(): void {
    this.settle();
    this.rounds = setInterval(() => this.settle(), LOOK_MS).unref();
  }

  stop(): void {
    for (const timer of [this.looking, this.rounds]) if (timer !== null) clearTimeout(timer);
    this.states.stop();
    this.retained.pause();
  }

  /** A board has come, gone, or is to be shown no more. */
  look(): void {
    this.looking ??= setTimeout(() => {
      this.looking = null;
      this.settle();
    }, TOGETHER_MS).unref();
  }

  /** The broker has the message. */
  take(message: DeliveredMessage): void {
    const change = this.states.take(message);
    if (change === "shape") this.look();
    if (change !== "none") this.retained.touch(this.options.topics.state(message.device));
  }

  /** The broker is there. */
  begin(publish: PublishRetained): void {
    this.retained.begin(publish);
  }

  /** The broker is away. */
  pause(): void {
    this.retained.pause();
  }

  /** What of it the broker does not keep, MQTT's reason, and what its topic begins with; null: it keeps all. */
  get fault(): { text: string; code: number; under: string } | null {
    if (this.lacking === null) return null;
    const { text, topic, error } = this.lacking;
    const { base } = this.options.topics;
    const under = topic.startsWith(`${base}/`) ? base : this.options.settings.homeAssistant.prefix;
    return { text: `does not keep ${text}`, code: error instanceof BrokerError ? error.code : 0, under };
  }

  /** Where Home Assistant says that it has started: it then knows of nothing that it has not kept itself. null: there is none. */
  get birthTopic(): string | null {
    return this.discovery === null ? null : `${this.options.settings.homeAssistant.prefix}/status`;
  }

  hearBirth(payload: string): void {
    if (payload === ONLINE) this.retained.again();
  }

  /** Every retained topic that is to be there. */
  private settle(): void {
    const { topics, settings, boards } = this.options;
    const wanted = new Map<string, Retained>([[topics.status, ONLINE]]);
    const there = new Set<string>();
    for (const [topic, said] of this.discovery?.gateway() ?? []) wanted.set(topic, said);
    for (const board of boards()) {
      const { id, connected } = board;
      if (!isNamed(settings.devices, id)) continue;
      there.add(id);
      wanted.set(topics.availability(id), connected ? ONLINE : OFFLINE);
      const state = this.states.of(id);
      if (state !== undefined) wanted.set(topics.state(id), this.stateMaker(id));
      for (const [topic, said] of this.discovery?.board(board, state?.types ?? {}) ?? [])
        wanted.set(topic, said);
    }
    for (const board of this.states.boards()) if (!there.has(board)) this.forget(board);
    this.retained.settle(wanted);
  }

  private forget(board: string): void {
    this.states.forget(board);
    this.makers.delete(board);
    this.discovery?.forget(board);
  }

  /** The same one each time, so that nothing is said again that has not changed. */
  private stateMaker(board: string): () => string {
    const known = this.makers.get(board);
    if (known !== undefined) return known;
    const maker = () => JSON.stringify(this.states.of(board)?.types ?? {});
    this.makers.set(board, maker);
    return maker;
  }

  private noteFault(fault: RetainedFault | null): void {
    const { log } = this.options;
    if (fault !== null && this.lacking === null)
      log.warn({ upstream: "mqtt", event: "fault" }, `does not keep what is so now: ${fault.text}`);
    if (fault === null && this.lacking !== null)
      log.info({ upstream: "mqtt", event: "mended" }, "keeps what is so now again");
    this.lacking = fault;
  }
}
