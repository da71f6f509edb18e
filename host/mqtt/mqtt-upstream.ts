/** A broker that is told every message, keeps what is so now, and asks boards: what each part does, and when. */
import type { IPublishPacket } from "mqtt";
import type { Config, MqttConfig } from "../config/schema.ts";
import { Forwarder } from "../northbound/forwarder.ts";
import { Held, Refusal, type Sink } from "../northbound/sink.ts";
import type { Upstream, UpstreamServices, UpstreamView } from "../northbound/upstream.ts";
import { isNamed } from "../platform/name-pattern.ts";
import { within } from "../platform/within.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { Answers } from "./answers.ts";
import { BrokerError, isForbidden, isNever } from "./broker-error.ts";
import { BrokerLine } from "./broker-line.ts";
import { connectionSettings, targetOf } from "./broker-settings.ts";
import type { Granted, MqttConnection } from "./connection.ts";
import { type BoardFacts, KeptFacts, OFFLINE } from "./kept-facts.ts";
import { mendOf } from "./mends.ts";
import { RequestDesk, type RequestServices } from "./request-desk.ts";
import { Topics } from "./topics.ts";

export interface MqttServices extends UpstreamServices, RequestServices {
  /** This gateway's id. */
  gateway: string;
  /** Those that there are, without those that were forgotten. */
  boards(): readonly BoardFacts[];
}

/** For tests. */
export interface MqttTuning {
  /** 0…1, of waits. */
  random?(): number;
  ackMs?: number;
}

/** A broker that acknowledges nothing for so long does not, though it answers pings, ms. */
const ACK_MS = 60_000;
const CONTENT_TYPE = "application/json";

export class MqttUpstream implements Upstream, Sink {
  private readonly forwarder: Forwarder;
  private readonly facts: KeptFacts;
  private readonly topics: Topics;
  private readonly answers: Answers;
  /** null: boards are asked nothing from there. */
  private readonly desk: RequestDesk | null;
  private readonly clientId: string;
  private readonly line: BrokerLine;
  /** MQTT's reason for which it takes no messages. */
  private sendCode = 0;

  /** Throws what its files are wrong in. */
  constructor(
    private readonly settings: MqttConfig & { url: string },
    private readonly services: MqttServices,
    { random = Math.random, ackMs = ACK_MS }: MqttTuning = {},
  ) {
    const { topic, devices, types, from } = settings;
    const { store, clock, log, gateway, boards } = services;
    this.topics = new Topics(topic, gateway);
    this.answers = new Answers(log);
    const desk = { ...services, topics: this.topics, wall: () => clock.wall() };
    this.desk = settings.requests
      ? new RequestDesk({ ...desk, answer: (answer) => this.answers.say(answer) })
      : null;
    this.clientId = settings.clientId ?? `bowline-${gateway}`;
    const { clientId } = this;
    const will = { topic: this.topics.status, payload: OFFLINE };
    const wire = connectionSettings(settings, { clientId, will, ackMs });
    this.line = new BrokerLine({
      ...{ wire, clientId, clock, log, random },
      onUp: (connection, granted) => this.begin(connection, granted),
      onDown: () => this.pause(),
      onMessage: (packet) => this.hear(packet),
    });
    const accepts = ({ device, message: { ot } }: DeliveredMessage) =>
      isNamed(devices, device) && isNamed(types, typeof ot === "string" ? ot : "");
    this.forwarder = new Forwarder({ ...{ name: "mqtt", from, store, clock, log }, accepts });
    const cursor = () => this.forwarder.reached;
    const isTold = (message: DeliveredMessage) => accepts(message) && !this.forwarder.isAside(message);
    const kept = { settings, gateway, topics: this.topics, store, clock, log, boards, cursor };
    this.facts = new KeptFacts({ ...kept, accepts: isTold });
  }

  async load(): Promise<void> {
    await this.forwarder.load();
    await this.facts.load();
  }

  start(): void {
    this.facts.start();
    this.line.start();
  }

  wake(): void {
    this.forwarder.wake();
  }

  look(): void {
    this.facts.look();
  }

