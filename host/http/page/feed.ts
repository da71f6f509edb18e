/**
 * Keeps a model up to date: it asks for what the open view shows, each part at its rhythm, and reads one stream of events.
 * When either fails the page says so and begins again where it was; the looks find a stream that died in silence. A token
 * that is refused will be refused again: only when somebody comes back to the page, goes to another view or loads it anew,
 * is it tried once more. A page nobody sees asks only whether all is well, and has no stream.
 */
import type { Feed, Model } from "./model.ts";
import type { Ask, Slice } from "./slice.ts";

const ANSWER_TIMEOUT_MS = 8000;
const RETRY_MS = 1000;
/** Between two looks of a page nobody sees: its title still tells of problems. */
const HIDDEN_MS = 30_000;

/** Where a token in the address has led that is none (page-files.ts). */
const WRONG_TOKEN = "#wrong-token";

export class FeedKeeper {
  private stream: EventSource | null = null;
  private timer = 0;
  private isLooking = false;
  private shown: readonly Slice[] = [];
  /** When each ask is made next, by its key, on the clock of performance.now(): the machine's may be put back. */
  private readonly due = new Map<string, number>();

  /** `onChange` is called after every change of the model. */
  constructor(
    private readonly model: Model,
    private readonly onChange: () => void,
  ) {}

  start(): void {
    document.addEventListener("visibilitychange", () => this.beSeen());
    this.lookIn(0);
  }

  /** Another view is open, and shows these. */
  show(slices: readonly Slice[]): void {
    this.shown = slices;
    this.lookIn(0);
  }

  /** Something else is to be shown than before. */
  look(): void {
    this.lookIn(0);
    this.onChange();
  }

  /** What this ask brings is other than before: it is made now. */
  private again(key: string): void {
    this.due.delete(key);
    this.lookIn(0);
  }

  private beSeen(): void {
    if (document.hidden) this.closeStream();
    else this.due.clear();
    this.lookIn(0);
  }

  private lookIn(ms: number): void {
    clearTimeout(this.timer);
    // One that is under way finds at its end what is due by then.
    if (!this.isLooking) this.timer = setTimeout(() => void this.lookNow(), ms);
  }

  private async lookNow(): Promise<void> {
    this.isLooking = true;
    try {
      await this.askDue();
      // The gateway is there, and nothing is followed: a page that wakes goes on with the newest (Model.skipTo).
      if (document.hidden) this.model.feed = "connecting";
      this.isLooking = false;
      this.lookIn(this.nextDue());
    } catch (error) {
      this.isLooking = false;
      if (error instanceof Refusal) this.end(error.isShown ? "refused" : "tokenless");
      else this.lose();
    }
    this.onChange();
  }

  /** The status first: whether messages are numbered anew says whether all else begins anew. */
  private async askDue(): Promise<void> {
    const { statusAsk } = this.model;
    if (this.isDue(statusAsk)) await this.make(statusAsk);
    if (this.model.isAnew) {
      this.closeStream();
      this.model.beginAnew();
    }
    if (this.stream === null && !document.hidden) this.openStream();
    const asks = this.asks();
    this.forgetOthers(asks);
    await Promise.all(asks.filter((ask) => this.isDue(ask)).map((ask) => this.make(ask)));
  }

  /** What is shown no more is asked for at once when it is shown again. */
  private forgetOthers(asks: readonly Ask[]): void {
    const keys = new Set([this.model.statusAsk, ...asks].map(({ key }) => key));
    for (const key of this.due.keys()) if (!keys.has(key)) this.due.delete(key);
  }

  private async make(ask: Ask): Promise<void> {
    this.due.set(
      ask.key,
      performance.now() + (document.hidden ? Math.max(HIDDEN_MS, ask.everyMs) : ask.everyMs),
    );
    try {
      ask.take((await get(ask.path(this.model.now))) as never);
    } catch (error) {
      // Whether the connection is well the status says: one slow answer is no reason to begin anew.
      if (ask.fail === undefined || !(error instanceof Fault || isLate(error))) throw error;
      ask.fail(error instanceof Fault ? error.message : "it takes long");
    }
    this.model.heardAt = this.model.now;
  }

  /** Those of one key are one. */
  private asks(): Ask[] {
    const slices = document.hidden ? this.model.always : [...this.model.always, ...this.shown];
    const all = new Map(slices.flatMap(({ asks }) => asks).map((ask) => [ask.key, ask]));
    return [...all.values()];
  }

  private isDue({ key }: Ask): boolean {
    return (this.due.get(key) ?? 0) <= performance.now();
  }

  private nextDue(): number {
    const times = [this.model.statusAsk, ...this.asks()].map(({ key }) => this.due.get(key) ?? 0);
    return Math.max(0, Math.min(...times) - performance.now());
  }

  private openStream(): void {
    const stream = new EventSource(`/api/v1/events?from=${this.model.next}`);
    this.stream = stream;
    stream.addEventListener("gateway", () => {
      this.model.feed = "live";
      this.onChange();
    });
    for (const [event, takers] of this.takers()) {
      stream.addEventListener(event, ({ data }: MessageEvent<string>) => {
        const told = JSON.parse(data);
        this.model.heardAt = Date.now();
        for (const take of takers) take(told as never);
        this.onChange();
      });
    }
    // More than are told one by one: the next look has them.
    stream.addEventListener("tasks", () => this.again(this.model.work.tasksKey));
    stream.onerror = () => {
      this.lose();
      this.onChange();
    };
  }

  private takers(): Map<string, ((data: never) => void)[]> {
    const takers = new Map<string, ((data: never) => void)[]>();
    for (const { events = {} } of this.model.slices)
      for (const [event, take] of Object.entries(events))
        takers.set(event, [...(takers.get(event) ?? []), take]);
    return takers;
  }

  private lose(): void {
    this.end("lost");
    this.lookIn(RETRY_MS);
  }

  private end(feed: Feed): void {
    this.closeStream();
    this.due.clear();
    this.model.feed = feed;
  }

  private closeStream(): void {
    this.stream?.close();
    this.stream = null;
  }
}

/** Who asks is not let in. */
class Refusal extends Error {
  /** `isShown`: with a token, which is not valid then. */
  constructor(
    path: string,
    readonly isShown: boolean,
  ) {
    super(path);
  }
}

const isLate = (error: unknown) => (error as Error).name === "TimeoutError";

/** The gateway answered, and could not answer what was asked. */
class Fault extends Error {}

interface Refused {
  error?: { message?: string; mend?: string; shown?: boolean };
}

async function get(path: string): Promise<unknown> {
  const response = await fetch(path, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  if (response.ok) return response.json();
  const { error }: Refused = await response.json();
  if (response.status === 401)
    throw new Refusal(path, error?.shown !== false || location.hash === WRONG_TOKEN);
  throw new Fault(
    [error?.message ?? `${path}: ${response.status}`, error?.mend ?? ""].filter(Boolean).join("; "),
  );
}
