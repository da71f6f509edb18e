/**
 * A broker that is told every message, and keeps what is so now: who is there, and the newest values. Its connection is
 * ours: whatever ends it, another one follows, for ever.
 */
import type { IPublishPacket } from "mqtt";
import type { Config, MqttConfig } from "../config/schema.ts";
import { Forwarder } from "../northbound/forwarder.ts";
import { Refusal, type Sink } from "../northbound/sink.ts";
import type { Upstream, UpstreamServices, UpstreamView } from "../northbound/upstream.ts";
import { Backoff } from "../platform/backoff.ts";
import { isNamed } from "../platform/name-pattern.ts";
import { readSecretOf } from "../platform/settings-file.ts";
import type { DeliveredMessage } from "../store/store.ts";
import { readClientTls } from "../transports/tls-files.ts";
import { BoardStates } from "./board-states.ts";
import {
  BrokerError,
  type ConnectionSettings,
  type Granted,
  MqttConnection,
  PACKET_TOO_LARGE,
  type Publication,
} from "./connection.ts";
import { type DiscoveredBoard, Discovery } from "./discovery.ts";
import { mendOf, SESSION_TAKEN_OVER } from "./mends.ts";
import { MOST_TOPIC, publishSize, stringBytes, userBytes } from "./publish-size.ts";
import { RequestDesk, type RequestServices } from "./request-desk.ts";
import { type Retained, RetainedTopics } from "./retained-topics.ts";
import { Topics } from "./topics.ts";

/** A board, as its retained topics tell of it. */
export interface BoardFacts extends DiscoveredBoard {
  connected: boolean;
}

export interface MqttServices extends UpstreamServices, RequestServices {
  /** This gateway's id. */
  gateway: string;
  /** Those that there are, without those that were forgotten. */
  boards(): readonly BoardFacts[];
}

/** What a PUBACK says of a message that will never be taken: too large, of a form that it does not want. */
const NEVER = [PACKET_TOO_LARGE, 0x99];
const waits = { leastMs: 500, mostMs: 30_000 };
/** Somebody else has our name there: who goes on at once takes it back, and is thrown out in turn. */
const takenOver = { leastMs: 60_000, mostMs: 300_000 };
/** A connection that stood so long was no bad one; so long, and nobody who waits as we do has thrown it out. */
const STABLE_MS = 5000;
const ALONE_MS = 2 * takenOver.mostMs;
/** Let in and thrown out so often, without a word and without being away between: mosquitto names no reason when another
 * client takes our name. */
const THROWN_OUT = 3;
/** Who is behind another gateway, and who was forgotten, nobody tells of: looked at so often, ms. */
const LOOK_MS = 5000;
/** What changes together is looked at once. */
const TOGETHER_MS = 50;
/** Answers that wait while the broker is away. */
const MOST_ANSWERS = 1000;
const ONLINE = "online";
const OFFLINE = "offline";
const CONTENT_TYPE = "application/json";

export class MqttUpstream implements Upstream, Sink {
  private readonly forwarder: Forwarder;
  private readonly retained: RetainedTopics;
  private readonly states: BoardStates;
  private readonly topics: Topics;
  /** null: there is no Home Assistant. */
  private readonly discovery: Discovery | null;
  /** null: boards are asked nothing from there. */
  private readonly desk: RequestDesk | null;
  /** What boards answered while the broker was away. */
  private answers: Publication[] = [];
  private readonly clientId: string;
  private readonly wire: ConnectionSettings;
  private readonly backoff: Backoff;
  private connection: MqttConnection | null = null;
  /** null: it is not there. */
  private granted: Granted | null = null;
  private openedAt = 0;
  private isAwayTold = false;
  private isStopped = false;
  /** Let in and thrown out without a word, in a row. */
  private thrownOut = 0;
  private code = 0;
  private fault = "";
  private retainFault = "";
  private again: NodeJS.Timeout | null = null;
  private looking: NodeJS.Timeout | null = null;
  private rounds: NodeJS.Timeout | null = null;

