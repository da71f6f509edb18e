/**
 * One IRC network of the bridge: the connection, the IRC-IoT participant on it, what is told there by route, and the
 * answers to who asked there.
 *
 *   line ─IrcNetwork─▶ Participant ─Datum─▶ requests, own asks         route feeds ─▶ streams ─line─▶ IrcNetwork
 *                    └──no IRC-IoT──▶ people                           answers ─────▶ stream
 */

import { IrcNetwork } from "../irc/network.ts";
import type { IrcHandler, IrcNetworkSettings } from "../irc/settings.ts";
import type { Datum } from "../irc-iot/datum.ts";
import type { Fault } from "../irc-iot/fault-code.ts";
import { type HeardLine, LineLane, type OutLine } from "../irc-iot/line.ts";
import { Participant } from "../irc-iot/participant.ts";
import type { ParticipantSettings, PeerView, Source } from "../irc-iot/participant-types.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import type { Addresses } from "./addresses.ts";
import { ANSWER_MS, ANSWERS, type Answer, Answers } from "./answers.ts";
import { LINES, type LineDocument, LineStream, type StreamServices } from "./line-stream.ts";
import type { ParticipantPort } from "./ports.ts";
import { ReservedIds } from "./reserved-ids.ts";
import { ROUTES, type RouteDocument, RouteFeed } from "./route-feed.ts";
import { nothingSkipped } from "./route-plan.ts";
import type { RouteSettings } from "./route-settings.ts";
import { SignatureNotes } from "./signature-notes.ts";

/** What the rest of the bridge does with what is heard here. */
export interface NetworkListener {
  onDatum(datum: Datum, source: Source, network: BridgeNetwork): void;
  onPeopleLine(line: HeardLine, network: BridgeNetwork): void;
  onNick(from: string, to: string, network: BridgeNetwork): void;
}

export interface NetworkOptions {
  settings: IrcNetworkSettings;
  participant: Omit<ParticipantSettings, "seenMids">;
  routes: readonly RouteSettings[];
  store: Store;
  clock: Clock;
  log: Log;
  addresses: Addresses;
  random: () => number;
  listener: NetworkListener;
  nextOrder(): string;
  knows(device: string): boolean;
  say(message: DeliveredMessage, maxBytes: number): string;
}

/** What earlier gateways left in the store for all networks. */
export interface Left {
  lines: readonly [string, LineDocument][];
  answers: readonly [string, Answer][];
  routes: ReadonlyMap<string, RouteDocument>;
}

interface RunningRoute {
  feed: RouteFeed;
  stream: LineStream;
}

/** Times that an answer is tried whose asker is not there. */
const ANSWER_TRIES = 3;
/** ms: the participant's deadline is looked at at least so often. */
const LONGEST_TICK_MS = 60_000;

export class BridgeNetwork {
  readonly routes: RunningRoute[] = [];
  readonly answers: Answers;
  readonly counts = { faults: 0, datums: 0, relayed: 0 };
  readonly edge: IrcNetwork;
  private answering!: LineStream;
  private brain!: Participant;
  private readonly ids: ReservedIds;
  private readonly signatures: SignatureNotes;
  private readonly joined = new Set<string>();
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(private readonly options: NetworkOptions) {
    const { settings, store, clock, log } = options;
    this.edge = new IrcNetwork(settings, this.handler(), clock, log);
    this.ids = new ReservedIds(settings.name, store);
    this.signatures = new SignatureNotes(settings.name, store);
    this.answers = new Answers(settings.name, {
      ...{ store, clock, log, nextOrder: options.nextOrder },
      participant: this.voice(),
    });
  }

  get name(): string {
    return this.options.settings.name;
  }

  get participant(): Participant {
    return this.brain;
  }

  /** Goes on where an earlier gateway was; the store is open. */
  async load(left: Left): Promise<void> {
    const { store, clock, log, random, routes, addresses, knows, say, participant } = this.options;
    const counters = await this.ids.begin(random);
    const { seen, said } = await this.signatures.load();
    this.brain = new Participant({ ...participant, seenMids: seen }, this.participantHandler(), counters);
    if (this.brain.publicKey !== null)
      for (const [target, text] of said) this.brain.remember(text, target, clock.now());
    const services = { store, clock, log, addresses, knows, say, participant: this.voice() };
    for (const route of routes) {
      const known = left.routes.get(route.id) ?? this.begin(route.id);
      const feed = new RouteFeed(route, known, services);
      const keepMs = Math.min(route.maxAgeS * 1000, participant.limits.keepMs);
      this.routes.push({ feed, stream: this.stream(route.id, feed, keepMs, left, Number.POSITIVE_INFINITY) });
    }
    this.answers.restore(left.answers.filter(([key]) => key.startsWith(`${ANSWERS}${this.name}/`)));
    this.answering = this.stream(`to.${this.name}`, this.answers, ANSWER_MS, left, ANSWER_TRIES);
  }

  start(): void {
    this.edge.start();
    this.tick();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    for (const { stream } of this.routes) stream.stop();
    this.answering.stop();
    await this.edge.stop();
    this.signatures.look(this.brain.seenMids, Number.POSITIVE_INFINITY);
  }

  /** A message is in the store, or the store takes something again. */
  wake(): void {
    for (const { stream } of this.routes) stream.wake();
    this.answering.wake();
  }

  /** Something that is worth nothing later: said if there is room, and not kept. */
  sayOnce(target: string, text: string): void {
    const maxBytes = Buffer.byteLength(text);
    if (maxBytes > this.edge.budget(target)) return;
    this.say({ target, lane: LineLane.FRESH, maxBytes, take: async () => text, onOutcome() {} });
  }

