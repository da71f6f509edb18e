/**
 * What is kept of one network until its server has it: routes and answers, each with its stream of lines, and when a line
 * there is heard by those it is meant for.
 */

import { LineLane } from "../irc-iot/line.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import type { Addresses } from "./addresses.ts";
import { ANSWER_MS, ANSWERS, type Answer, Answers } from "./answers.ts";
import { LINES, type LineDocument, type LineSource, LineStream, type StreamServices } from "./line-stream.ts";
import type { NetworkPort, ParticipantPort } from "./ports.ts";
import { ROUTES, type RouteDocument, RouteFeed } from "./route-feed.ts";
import { nothingSkipped } from "./route-plan.ts";
import type { RouteSettings } from "./route-settings.ts";

/** What earlier gateways left in the store for all networks. */
export interface Left {
  lines: readonly [string, LineDocument][];
  answers: readonly [string, Answer][];
  routes: ReadonlyMap<string, RouteDocument>;
}

export interface KeptOptions {
  /** Of the network. */
  name: string;
  network: NetworkPort;
  participant: ParticipantPort;
  routes: readonly RouteSettings[];
  /** ms: who hears a repeat knows it for one so long. */
  keepMs: number;
  store: Store;
  clock: Clock;
  log: Log;
  addresses: Addresses;
  nextOrder(): string;
  knows(device: string): boolean;
  say(message: DeliveredMessage, maxBytes: number): string;
}

interface RunningRoute {
  feed: RouteFeed;
  stream: LineStream;
}

/** Times that an answer is tried whose asker is not there. */
const ANSWER_TRIES = 3;

export class KeptLines {
  readonly routes: RunningRoute[];
  readonly answers: Answers;
  /** By whom they are for: somebody who is not there holds up nobody else. */
  private readonly answering = new Map<string, LineStream>();
  private readonly joined = new Set<string>();

  constructor(
    private readonly options: KeptOptions,
    left: Left,
  ) {
    const { name, routes, keepMs } = options;
    this.routes = routes.map((route) => {
      const feed = new RouteFeed(route, left.routes.get(route.id) ?? this.begin(route.id), options);
      const keep = Math.min(route.maxAgeS * 1000, keepMs);
      const { sayAgainS } = route;
      return {
        feed,
        stream: this.stream(route.id, feed, keep, left, Number.POSITIVE_INFINITY, sayAgainS * 1000),
      };
    });
    this.answers = new Answers(name, options);
    this.answers.restore(left.answers.filter(([key]) => key.startsWith(`${ANSWERS}${name}/`)));
    for (const [key, { target }] of left.lines)
      if (key.startsWith(`${LINES}to.${name}/`)) this.answeringTo(target, left);
  }

  /** A message is in the store, the store takes something again, or the network can be spoken to. */
  wake(): void {
    for (const { stream } of this.routes) stream.wake();
    for (const target of this.answers.targets) this.answeringTo(target);
    for (const [target, stream] of this.answering) {
      stream.wake();
      if (stream.isIdle && !this.answers.targets.has(target)) {
        stream.stop();
        this.answering.delete(target);
      }
    }
  }

  stop(): void {
    for (const { stream } of this.routes) stream.stop();
    for (const stream of this.answering.values()) stream.stop();
  }

  /** Channels that we are in, folded. */
  get channels(): ReadonlySet<string> {
    return this.joined;
  }

  inChannel(name: string, isIn: boolean): void {
    const folded = this.options.network.fold(name);
    if (isIn) this.joined.add(folded);
    else this.joined.delete(folded);
  }

  /** What others have got since we last heard of them, nobody knows. */
  offline(): void {
    this.joined.clear();
    for (const { stream } of this.routes) stream.receiverGone();
  }

  gone(nick: string): void {
    const { network } = this.options;
    const isMeant = (one: string) => network.fold(one) === network.fold(nick);
    for (const { feed, stream } of this.routes) if (feed.route.waitFor.some(isMeant)) stream.receiverGone();
  }

  /** A route that is new tells what is said from now on, also if nothing of it is told before the next start. */
  private begin(route: string): RouteDocument {
    const { store } = this.options;
    const document = { next: store.next, skipped: nothingSkipped(), told: [] };
    store.keep([{ key: ROUTES + route, value: document }], () => {});
    return document;
  }

  private answeringTo(target: string, left: Left | null = null): void {
    if (this.answering.has(target)) return;
    const lines = (left?.lines ?? []).filter(([, document]) => document.target === target);
    const source = this.answers.sourceOf(target);
    const own = { lines, answers: [], routes: new Map() };
    this.answering.set(target, this.stream(`to.${this.options.name}`, source, ANSWER_MS, own, ANSWER_TRIES));
  }

  private stream(
    name: string,
    source: LineSource,
    keepMs: number,
    left: Left,
    tries: number,
    lingerMs = 0,
  ): LineStream {
    const isRoute = source instanceof RouteFeed;
    const waitFor = isRoute ? source.route.waitFor : [];
    // Somebody waits for an answer, and nobody for what a route tells.
    const lane = isRoute ? LineLane.FRESH : LineLane.CONTROL;
    const stream = new LineStream(name, source, keepMs, this.services(lane, waitFor), tries, lingerMs);
    stream.restore(left.lines.filter(([key]) => key.startsWith(`${LINES}${name}/`)));
    return stream;
  }

  private services(lane: LineLane, waitFor: readonly string[]): StreamServices {
    const { network, store, clock, log, nextOrder, participant } = this.options;
    return {
      ...{ lane, network, store, clock, log, nextOrder },
      isOpen: (target) => this.isOpen(target, waitFor),
      onAgain: (text, target) => {
        // Words for people are no Container.
        if (text.startsWith("{")) participant.remember(text, target, clock.now());
      },
    };
  }

  private isOpen(target: string, waitFor: readonly string[]): boolean {
    const { network } = this.options;
    if (!network.isChannel(target)) return true;
    if (!this.joined.has(network.fold(target))) return false;
    if (waitFor.length === 0) return true;
    const there = new Set(network.members(target).map((nick) => network.fold(nick)));
    return waitFor.every((nick) => there.has(network.fold(nick)));
  }
}