  /** Throws what its files are wrong in. */
  constructor(
    private readonly settings: MqttConfig & { url: string },
    private readonly services: MqttServices,
    random: () => number = Math.random,
  ) {
    const { url, user, passwordFile, tls, topic, devices, types, from, keepaliveS } = settings;
    const { store, clock, log, gateway } = services;
    this.topics = new Topics(topic, gateway);
    const { enabled, prefix, fields } = settings.homeAssistant;
    this.discovery = enabled
      ? new Discovery({ prefix, fields, gateway, topics: this.topics, mayAsk: settings.requests })
      : null;
    const answer = (publication: Publication) => this.answer(publication);
    const desk = { ...services, topics: this.topics, wall: () => clock.wall(), answer };
    this.desk = settings.requests ? new RequestDesk(desk) : null;
    this.clientId = settings.clientId ?? `bowline-${gateway}`;
    this.backoff = new Backoff(() => (this.code === SESSION_TAKEN_OVER ? takenOver : waits), random);
    const { version, maxInFlight, maxPacketBytes } = settings;
    const will = { topic: this.topics.status, payload: Buffer.from(OFFLINE), qos: 1 as const, retain: true };
    this.wire = {
      ...{ url, version, maxInFlight, maxPacketBytes },
      options: {
        ...{ clientId: this.clientId, keepalive: keepaliveS, will, ...readClientTls(tls, "mqtt.tls") },
        ...(user !== undefined && { username: user }),
        ...(passwordFile !== undefined && { password: readSecretOf("mqtt.passwordFile", passwordFile) }),
      },
    };
    this.retained = new RetainedTopics({ store, clock, onFault: (fault) => this.noteRetainFault(fault) });
    const accepts = ({ device, message: { ot } }: DeliveredMessage) =>
      isNamed(devices, device) && isNamed(types, typeof ot === "string" ? ot : "");
    this.forwarder = new Forwarder({ ...{ name: "mqtt", from, store, clock, log }, accepts });
    this.states = new BoardStates(store, () => store.next - this.forwarder.view().behind, accepts);
  }

  async load(): Promise<void> {
    await this.forwarder.load();
    await this.states.load();
    await this.retained.load();
  }

  start(): void {
    this.settle();
    this.rounds = setInterval(() => this.settle(), LOOK_MS).unref();
    this.connect();
  }

  wake(): void {
    this.forwarder.wake();
  }

  look(): void {
    this.looking ??= setTimeout(() => {
      this.looking = null;
      this.settle();
    }, TOGETHER_MS).unref();
  }

  async stop(ms: number): Promise<void> {
    for (const timer of [this.again, this.looking, this.rounds]) if (timer !== null) clearTimeout(timer);
    this.isStopped = true;
    await this.forwarder.stop(ms);
    this.states.stop();
    this.retained.pause();
    const { connection } = this;
    if (connection === null) return;
    const goodbye = async () => {
      if (this.granted?.mayRetain) await this.say(connection, this.topics.status, OFFLINE);
      await connection.end();
    };
    await within(ms, goodbye());
    connection.destroy();
  }

  view(): UpstreamView {
    const told = this.forwarder.view();
    const isThere = this.granted !== null;
    const fault = isThere ? told.fault || this.retainFault : this.fault;
    const state = fault !== "" ? "away" : isThere ? "connected" : "idle";
    const { url } = this.settings;
    return {
      ...told,
      ...{ name: "mqtt", kind: "mqtt", target: `${targetOf(url)} ${this.topics.base}`, state, fault },
      mend: fault === "" ? "" : mendOf(this.code, { url, clientId: this.clientId, topic: this.topics.base }),
    };
  }

  // ── Sink ───────────────────────────────────────────────────────────────────────────────────────────────────

  get window(): number {
    return this.granted?.inFlight ?? 0;
  }

