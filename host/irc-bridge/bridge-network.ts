/**
 * One IRC network of the bridge: the connection, the IRC-IoT participant on it, what is told there by route, and the
 * answers to who asked there.
 *
 *   line ─IrcNetwork─▶ Participant ─Datum─▶ requests, own asks         route feeds ─▶ streams ─line─▶ IrcNetwork
 *                    └──no IRC-IoT──▶ people                           answers ─────▶ stream
 */

import type { IrcLine } from "../irc/line-log.ts";
import { IrcNetwork } from "../irc/network.ts";
import type { IrcHandler, IrcNetworkSettings } from "../irc/settings.ts";
import type { Datum } from "../irc-iot/datum.ts";
import type { Fault } from "../irc-iot/fault-code.ts";
import { type HeardLine, LineLane, type OutLine } from "../irc-iot/line.ts";
import type { Unsent } from "../irc-iot/pack.ts";
import { Participant } from "../irc-iot/participant.ts";
import type { ParticipantSettings, PeerView, Source } from "../irc-iot/participant-types.ts";
import { cut } from "../irc-iot/say.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import type { Addresses } from "./addresses.ts";
import { Heartbeat } from "./heartbeat.ts";
import { KeptLines, type Left } from "./kept-lines.ts";
import type { SayingWatch } from "./own-request.ts";
import type { ParticipantPort } from "./ports.ts";
import { ReservedIds } from "./reserved-ids.ts";
import type { RouteSettings } from "./route-settings.ts";
import { SignatureNotes } from "./signature-notes.ts";

