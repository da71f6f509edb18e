/**
 * What is wrong now, since when: looked at again and again, told when it has changed.
 *
 *   pr/CODE KIND NAME   since when it is so
 *
 * A gateway that was restarted has not seen the beginning: it goes on with what it wrote down, for as long as boards, ports and
 * gateways have to come back.
 */
import { DocumentKeeper } from "../store/document-keeper.ts";
import type { Store } from "../store/store.ts";
import type { Condition } from "./condition.ts";
import type { Problem, ProblemsView } from "./problem.ts";

const PREFIX = "pr/";
/** Between two looks, while somebody is shown what comes of it, and else. */
const ATTENDED_MS = 2000;
const IDLE_MS = 15_000;
/** After something happened: what belongs together has happened by then. */
const SOON_MS = 250;
/** Told one by one; a house in which all is wrong at once has one cause. */
const MOST_TOLD = 200;
/** What an earlier gateway wrote down counts for so long after a start. */
const RECALL_MS = 300_000;
const MOST_KEY = 200;

export interface WatchOptions {
  store: Pick<Store, "keep" | "records">;
  /** ms since 1970. */
  wall(): number;
  /** What is not as it should be. */
  look(now: number): Condition[];
  onFault(error: unknown): void;
}

type Listener = (view: ProblemsView) => void;

export class ProblemWatch {
  private readonly keeper: DocumentKeeper;
  private readonly listeners = new Set<Listener>();
  /** Key -> since when. */
  private seen = new Map<string, number>();
  /** What an earlier gateway wrote down, and until when that counts. */
  private recalled = new Map<string, number>();
  private recallUntil = 0;
  private shown: ProblemsView = {
    ...{ state: "ok", problems: [], more: 0, counts: countLevels([]) },
    ...{ wellSince: 0, checkedAt: 0 },
  };
  private told = "";
  private attending = 0;
  /** Something happened since it was looked. */
  private isStale = false;
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(private readonly options: WatchOptions) {
    this.keeper = new DocumentKeeper({
      store: options.store,
      valueOf: (key) => this.document(key.slice(PREFIX.length)),
      pauseMs: ATTENDED_MS,
    });
  }

  async load(): Promise<void> {
    for (const [key, { since }] of await this.options.store.records<{ since: number }>(PREFIX)) {
      this.keeper.recall(key);
      this.recalled.set(key.slice(PREFIX.length), since);
    }
    this.recallUntil = this.options.wall() + RECALL_MS;
  }

  start(): void {
    this.look();
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.keeper.flush();
  }

  /** As it is now. */
  view(): ProblemsView {
    if (this.isStale || this.options.wall() - this.shown.checkedAt >= ATTENDED_MS) this.look();
    return this.shown;
  }

  /** Each time that something else is wrong than before. Returns what ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Something happened: it may be otherwise than before. */
  note(): void {
    if (this.isStale) return;
    this.isStale = true;
    this.arm(SOON_MS);
  }

  /** Somebody is shown it: it is looked at more often, until the returned function is called. */
  attend(): () => void {
    this.attending++;
    if (this.attending === 1 && this.timer !== null) this.look();
    return () => void this.attending--;
  }

  private look(): void {
    this.isStale = false;
    this.arm(this.attending > 0 ? ATTENDED_MS : IDLE_MS);
    const now = this.options.wall();
    try {
      this.take(this.options.look(now), now);
    } catch (error) {
      this.options.onFault(error);
    }
  }

  private arm(ms: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.isStopped) return;
    this.timer = setTimeout(() => this.look(), ms).unref();
  }

  private take(conditions: readonly Condition[], now: number): void {
    if (now >= this.recallUntil) this.forgetRecalled();
    const before = this.seen;
    this.seen = new Map();
    const problems: Problem[] = [];
    for (const condition of conditions) {
      const key = keyOf(condition);
      const since = this.sinceOf(condition, key, before, now);
      this.seen.set(key, since);
      const problem = problemOf(condition, since, now);
      if (problem !== null) problems.push(problem);
    }
    for (const key of before.keys()) {
      if (this.seen.has(key)) continue;
      this.recalled.delete(key); // should it be so again, it begins then
      this.keeper.touch(PREFIX + key);
    }
    for (const [key, since] of this.seen) if (before.get(key) !== since) this.keeper.touch(PREFIX + key);
    this.show(problems.sort(byWeight), now);
  }

  private forgetRecalled(): void {
    const keys = [...this.recalled.keys()];
    this.recalled.clear();
    for (const key of keys) this.keeper.touch(PREFIX + key);
  }

  /** The clock may have been put back meanwhile. */
  private sinceOf({ since }: Condition, key: string, before: Map<string, number>, now: number): number {
    return Math.min(now, since ?? before.get(key) ?? this.recalled.get(key) ?? now);
  }

  private show(problems: Problem[], checkedAt: number): void {
    const state = problems.length === 0 ? "ok" : problems[0].level;
    const told = problems.slice(0, MOST_TOLD);
    const wellSince = state === "ok" ? this.shown.wellSince || checkedAt : 0;
    const counts = countLevels(problems);
    this.shown = { state, problems: told, more: problems.length - told.length, counts, wellSince, checkedAt };
    const text = JSON.stringify([state, told, counts]);
    if (text === this.told) return;
    this.told = text;
    for (const listener of this.listeners) {
      try {
        listener(this.shown);
      } catch (error) {
        this.options.onFault(error);
      }
    }
  }

  /** null: it is not so any more, and is not waited for. */
  private document(key: string): { since: number } | null {
    const since = this.seen.get(key) ?? this.recalled.get(key);
    return since === undefined ? null : { since };
  }
}

export function countLevels(problems: readonly Problem[]): ProblemsView["counts"] {
  const critical = problems.filter(({ level }) => level === "critical").length;
  return { warning: problems.length - critical, critical };
}

/** One sentence and its mend may change while the problem stays the same. */
function keyOf({ code, subject }: Condition): string {
  return `${code} ${subject.kind} ${subject.name}`.slice(0, MOST_KEY);
}

/** null: it may yet mend itself. */
function problemOf(condition: Condition, since: number, now: number): Problem | null {
  const {
    code,
    level,
    subject,
    what,
    mend,
    graceMs = 0,
    criticalAfterMs = Number.POSITIVE_INFINITY,
  } = condition;
  const lasted = now - since;
  if (lasted < graceMs) return null;
  return { code, level: lasted >= criticalAfterMs ? "critical" : level, subject, what, since, mend };
}

/** The worst first, and of those the longest. */
function byWeight(a: Problem, b: Problem): number {
  if (a.level !== b.level) return a.level === "critical" ? -1 : 1;
  return a.since - b.since || (keyOf(a) < keyOf(b) ? -1 : 1);
}
