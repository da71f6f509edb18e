/**
 * The IRC-IoT bridge: what boards say goes out by route, what is asked comes in to boards, and people are answered in
 * words. Built bottom-up from the section irc of the configuration; nothing of it runs without a network.
 */
import { randomBytes, randomInt } from "node:crypto";
import type { Config } from "../config/schema.ts";
import type { Datum } from "../irc-iot/datum.ts";
import { type HeardLine, LineLane } from "../irc-iot/line.ts";
import type { ParticipantSettings, Source } from "../irc-iot/participant-types.ts";
import { Registry } from "../irc-iot/registry.ts";
import { sayMessage } from "../irc-iot/say.ts";
import { localTypesOf } from "../irc-iot/type-rows.ts";
import type { RequestBook } from "../peers/request-book.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { QueueView } from "../router/queue-view.ts";
import { type Router, Topic } from "../router/router.ts";
import type { DeviceView } from "../router/views.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import { Addresses } from "./addresses.ts";
import { Asks } from "./asks.ts";
import { Audit } from "./audit.ts";
import { BridgeNetwork } from "./bridge-network.ts";
import { BridgeNetworks } from "./bridge-networks.ts";
import { CommandDesk } from "./command-desk.ts";
import { DatumRequests } from "./datum-requests.ts";
import { type KillableWork, KillDesk } from "./kill-desk.ts";
import { formatOrder, readLeft } from "./left.ts";
import { Operators } from "./operators.ts";
import { type IrcAgain, type IrcAsk, OwnQuestions } from "./own-questions.ts";
import { participantSettings } from "./participant-settings.ts";
import { People } from "./people.ts";
import { Replies } from "./replies.ts";
import { type NetworkSettings, networksOf, routesOf } from "./route-settings.ts";
import { edgeSettings } from "./secrets.ts";
import { typeAdvice } from "./type-advice.ts";
import { TypeLookups } from "./type-lookups.ts";
import { type IrcLineView, type IrcView, viewNetwork, viewRoutes } from "./views.ts";

/** What it needs of the gateway. */
export interface BridgeOptions {
  config: Config;
  store: Store;
  book: RequestBook;
  router: Pick<Router, "submit" | "cancel">;
  clock: Clock;
  log: Log;
  devices(): DeviceView[];
  /** Whether it is a board of this gateway, or one behind another; asked for each message. */
  knows(device: string): boolean;
  queue(): QueueView;
  work: KillableWork;
}

/** Bytes of a message in words where no line of IRC bounds it. */
const MOST_SAID = 400;
/** Numbers of requests that people see: short, and others after a restart. */
const NUMBERS = 9000;

export class IrcBridge {
  /** Every line of every network, both ways. */
  readonly lines: Topic<IrcLineView>;
  private readonly networks = new BridgeNetworks();
  private readonly addresses: Addresses;
  private readonly registry: Registry;
  private readonly asks: Asks;
  private readonly audit: Audit;
  private readonly desk: CommandDesk;
  private readonly requests: DatumRequests;
  private readonly people: People;
  private readonly replies: Replies;
  private readonly lookups: TypeLookups;
  private readonly questions: OwnQuestions;
  private order = 0;
  private number = randomInt(NUMBERS);

  constructor(private readonly options: BridgeOptions) {
    const { config, store, book, router, clock, log, devices, knows, queue, work } = options;
    const { irc, gateway } = config;
    this.addresses = new Addresses(gateway.id, irc.address ?? `bowline@${gateway.id}`);
    const { addresses } = this;
    this.questions = new OwnQuestions(this.networks, addresses, clock);
    this.lines = new Topic((error) => log.error({ error: String(error) }, "a listener failed"));
    this.registry = new Registry({
      boards: [
        `*@${gateway.id}`,
        ...config.peers.connect.flatMap(({ name }) => (name === undefined ? [] : [`*@${name}`])),
      ],
      types: localTypesOf(irc.types),
      senderOf: (device) => addresses.ofBoard(device),
    });
    const { registry } = this;
    const wall = () => clock.wall();
    const tell =
      irc.auditChannel === undefined
        ? null
        : (line: string) => this.networks.first?.sayOnce(irc.auditChannel!, line, LineLane.AGAIN);
    this.audit = new Audit(log, clock, tell);
    this.replies = new Replies({
      registry,
      addresses,
      audit: this.audit,
      clock,
      log,
      store,
      networkOf: (name) => this.networks.find(name),
      isOperator: async (speaker) => (await this.desk.identify(speaker, null)) !== null,
    });
    const operators = new Operators(irc.operators);
    this.asks = new Asks({
      ...{ store, book, clock, log },
      submit: (device, message, timeoutMs, options) => router.submit(device, message, timeoutMs, options),
      cancel: (rq) => router.cancel(rq),
      mayAsk: (...asked) => operators.mayAsk(...asked),
      answer: (...answer) => this.replies.answer(...answer),
    });
    const { asks } = this;
    this.desk = new CommandDesk({
      ...{ asks, audit: this.audit, operators, wall },
      timeoutMs: irc.requestTimeoutS * 1000,
      prove: async (speaker) =>
        (await this.networks.find(speaker.network)?.edge.prove(speaker, operators.haveCertificates)) ?? null,
    });
    const { desk } = this;
    this.requests = new DatumRequests({
      ...{ addresses, desk, wall, knows, commandAgeMs: irc.commandAgeS * 1000 },
      refuse: (...refusal) => this.replies.refuse(...refusal),
    });
    this.lookups = new TypeLookups({
      ...{ registry, addresses, desk, clock, log, readers: irc.readers },
      devices: () => devices().map(({ id }) => id),
      answer: (...answers) => this.replies.answerLookup(...answers),
    });
    this.people = new People({
      ...{ desk, registry, addresses, readers: irc.readers },
      kills: new KillDesk({ work, audit: this.audit, identify: (speaker) => desk.identify(speaker, null) }),
      facts: { gateway: gateway.id, registry, addresses, devices, queue, work, wall },
      devices: () => devices().map(({ id }) => id),
      number: () => (this.number = (this.number % NUMBERS) + 1),
      unique: () => randomBytes(12).toString("base64url"),
      reply: (line, texts) => this.replies.tell(line, texts),
    });
  }