  /** The same for Datums. Throws an IrcIotError when they cannot be written; `onLost`: the server has not taken it. */
  sayDatumsOnce(target: string, datums: readonly Datum[], onLost: () => void = () => {}): void {
    for (const unsent of this.brain.pack(datums, { name: target }, this.edge.budget(target)))
      this.say({
        ...{ target, lane: LineLane.FRESH, maxBytes: unsent.maxBytes },
        take: async () => this.stamp(unsent, target, this.options.clock.now()),
        onOutcome: (outcome) => outcome !== "confirmed" && onLost(),
      });
  }

  get unconfirmed(): number {
    return this.answering.unconfirmed + this.routes.reduce((sum, { stream }) => sum + stream.unconfirmed, 0);
  }

  /** A route that is new tells what is said from now on, also if nothing of it is told before the next start. */
  private begin(route: string): RouteDocument {
    const { store } = this.options;
    const document = { next: store.next, skipped: nothingSkipped(), told: [] };
    store.keep([{ key: ROUTES + route, value: document }], () => {});
    return document;
  }

  /** The participant, as what is kept says lines. */
  private voice(): ParticipantPort {
    return {
      pack: (...asked) => this.brain.pack(...asked),
      stamp: (...asked) => this.stamp(...asked),
      remember: (...asked) => this.brain.remember(...asked),
    };
  }

  private stamp(...[unsent, target, now]: Parameters<ParticipantPort["stamp"]>): string {
    const text = this.brain.stamp(unsent, target, now);
    if (this.brain.publicKey !== null) this.signatures.signed(target, text);
    return text;
  }

  private say(line: OutLine): void {
    this.edge.send(line);
  }

  private stream(
    name: string,
    source: ConstructorParameters<typeof LineStream>[1],
    keepMs: number,
    left: Left,
    tries: number,
  ): LineStream {
    const stream = new LineStream(name, source, keepMs, this.streamServices(source), tries);
    stream.restore(left.lines.filter(([key]) => key.startsWith(`${LINES}${name}/`)));
    return stream;
  }

  private streamServices(source: object): StreamServices {
    const { store, clock, log, nextOrder } = this.options;
    const waitFor = source instanceof RouteFeed ? source.route.waitFor : [];
    return {
      ...{ store, clock, log, nextOrder, network: this.edge },
      isOpen: (target) => this.isOpen(target, waitFor),
      onAgain: (text, target) => {
        // Words for people are no Container.
        if (text.startsWith("{")) this.brain.remember(text, target, clock.now());
      },
    };
  }

  private isOpen(target: string, waitFor: readonly string[]): boolean {
    const { edge } = this;
    if (!edge.isChannel(target)) return true;
    if (!this.joined.has(edge.fold(target))) return false;
    if (waitFor.length === 0) return true;
    const there = new Set(edge.members(target).map((nick) => edge.fold(nick)));
    return waitFor.every((nick) => there.has(edge.fold(nick)));
  }

  private handler(): IrcHandler {
    return {
      onHeard: (line) => this.heard(line),
      onOnline: () => this.tellBrain(),
      onOffline: () => this.joined.clear(),
      onChannel: (name, state) => {
        if (state === "joined") this.joined.add(this.edge.fold(name));
        else this.joined.delete(this.edge.fold(name));
        this.tellBrain();
      },
      onNick: (from, to) => {
        this.answers.rename(from, to, (name) => this.edge.fold(name));
        this.options.listener.onNick(from, to, this);
        this.brain.gone(from);
        this.tellBrain();
      },
      onGone: (nick) => this.brain.gone(nick),
    };
  }

  private participantHandler() {
    return {
      onDatum: (datum: Datum, source: Source) => {
        this.counts.datums++;
        const { key } = source.identity;
        if (key !== null) this.signatures.accepted(key, this.brain.seenMids[key] ?? []);
        this.options.listener.onDatum(datum, source, this);
      },
      // Somebody's word that somebody said it: nothing is done for it.
      onRelayed: () => {
        this.counts.relayed++;
      },
      onLine: (line: OutLine) => this.say(line),
      onFault: (fault: Fault, source: { speaker: { nick: string }; channel: string | null } | null) => {
        this.counts.faults++;
        const { code, reason } = fault;
        const where = source === null ? {} : { nick: source.speaker.nick, channel: source.channel };
        this.options.log.debug(
          { component: "irc", network: this.name, code, ...where },
          `IRC-IoT: ${reason}`,
        );
      },
      onPeer(_: PeerView) {},
      budget: (target: string) => this.edge.budget(target),
      isMember: (channel: string, nick: string) =>
        this.edge.members(channel).some((one) => this.edge.fold(one) === this.edge.fold(nick)),
    };
  }

  private heard(line: HeardLine): void {
    const { text } = line;
    if (text.startsWith("{") || text.startsWith("[")) {
      this.brain.receive(line, this.options.clock.now());
      this.arm();
    } else this.options.listener.onPeopleLine(line, this);
  }

  /** What the network has told of itself. */
  private tellBrain(): void {
    const { brain, edge } = this;
    brain.ownNick = edge.nick;
    brain.fold = (name) => edge.fold(name);
    brain.channels.clear();
    for (const channel of this.joined) brain.channels.add(channel);
    this.wake();
  }

  private tick(): void {
    const { clock } = this.options;
    this.brain.tick(clock.now());
    this.ids.look(this.brain.counters);
    this.signatures.look(this.brain.seenMids, clock.now());
    this.arm();
  }

  private arm(): void {
    if (this.isStopped) return;
    if (this.timer !== null) clearTimeout(this.timer);
    const inMs = this.brain.deadline - this.options.clock.now();
    this.timer = setTimeout(() => this.tick(), Math.max(0, Math.min(LONGEST_TICK_MS, inMs)));
    this.timer.unref();
  }
}
