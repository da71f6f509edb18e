/**
 * What happened, kept: breaks, resumes, repeats, faults and their mends, the oldest given up first.
 *
 *   tl/NUMBER   one happening
 *
 * It is held in memory, where it is asked for, and in the store, from where a gateway that was killed goes on.
 */
import type { Clock } from "../platform/clock.ts";
import { DocumentKeeper } from "../store/document-keeper.ts";
import type { Store } from "../store/store.ts";
import type { Happening, HappeningKind, Subject, TimelinePage } from "./happening.ts";
import type { Entry } from "./log-entry.ts";

const PREFIX = "tl/";
const DIGITS = 14;
/** 300 bytes each, in memory and in the store: 20 an hour are ten days. */
const MOST = 5000;
/** Held by one gateway from start to end: a wall clock that is ahead by years for a moment must not empty it. */
const MOST_AGE_MS = 14 * 86_400_000;
/** Said before the store is open, and held for so long. */
const MOST_EARLY = 100;

export interface TimelineQuery {
  /** ms since 1970, both included; 0 and Infinity for all. */
  from: number;
  to: number;
  subject?: Subject;
  kind?: HappeningKind;
  limit: number;
}

export interface TimelineOptions {
  store: Pick<Store, "keep" | "records">;
  clock: Clock;
  /** A listener has failed. */
  onFault(error: unknown): void;
  /** A host id as people know that gateway. */
  nameOfGateway(hostId: string): string;
}

type Listener = (happening: Happening) => void;

export class Timeline {
  /** The oldest first. */
  private held: Happening[] = [];
  /** Since when each of them is held, on the clock that never jumps. */
  private since: number[] = [];
  private early: [entry: Entry, at: number][] = [];
  private isLoaded = false;
  private readonly keeper: DocumentKeeper;
  private readonly listeners = new Set<Listener>();

  constructor(private readonly options: TimelineOptions) {
    this.keeper = new DocumentKeeper({
      store: options.store,
      valueOf: (key) => this.get(Number(key.slice(PREFIX.length))) ?? null,
      // A gateway may be killed right after what it should tell of; what repeats was counted before it comes here.
      pauseMs: 0,
    });
  }

  /** Goes on where the last gateway left it; `missed` finds out what that one could not say any more. */
  async load(missed: () => Promise<[entry: Entry, at: number] | null>): Promise<void> {
    this.held = (await this.options.store.records<Happening>(PREFIX)).map(([, happening]) => happening);
    this.since = this.held.map(() => this.options.clock.now());
    for (const { n } of this.held) this.keeper.recall(keyOf(n));
    const found = await missed();
    this.isLoaded = true;
    if (found !== null) this.add(...found);
    for (const [entry, at] of this.early.splice(0)) this.add(entry, at);
  }

  /** `at`: of what is found out later than it happened. */
  add(entry: Entry, at = this.options.clock.wall()): void {
    if (!this.isLoaded) {
      if (this.early.length < MOST_EARLY) this.early.push([entry, at]);
      return;
    }
    const happening: Happening = { n: (this.held.at(-1)?.n ?? 0) + 1, at, ...this.named(entry) };
    this.held.push(happening);
    this.since.push(this.options.clock.now());
    this.keeper.touch(keyOf(happening.n));
    this.giveUp();
    for (const listener of this.listeners) this.tell(listener, happening);
  }

  /** The newest first. */
  page({ from, to, subject, kind, limit }: TimelineQuery): TimelinePage {
    const all = this.held.filter((one) => subject === undefined || isSame(one.subject, subject));
    const isMeant = (one: Happening) => one.at >= from && one.at <= to && (kind ?? one.kind) === one.kind;
    const happenings = all.filter(isMeant).slice(-limit);
    const first = this.held[0];
    return {
      happenings: happenings.reverse(),
      before: standing(all, happenings.at(-1)?.n ?? 0, from),
      gaveUpBefore: first === undefined || first.n === 1 ? 0 : first.at,
    };
  }

  get(n: number): Happening | undefined {
    return this.held.find((one) => one.n === n);
  }

  /** The last that happened, of all or of those that `isMeant`. */
  newest(isMeant: (happening: Happening) => boolean = () => true): Happening | undefined {
    for (let i = this.held.length - 1; i >= 0; i--) if (isMeant(this.held[i])) return this.held[i];
    return undefined;
  }

  /** Returns what ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Hands over to the store what is not there yet. */
  stop(): void {
    this.keeper.flush();
  }

  private named(entry: Entry): Entry {
    const { kind, name } = entry.subject;
    if (kind !== "gateway") return entry;
    return { ...entry, subject: { kind, name: this.options.nameOfGateway(name) } };
  }

  /** The newest stays whatever its age: numbers go on from it. */
  private giveUp(): void {
    const before = this.options.clock.now() - MOST_AGE_MS;
    while (this.held.length > MOST || (this.held.length > 1 && this.since[0] < before)) {
      this.since.shift();
      this.keeper.touch(keyOf(this.held.shift()!.n));
    }
  }

  private tell(listener: Listener, happening: Happening): void {
    try {
      listener(happening);
    } catch (error) {
      this.options.onFault(error);
    }
  }
}

/** Kinds that say whether something is there, or as it should be. */
const states: readonly HappeningKind[] = ["up", "resumed", "down", "over", "fault", "mended"];

/** Of each subject the last such, before number `n` and before `from`. */
function standing(all: readonly Happening[], n: number, from: number): Happening[] {
  const last = new Map<string, Happening>();
  for (const one of all)
    if ((one.n < n || one.at < from) && states.includes(one.kind))
      last.set(`${one.subject.kind} ${one.subject.name}`, one);
  return [...last.values()];
}

const keyOf = (n: number) => `${PREFIX}${String(n).padStart(DIGITS, "0")}`;
const isSame = (a: Subject, b: Subject) => a.kind === b.kind && a.name === b.name;