  async send(message: DeliveredMessage, id: string): Promise<number> {
    const { connection, granted } = this;
    if (connection === null || granted === null) throw new Error("the broker is away");
    const topic = this.topics.message(message.device, message.message.ot);
    const payload = Buffer.from(JSON.stringify({ id, ...message }));
    const isNew = this.settings.version === 5;
    const propertyBytes = isNew ? 2 + stringBytes(CONTENT_TYPE) + userBytes("id", id) : null;
    const size = publishSize({ topic, payload, propertyBytes });
    if (size > granted.packetBytes)
      throw new Refusal(`it has ${size} bytes, and the broker takes ${granted.packetBytes}`);
    if (Buffer.byteLength(topic) > MOST_TOPIC)
      throw new Refusal("the name of its type is too long for a topic");
    const properties = {
      ...{ payloadFormatIndicator: true, contentType: CONTENT_TYPE, userProperties: { id } },
    };
    await connection
      .publish({ topic, payload, ...(isNew && { properties }) })
      .catch((error: unknown) => this.refuse(error));
    const change = this.states.take(message);
    if (change === "shape") this.look();
    if (change !== "none") this.retained.touch(this.topics.state(message.device));
    return 0;
  }

  private refuse(error: unknown): never {
    if (error instanceof BrokerError) {
      this.code = error.code;
      if (NEVER.includes(error.code)) throw new Refusal(error.message);
    }
    throw error;
  }

  // ── what is so now ─────────────────────────────────────────────────────────────────────────────────────────

  /** Every retained topic that is to be there. */
  private settle(): void {
    const wanted = new Map<string, Retained>([[this.topics.status, ONLINE]]);
    const boards = new Set<string>();
    for (const [topic, said] of this.discovery?.gateway() ?? []) wanted.set(topic, said);
    for (const board of this.services.boards()) {
      const { id, connected } = board;
      if (!isNamed(this.settings.devices, id)) continue;
      boards.add(id);
      wanted.set(this.topics.availability(id), connected ? ONLINE : OFFLINE);
      const state = this.states.of(id);
      if (state !== undefined) wanted.set(this.topics.state(id), this.stateMaker(id));
      for (const [topic, said] of this.discovery?.board(board, state?.types ?? {}) ?? [])
        wanted.set(topic, said);
    }
    for (const board of this.states.boards()) if (!boards.has(board)) this.forget(board);
    this.retained.settle(wanted);
  }

  private forget(board: string): void {
    this.states.forget(board);
    this.makers.delete(board);
    this.discovery?.forget(board);
  }

  private readonly makers = new Map<string, () => string>();

  /** The same one each time, so that nothing is said again that has not changed. */
  private stateMaker(board: string): () => string {
    const known = this.makers.get(board);
    if (known !== undefined) return known;
    const maker = () => JSON.stringify(this.states.of(board)?.types ?? {});
    this.makers.set(board, maker);
    return maker;
  }

  private async say(connection: MqttConnection, topic: string, payload: string): Promise<void> {
    await connection.publish({ topic, payload: Buffer.from(payload), retain: true });
  }

  private noteRetainFault(fault: string): void {
    if (fault !== "" && this.retainFault === "")
      this.services.log.warn({ upstream: "mqtt", event: "fault" }, `does not keep what is so now: ${fault}`);
    if (fault === "" && this.retainFault !== "")
      this.services.log.info({ upstream: "mqtt", event: "mended" }, "keeps what is so now again");
    this.retainFault = fault;
  }

  // ── its connection ─────────────────────────────────────────────────────────────────────────────────────────

  private connect(): void {
    this.again = null;
    const connection = new MqttConnection(this.wire, {
      onOpen: (granted) => this.begin(connection, granted),
      onMessage: (packet) => this.hear(packet),
      onClosed: (error, isSilent) => this.lose(error, isSilent),
    });
    this.connection = connection;
    connection.open().catch((error: unknown) => this.lose(new BrokerError(String(error), 0), false));
  }