  async stop(ms: number): Promise<void> {
    this.line.stop();
    await this.forwarder.stop(ms);
    this.facts.stop();
    const { connection, granted } = this.line;
    if (connection !== null) {
      const goodbye = async () => {
        if (granted?.mayRetain) await this.keep(connection, this.topics.status, OFFLINE);
        await connection.end();
      };
      await within(
        ms,
        goodbye().catch(() => {}),
      );
    }
    this.answers.stop();
    this.line.destroy();
  }

  view(): UpstreamView {
    const told = this.forwarder.view();
    const isThere = this.line.granted !== null;
    const away = isThere
      ? { text: told.fault, code: this.sendCode }
      : { text: this.line.fault, code: this.line.code };
    const lacking = isThere ? this.facts.fault : null;
    const under = this.topics.base;
    const {
      text: fault,
      code,
      under: topic,
    } = away.text === "" && lacking !== null ? lacking : { ...away, under };
    return {
      ...told,
      ...{ name: "mqtt", kind: "mqtt", target: `${targetOf(this.settings.url)} ${this.topics.base}` },
      state: away.text !== "" ? "away" : isThere ? "connected" : "idle",
      ...{ fault, mend: fault === "" ? "" : this.mendOf(code, fault, topic) },
    };
  }

  private mendOf(code: number, fault: string, topic: string): string {
    const { url, user, passwordFile } = this.settings;
    return mendOf(code, fault, { url, clientId: this.clientId, user, passwordFile, topic });
  }

  // ── Sink ───────────────────────────────────────────────────────────────────────────────────────────────────

  get window(): number {
    return this.line.granted?.inFlight ?? 0;
  }

  async send(message: DeliveredMessage, id: string): Promise<number> {
    const { connection } = this.line;
    if (connection === null) throw new Error("the broker is away");
    const topic = this.topics.message(message.device, message.message.ot);
    const payload = Buffer.from(JSON.stringify({ id, ...message }));
    const properties = { payloadFormatIndicator: true, contentType: CONTENT_TYPE, userProperties: { id } };
    try {
      await connection.publish({ topic, payload, properties });
    } catch (error) {
      if (isNever(error)) throw new Refusal(error.message);
      if (!(error instanceof BrokerError) || error.isLost) throw error;
      this.sendCode = error.code;
      const told = `${topic.slice(0, 200)}: ${error.message}`;
      if (isForbidden(error)) throw new Held(told, this.mendOf(error.code, told, this.topics.base));
      throw new BrokerError(told, error.code);
    }
    this.facts.take(message);
    return 0;
  }

  // ── its line ───────────────────────────────────────────────────────────────────────────────────────────────

  private begin(connection: MqttConnection, granted: Granted): void {
    this.sendCode = 0;
    if (granted.mayRetain) this.facts.begin((topic, payload) => this.keep(connection, topic, payload));
    const { birthTopic } = this.facts;
    const filters = [...(birthTopic === null ? [] : [birthTopic]), ...(this.desk?.filters ?? [])];
    if (filters.length > 0) this.listen(connection, filters);
    this.answers.begin(connection);
    this.forwarder.begin(this);
  }

  private pause(): void {
    this.forwarder.pause();
    this.facts.pause();
    this.answers.pause();
  }

  private hear(packet: IPublishPacket): void {
    const { topic, payload } = packet;
    if (topic === this.facts.birthTopic) this.facts.hearBirth(payload.toString());
    else this.desk?.hear(packet);
  }

  private async keep(connection: MqttConnection, topic: string, payload: string): Promise<void> {
    await connection.publish({ topic, payload: Buffer.from(payload), retain: true });
  }

  private listen(connection: MqttConnection, topics: readonly string[]): void {
    connection.subscribe(topics).catch((error: unknown) => {
      if (this.line.connection !== connection) return;
      const fields = { upstream: "mqtt", event: "fault", reason: String(error) };
      this.services.log.warn(fields, `may not listen to ${topics.join(", ")}`);
    });
  }
}

/** None where no broker is configured. */
export function mqttUpstreams({ mqtt }: Pick<Config, "mqtt">, services: MqttServices): Upstream[] {
  const { enabled, url } = mqtt;
  return enabled && url !== undefined ? [new MqttUpstream({ ...mqtt, url }, services)] : [];
}
