/** The problems of a gateway: what is looked at, and how often. */
import type { CableView } from "../cables/cable.ts";
import type { ShownLetter } from "../gateways/letter-box.ts";
import type { PeersView } from "../gateways/peers-view.ts";
import type { ComponentView, KillView, TaskQuery, TaskView } from "../hub/views.ts";
import type { IrcView } from "../irc-bridge/views.ts";
import type { UpstreamView } from "../northbound/upstream.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError } from "../platform/errors.ts";
import type { QueueView } from "../router/queue-view.ts";
import type { DeviceView, LinkView } from "../router/views.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import type { HappeningKind } from "../timeline/happening.ts";
import type { Timeline } from "../timeline/timeline.ts";
import { type AuthSources, countAuthFailures, RecentAuthFailures } from "./auth-failures.ts";
import { DAY_MS } from "./condition.ts";
import type { Facts, Fault } from "./facts.ts";
import { findProblems } from "./find-problems.ts";
import type { ProblemsView } from "./problem.ts";
import { ProblemWatch } from "./problem-watch.ts";
import { SteadyRhythms } from "./steady-rhythms.ts";

/** Of each, the newest: more than that is wrong by one cause. */
const MOST_TASKS = 50;
const MOST_KILLS = 50;
const MOST_LOSSES = 1000;

const breaks: readonly HappeningKind[] = ["up", "resumed", "down", "over", "reset", "moved"];

/** A Gateway fits. */
export interface Seen {
  readonly router: {
    readonly messages: { subscribe(listener: (message: DeliveredMessage) => void): () => void };
  };
  readonly store: Pick<Store, "keep" | "records" | "fault" | "low">;
  readonly timeline: Pick<Timeline, "page" | "subscribe">;
  readonly irc: { view(): IrcView };
  readonly northbound: { views(): UpstreamView[] };
  readonly history: { view(): { fault: string; mend: string } };
  readonly letters: { list(): ShownLetter[] };
  readonly tallies: AuthSources["tallies"];
  readonly work: AuthSources["work"] & {
    components(): ComponentView[];
    task(id: string): TaskView | undefined;
    tasks(query: TaskQuery): TaskView[];
    kills(limit: number): KillView[];
  };
  devicesView(): DeviceView[];
  linksView(): LinkView[];
  serialView(): CableView[];
  queueView(): QueueView;
  peersView(): PeersView;
}

/** Throws where it cannot tell. */
interface ReadableKeys {
  readonly isEmpty: boolean;
}

export interface ProblemsOptions {
  clock: Clock;
  store: { whenFull: "dropOldest" | "refuse"; maxMessages: number };
  /** Of boards, and of other gateways. */
  keys: readonly ReadableKeys[];
  onFault(error: unknown): void;
}

export class Problems {
  private readonly watch: ProblemWatch;
  private readonly rhythms = new SteadyRhythms();
  private readonly authFailures = new RecentAuthFailures();
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly seen: Seen,
    private readonly options: ProblemsOptions,
  ) {
    const { clock, onFault } = options;
    this.watch = new ProblemWatch({
      ...{ store: seen.store, wall: () => clock.wall(), onFault },
      look: (now) => findProblems(this.gather(now)),
    });
  }

  /** The store is open. */
  load(): Promise<void> {
    return this.watch.load();
  }

  start(): void {
    const { router, timeline } = this.seen;
    this.ends.push(
      router.messages.subscribe(({ device, at, message: { ot } }) => {
        if (typeof ot === "string") this.rhythms.note(device, ot, at);
      }),
      // What comes after a break says nothing of the rhythm before it; that a board says something is no break.
      timeline.subscribe(({ subject, kind }) => {
        if (subject.kind === "board" && breaks.includes(kind)) this.rhythms.forget(subject.name);
        this.watch.note();
      }),
    );
    this.watch.start();
  }

  stop(): void {
    for (const end of this.ends.splice(0)) end();
    this.watch.stop();
  }

  view(): ProblemsView {
    return this.watch.view();
  }

  /** Each time that something else is wrong. Returns what ends the subscription. */
  subscribe(listener: (view: ProblemsView) => void): () => void {
    return this.watch.subscribe(listener);
  }

  /** Somebody is shown them, until the returned function is called. */
  attend(): () => void {
    return this.watch.attend();
  }

  private gather(now: number): Facts {
    const { seen, options } = this;
    const { work, store } = seen;
    const lately = { from: now - DAY_MS, to: now };
    const losses = seen.timeline.page({ ...lately, kind: "loss", limit: MOST_LOSSES }).happenings;
    const irc = seen.irc.view();
    return {
      now,
      devices: seen.devicesView(),
      links: seen.linksView(),
      ports: seen.serialView(),
      queue: seen.queueView(),
      store: { ...options.store, fault: faultOf(store.fault), low: faultOf(store.low) },
      history: keptFault(seen.history.view()),
      keys: options.keys.map(keysFault).find((fault) => fault !== null) ?? null,
      peers: seen.peersView().peers,
      letters: countLetters(seen.letters.list()),
      irc,
      upstreams: seen.northbound.views(),
      components: work.components(),
      silentTasks: work.tasks({ limit: MOST_TASKS, state: "silent" }),
      unconfirmed: work
        .kills(MOST_KILLS)
        .filter(({ task, outcome }) => outcome === "unconfirmed" && work.task(task)?.kill === "unconfirmed"),
      losses: losses.reverse(),
      authFailures: this.authFailures.note(countAuthFailures(seen, irc), now),
      silent: this.rhythms.silent(now),
    };
  }
}

const faultOf = (error: { message: string; mend: string } | null): Fault | null =>
  error === null ? null : { message: error.message, mend: error.mend };

const keptFault = ({ fault, mend }: { fault: string; mend: string }): Fault | null =>
  fault === "" ? null : { message: fault, mend };

/** Told before the first of them is needed. */
function keysFault(keys: ReadableKeys): Fault | null {
  try {
    void keys.isEmpty;
    return null;
  } catch (error) {
    if (error instanceof BowlineError) return faultOf(error);
    throw error;
  }
}

/** The newest comes first. */
function countLetters(letters: readonly ShownLetter[]): Facts["letters"] {
  const counts = new Map<string, { count: number; since: number }>();
  for (const { name, at } of letters)
    counts.set(name, { count: (counts.get(name)?.count ?? 0) + 1, since: at });
  return counts;
}