  private begin(connection: MqttConnection, granted: Granted): void {
    this.granted = granted;
    this.openedAt = this.services.clock.now();
    [this.fault, this.code, this.isAwayTold] = ["", 0, false];
    const { inFlight } = granted;
    this.services.log.info({ upstream: "mqtt", event: "up", inFlight }, "the broker is there");
    if (granted.mayRetain) this.retained.begin((topic, payload) => this.say(connection, topic, payload));
    const filters = [...(this.discovery === null ? [] : [this.birthTopic]), ...(this.desk?.filters ?? [])];
    if (filters.length > 0) this.listen(connection, filters);
    for (const one of this.answers.splice(0)) this.answer(one);
    this.forwarder.begin(this);
  }

  /** Home Assistant says there that it has started: it then knows of nothing that it has not kept itself. */
  private get birthTopic(): string {
    return `${this.settings.homeAssistant.prefix}/status`;
  }

  private hear(packet: IPublishPacket): void {
    const { topic, payload } = packet;
    if (this.discovery !== null && topic === this.birthTopic) {
      if (payload.toString() === ONLINE) this.retained.again();
    } else this.desk?.hear(packet);
  }

  /** Now, or once the broker is there. What it does not take is told: who asked may ask again, with the same key. */
  private answer(publication: Publication): void {
    const { connection, granted } = this;
    const note = (reason: string) =>
      this.services.log.warn(
        { upstream: "mqtt", event: "loss", reason },
        `an answer is not taken: ${reason}`,
      );
    if (connection === null || granted === null) {
      this.answers.push(publication);
      if (this.answers.length > MOST_ANSWERS && this.answers.shift()) note("the broker is away for too long");
      return;
    }
    const properties = this.settings.version === 5 ? publication.properties : undefined;
    const said = {
      topic: publication.topic,
      payload: publication.payload,
      ...(properties && { properties }),
    };
    connection.publish(said).catch((error: unknown) => {
      if (this.connection !== connection && !this.isStopped) this.answer(publication);
      else note(error instanceof Error ? error.message : String(error));
    });
  }

  private listen(connection: MqttConnection, topics: readonly string[]): void {
    connection.subscribe(topics).catch((error: unknown) => {
      if (this.connection !== connection) return;
      const fields = { upstream: "mqtt", event: "fault", reason: String(error) };
      this.services.log.warn(fields, `may not listen to ${topics.join(", ")}`);
    });
  }

  private lose({ message, code }: BrokerError, isSilent: boolean): void {
    const { granted, services } = this;
    [this.connection, this.granted] = [null, null];
    this.forwarder.pause();
    this.retained.pause();
    if (this.isStopped) return;
    const stoodMs = granted === null ? 0 : services.clock.now() - this.openedAt;
    if (stoodMs > STABLE_MS) this.backoff.reset();
    const isThrownOut = granted !== null && isSilent && stoodMs < ALONE_MS;
    this.thrownOut = isThrownOut ? this.thrownOut + 1 : 0;
    const isFight = code === SESSION_TAKEN_OVER || this.thrownOut >= THROWN_OUT;
    this.code = isFight ? SESSION_TAKEN_OVER : code;
    this.fault = isFight ? faultOfFight(code, this.clientId, this.thrownOut) : message;
    if (!this.isAwayTold)
      services.log.warn(
        { upstream: "mqtt", event: "down", reason: this.fault },
        `the broker is away: ${this.fault}`,
      );
    this.isAwayTold = true;
    this.again = setTimeout(() => this.connect(), this.backoff.next());
    this.again.unref();
  }
}

/** None where no broker is configured. */
export function mqttUpstreams({ mqtt }: Pick<Config, "mqtt">, services: MqttServices): Upstream[] {
  const { enabled, url } = mqtt;
  return enabled && url !== undefined ? [new MqttUpstream({ ...mqtt, url }, services)] : [];
}

function faultOfFight(code: number, clientId: string, times: number): string {
  return code === SESSION_TAKEN_OVER
    ? `another client has connected as ${clientId}, our own name there`
    : `let us in and closed the connection, ${times} times: is another client called ${clientId}, too?`;
}

/** Without a path's query, which may hold what is secret. */
function targetOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