  /** Goes on where an earlier gateway was; the store is open. Rejects with what of the section cannot be used. */
  async open(): Promise<void> {
    const { config, store, clock } = this.options;
    const settings = networksOf(config.irc, config.gateway.id);
    if (settings.length === 0) return;
    const routes = routesOf(config.irc, settings);
    const { left, order } = await readLeft(store, routes, settings);
    this.order = order;
    const participant = await participantSettings(config, clock);
    for (const one of settings) {
      const network = this.makeNetwork(
        one,
        participant,
        routes.filter(({ network }) => network === one.name),
      );
      await network.load(left);
      this.networks.all.push(network);
    }
    await this.asks.load();
  }

  start(): void {
    if (this.networks.all.length === 0) return;
    for (const advice of typeAdvice(this.options.config.irc)) this.options.log.warn({}, advice);
    this.asks.start();
    for (const network of this.networks.all) network.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.networks.all.map((network) => network.stop()));
  }

  /** A message is in the store. */
  wake(): void {
    for (const network of this.networks.all) network.wake();
  }

  /** The store takes something again. */
  resume(): void {
    if (this.networks.all.length > 0) this.asks.start();
    this.wake();
  }

  view(): IrcView {
    const { audit, asks, people, replies } = this;
    return {
      enabled: this.networks.all.length > 0,
      address: this.addresses.own,
      key: this.networks.first?.participant.publicKey ?? null,
      networks: this.networks.all.map(viewNetwork),
      routes: this.networks.all.flatMap(viewRoutes),
      commands: {
        ...{ accepted: audit.counts.commands, refused: audit.counts.refusals, open: asks.depth },
        ...{ people: people.counts.heard, silenced: replies.silenced },
      },
    };
  }

  /** The last lines of one network, or of all; the newest first. Throws NETWORK_UNKNOWN. */
  lastLines(name: string | undefined, limit: number): IrcLineView[] {
    const networks =
      name === undefined ? this.networks.all : [this.networks.named(name, "reading the lines")];
    return networks
      .flatMap(({ name: network, edge }) => edge.lastLines(limit).map((line) => ({ network, ...line })))
      .sort((a, b) => b.at - a.at || b.n - a.n)
      .slice(0, limit);
  }

  /** A message of a board in words, without who says it and when. */
  say({ device, message }: Pick<DeliveredMessage, "device" | "message">): string {
    const { registry, addresses } = this;
    return sayMessage(message, { registry, sender: addresses.ofBoard(device), maxBytes: MOST_SAID });
  }

  /** Asks over IRC -> the Datum that answers. Rejects when none comes, or it cannot be said. */
  ask(ask: IrcAsk, signal: AbortSignal): Promise<Datum> {
    return this.questions.ask(ask, signal);
  }

  /** Asks for something again; what comes arrives as what is heard does. Throws when it cannot be said. */
  again(again: IrcAgain): void {
    this.questions.again(again);
  }

  private makeNetwork(
    settings: NetworkSettings,
    participant: Omit<ParticipantSettings, "seenMids">,
    routes: ReturnType<typeof routesOf>,
  ): BridgeNetwork {
    const { config, store, clock, log } = this.options;
    return new BridgeNetwork({
      ...{ store, clock, log, routes, participant, addresses: this.addresses, random: Math.random },
      settings: edgeSettings(settings, config.irc, Math.random),
      nextOrder: () => formatOrder(++this.order),
      knows: this.options.knows,
      say: (message, maxBytes) => this.sayInWords(message, maxBytes),
      listener: {
        onDatum: (datum, source) => this.heard(datum, source),
        onPeopleLine: (line) => this.heardPerson(line),
        onNick: (from, to, network) =>
          this.asks.rename(network.name, from, to, (name) => network.edge.fold(name)),
        onLine: (line, { name }) => this.lines.publish({ network: name, ...line }),
      },
    });
  }

  private heard(datum: Datum, source: Source): void {
    if (this.lookups.isOne(datum)) this.lookups.take(datum, source);
    if (this.questions.take(datum)) return;
    this.bear(this.requests.take(datum, source));
  }

  private heardPerson(line: HeardLine): void {
    this.bear(this.people.hear(line));
  }

  /** Whatever a stranger says, the gateway goes on. */
  private bear(dealing: Promise<void>): void {
    dealing.catch((error: unknown) => {
      this.options.log.error(
        { component: "irc", error: String(error) },
        "what was heard on IRC is not answered",
      );
    });
  }

  private sayInWords({ device, message, at }: DeliveredMessage, maxBytes: number): string {
    const { registry, addresses } = this;
    const head = `${device}: `;
    const room = maxBytes - Buffer.byteLength(head);
    const now = this.options.clock.wall();
    return (
      head + sayMessage(message, { registry, sender: addresses.ofBoard(device), now, at, maxBytes: room })
    );
  }
}