/** What the rest of the bridge does with what is heard here. */
export interface NetworkListener {
  onDatum(datum: Datum, source: Source, network: BridgeNetwork): void;
  onPeopleLine(line: HeardLine, network: BridgeNetwork): void;
  onNick(from: string, to: string, network: BridgeNetwork): void;
  onLine(line: IrcLine, network: BridgeNetwork): void;
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

/** ms: the participant's deadline is looked at at least so often. */
const LONGEST_TICK_MS = 60_000;
/** ms: who was not answered in words by then has asked somebody else. */
const WORDS_LIFE_MS = 120_000;

export class BridgeNetwork {
  readonly counts = { faults: 0, datums: 0, relayed: 0 };
  readonly edge: IrcNetwork;
  private lines!: KeptLines;
  private brain!: Participant;
  private readonly ids: ReservedIds;
  private readonly signatures: SignatureNotes;
  readonly heart: Heartbeat;
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(private readonly options: NetworkOptions) {
    const { settings, store, clock, log } = options;
    this.edge = new IrcNetwork(settings, this.handler(), clock, log);
    this.ids = new ReservedIds(settings.name, store);
    this.signatures = new SignatureNotes(settings.name, store);
    this.heart = new Heartbeat({
      ...{ network: settings.name, log, peers: () => this.brain.peers() },
      ping: (nick, now) => this.brain.ping(nick, now),
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
    const { random, participant, ...rest } = this.options;
    const counters = await this.ids.begin(random);
    const { seen, said } = await this.signatures.load();
    this.brain = new Participant({ ...participant, seenMids: seen }, this.participantHandler(), counters);
    if (this.brain.publicKey !== null)
      for (const [target, text] of said) this.brain.remember(text, target, this.options.clock.now());
    const { keepMs } = participant.limits;
    this.lines = new KeptLines(
      { ...rest, name: this.name, network: this.edge, participant: this.voice(), keepMs },
      left,
    );
  }

  /** Routes and answers, once load() has resolved. */
  get kept(): KeptLines {
    return this.lines;
  }

  start(): void {
    this.edge.start();
    this.tick();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.lines.stop();
    await this.edge.stop();
    this.signatures.look(this.brain.seenMids, Number.POSITIVE_INFINITY);
  }

  /** A message is in the store, or the store takes something again. */
  wake(): void {
    this.lines.wake();
  }

  /**
   * Something that is worth nothing later: said if there is room, and not kept. In the lane that goes before all others, and
   * drops nothing, it does not wait for who cannot be spoken to: a channel that refuses us would fill it, for whoever asks
   * there.
   */
  sayOnce(target: string, whole: string, lane: LineLane = LineLane.CONTROL): void {
    const { edge, options } = this;
    const text = cut(whole, edge.budget(target));
    const maxBytes = Buffer.byteLength(text);
    const isFirst = lane === LineLane.CONTROL;
    const isRefused = edge.isChannel(target) ? !edge.canSpeak(target) : edge.refusalOf(target) !== null;
    if (maxBytes === 0 || (isFirst && isRefused)) return;
    const until = isFirst ? options.clock.now() + WORDS_LIFE_MS : Number.POSITIVE_INFINITY;
    const take = async () => (options.clock.now() < until ? text : null);
    this.say({ target, lane, maxBytes, take, onOutcome() {} });
  }

  /** The same for Datums. Throws an IrcIotError when they cannot be written. */
  sayDatumsOnce(
    target: string,
    datums: readonly Datum[],
    watch: SayingWatch = {},
    lane: LineLane = LineLane.FRESH,
  ): void {
    for (const unsent of this.pack(datums, { name: target }, this.edge.budget(target)))
      this.say({
        ...{ target, lane, maxBytes: unsent.maxBytes },
        take: async () => {
          if (watch.isWanted?.() === false) return null;
          watch.onSaid?.();
          return this.stamp(unsent, target, this.options.clock.now());
        },
        onOutcome: (outcome) => {
          if (outcome !== "confirmed") watch.onLost?.(outcome);
        },
      });
  }

  /** The participant, as what is kept says lines. */
  private voice(): ParticipantPort {
    return {
      pack: (...asked) => this.pack(...asked),
      stamp: (...asked) => this.stamp(...asked),
      remember: (...asked) => this.brain.remember(...asked),
    };
  }

  private pack(...asked: Parameters<ParticipantPort["pack"]>): Unsent[] {
    const lines = this.brain.pack(...asked);
    // Not only now and then: a fast network uses up a block in seconds.
    this.ids.look(this.brain.counters);
    return lines;
  }

  private stamp(...[unsent, target, now]: Parameters<ParticipantPort["stamp"]>): string {
    const text = this.brain.stamp(unsent, target, now);
    this.ids.look(this.brain.counters);
    if (this.brain.publicKey !== null) this.signatures.signed(target, text);
    return text;
  }

  private say(line: OutLine): void {
    this.edge.send(line);
  }

  private handler(): IrcHandler {
    return {
      onHeard: (line) => this.heard(line),
      onOnline: () => this.tellBrain(),
      onOffline: () => this.lines.offline(),
      onChannel: (name, state) => {
        this.lines.inChannel(name, state === "joined");
        this.tellBrain();
      },
      onNick: (from, to) => {
        this.lines.answers.rename(from, to, (name) => this.edge.fold(name));
        this.options.listener.onNick(from, to, this);
        this.gone(from);
        this.tellBrain();
      },
      onGone: (nick) => this.gone(nick),
      onLine: (line) => this.options.listener.onLine(line, this),
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
      onPeer: (view: PeerView) => this.heart.look(view),
      budget: (target: string) => this.edge.budget(target),
      isMember: (channel: string, nick: string) =>
        this.edge.members(channel).some((one) => this.edge.fold(one) === this.edge.fold(nick)),
    };
  }

  private gone(nick: string): void {
    this.brain.gone(nick);
    this.heart.gone(nick);
    this.lines.gone(nick);
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
    for (const channel of this.lines.channels) brain.channels.add(channel);
    this.wake();
  }

  private tick(): void {
    const { clock } = this.options;
    this.brain.tick(clock.now());
    if (this.edge.state === "online") this.heart.beat(clock.now());
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
