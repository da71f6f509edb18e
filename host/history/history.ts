/**
 * Values over time: read from the store as messages come, kept beside it, thinned, asked for.
 *
 *   store ─cursor─▶ numbers ─▶ gathered in memory ─▶ a block and the cursor, one batch ─▶ thinned ─▶ gone
 *
 * What is gathered is still in the store, so it is written seldom and nothing is lost by that: after a crash or a fault the
 * history goes on from its cursor, and no value is counted twice or missed.
 */
import { Backoff } from "../platform/backoff.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import type { Database, Snapshot } from "../store/database.ts";
import type { DeliveredMessage, Store } from "../store/store.ts";
import { storeFault } from "../store/store-fault.ts";
import { type Page, StoreFollower } from "../store/store-follower.ts";
import { Archive } from "./archive.ts";
import { Gathering } from "./gathering.ts";
import { goOnFrom } from "./go-on-from.ts";
import type { Counts, Cursor } from "./head.ts";
import type { Place } from "./history-place.ts";
import { forEachNumber, isKeepable, timeOf, typeOf } from "./numbers.ts";
import { type Held, readPoints, readRows } from "./reading.ts";
import type { HistoryQuery, HistoryView, Row, RowQuery, SeriesPoints, SeriesView } from "./series.ts";
import { type Bounds, Upkeep } from "./upkeep.ts";

export interface HistorySettings extends Bounds {
  enabled: boolean;
}

export interface HistoryOptions {
  settings: HistorySettings;
  place: Place;
  store: Pick<Store, "read" | "next" | "epoch" | "fill" | "fault">;
  clock: Clock;
  log: Log;
}

/** Messages that come together are looked at together. */
const LOOK_MS = 200;
const READ_AT_ONCE = 500;
/** Gathered for so long, or so many numbers (16 bytes each): then it is written. */
const WRITE_MS = 300_000;
const MOST_CELLS = 1 << 18;
/** How often what is due by its age is looked for. */
const UPKEEP_MS = 60_000;
/** Until a database that failed is tried again. */
const WAITS = { leastMs: 2000, mostMs: 60_000 };

export class History {
  private archive: Archive | null = null;
  private database: Database | null = null;
  private upkeep: Upkeep | null = null;
  private gathering = new Gathering();
  private gatheredSince = 0;
  /** Up to which message the gathered goes, and what was counted. */
  private cursor: Cursor = { epoch: "", n: 0, last: null };
  private counts: Counts = { unkept: 0, missed: 0 };
  private fault: BowlineError | null = null;
  private readonly backoff = new Backoff(() => WAITS, Math.random);
  private retryAt = 0;
  private isStopping = false;
  private isStarted = false;
  private timer: NodeJS.Timeout | null = null;
  private dueAt = Infinity;
  private upkeepAt = 0;
  private working: Promise<void> | null = null;
  private readonly follower: StoreFollower;

  constructor(private readonly options: HistoryOptions) {
    this.follower = new StoreFollower({
      store: options.store,
      room: () => (this.isStopping && this.isFarBehind ? 0 : READ_AT_ONCE),
      take: (page) => this.takePage(page),
      onFault: (error) => this.fail(error),
    });
  }

  /** The store is open: from now on it reads. Nobody waits for it. */
  start(): void {
    if (!this.options.settings.enabled) return;
    this.isStarted = true;
    this.lookIn(0);
  }

  /** A message is in the store. */
  wake(): void {
    if (this.isStarted && this.fault === null) this.lookIn(LOOK_MS);
  }

  /** Resolves once what is in the store now is read, and what is due by then is done. */
  async catchUp(): Promise<void> {
    await this.working;
    if (!this.isStarted || this.isStopping) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.look();
    await this.working;
  }

  /** Reads what is in the store, writes what it has, and closes. The store is still open. */
  async stop(): Promise<void> {
    if (!this.isStarted) return;
    this.isStopping = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.working;
    this.timer = null;
    this.isStarted = false;
    const { archive, database } = this;
    if (database === null) return;
    if (archive !== null && this.fault === null)
      await this.follower
        .catchUp()
        .then(() => this.write(archive))
        .catch((error: unknown) => this.fail(error));
    this.archive = null;
    await this.options.place.close(database).catch((error: unknown) => this.fail(error));
  }

  view(): HistoryView {
    const { settings, store } = this.options;
    const totals = this.archive?.totals ?? { points: 0, bytes: 0, from: 0 };
    const isBehind = this.archive === null || store.next - 1 - this.cursor.n > READ_AT_ONCE;
    const state = !settings.enabled ? "off" : this.fault !== null ? "fault" : isBehind ? "catchingUp" : "ok";
    return {
      ...{ state, series: this.archive?.catalogue.series ?? 0, ...totals, maxBytes: settings.maxBytes },
      points: totals.points + this.gathering.values,
      // Nothing is written yet: it is in memory.
      from: totals.from || (this.archive?.catalogue.from ?? 0),
      ...this.counts,
      ...{ fault: this.fault?.message ?? "", mend: this.fault?.mend ?? "" },
    };
  }

  /** What there is, by board, type and field. */
  series(device?: string): SeriesView[] {
    return this.archive?.catalogue.views(this.archive.totals.from, device) ?? [];
  }

  /** Rejects with HISTORY_OFF, SERIES_UNKNOWN, or what keeps it from being read. */
  points(query: HistoryQuery): Promise<SeriesPoints> {
    return this.guard(() => readPoints(this.hold(), query));
  }

  /** Series by series, each in the order of time. Rejects as points() does. */
  rows(query: RowQuery): AsyncIterable<Row> {
    const rows = readRows(() => this.hold(), query);
    const next = () => this.guard(() => rows.next());
    return { [Symbol.asyncIterator]: () => ({ next, return: () => rows.return(undefined) }) };
  }

  /** Every entry of its last batch; what came since is in the store. Throws as points() rejects. */
  all(): Snapshot {
    this.hold();
    return this.database!.all();
  }

  private hold(): Held {
    const { archive, fault } = this;
    if (archive !== null) return { archive, gathering: () => this.gathering };
    if (this.options.settings.enabled) throw fault ?? notYet();
    const text = "looking into the history: none is kept (history.enabled is false)";
    throw new BowlineError("HISTORY_OFF", text, ExitCode.notFound, "history.enabled: true");
  }

  private async guard<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof BowlineError) throw error;
      throw storeFault(error, `reading the history in ${this.options.place.name}`, this.options.place.name);
    }
  }

  /** At the latest in `ms`. */
  private lookIn(ms: number): void {
    if (this.isStopping || !this.isStarted) return;
    const at = this.options.clock.now() + ms;
    if (this.timer !== null && this.dueAt <= at) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.dueAt = at;
    this.timer = setTimeout(() => this.look(), ms);
    this.timer.unref();
  }

  private look(): void {
    this.timer = null;
    // What asks for it meanwhile sets the timer anew.
    if (this.working !== null) return this.lookIn(LOOK_MS);
    this.working = this.work()
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.working = null;
      });
  }

  private async work(): Promise<void> {
    const { clock } = this.options;
    if (this.fault !== null && clock.now() < this.retryAt) return this.lookIn(this.retryAt - clock.now());
    const archive = await this.opened();
    await this.follower.catchUp();
    // After a fault a write that goes through tells that it is over.
    const isDue = this.fault !== null || clock.now() - this.gatheredSince >= WRITE_MS;
    if (!this.gathering.isEmpty && isDue) await this.write(archive);
    this.mend();
    if (clock.now() >= this.upkeepAt) {
      this.upkeepAt = clock.now() + UPKEEP_MS;
      while (!this.isStopping && (await this.upkeep!.step()));
    }
    this.lookIn(UPKEEP_MS);
  }

  /** The archive, opened or, after a fault, opened anew: what a failed batch left is what is there. */
  private async opened(): Promise<Archive> {
    if (this.archive !== null && this.fault === null) return this.archive;
    const archive = await this.load().catch(async (error: unknown) => {
      if (!(error instanceof BowlineError) || error.code !== "STORE_CORRUPT") throw error;
      return this.beginAnew(error);
    });
    this.upkeep = new Upkeep(archive, this.options.settings);
    this.gathering = new Gathering();
    this.counts = { ...archive.counts };
    this.cursor = await goOnFrom(archive.cursor, this.options.store);
    this.follower.next = this.cursor.n + 1;
    // From its first moment on it knows where it began, so that what it will miss is counted.
    if (archive.cursor.epoch === "") await archive.write(new Map(), this.cursor, this.counts, () => {});
    this.archive = archive;
    return archive;
  }

  private mend(): void {
    this.backoff.reset();
    if (this.fault === null) return;
    this.fault = null;
    this.options.log.info({ event: "mended" }, "history is kept again");
  }

  private async load(): Promise<Archive> {
    const { place, clock } = this.options;
    if (this.database === null) this.database = await place.open();
    else await this.database.reopen();
    const archive = this.archive ?? new Archive(this.database, place.name, clock);
    await archive.load();
    return archive;
  }

  /** What cannot be read is set aside; of what the store still holds there is a history all the same. */
  private async beginAnew({ message }: BowlineError): Promise<Archive> {
    const { place, log } = this.options;
    this.archive = null;
    await this.database?.close();
    this.database = null;
    const aside = await place.setAside();
    const text = `the history begins anew, from what the store holds: ${message}; it is in ${aside}`;
    log.warn({ event: "reset", code: "HISTORY_DAMAGED", mend: `rm -r ${aside}` }, text);
    return this.load();
  }

  private async takePage({ messages, end }: Page): Promise<void> {
    const archive = this.archive!;
    for (const message of messages) this.take(archive, message);
    this.skipTo(end);
    if (this.gathering.cells >= MOST_CELLS || this.isPressed(archive)) await this.write(archive);
  }

  private get isFarBehind(): boolean {
    return this.options.store.next - 1 - this.cursor.n > READ_AT_ONCE;
  }

  /** What is only in memory may soon not be in the store any more. */
  private isPressed({ cursor }: Archive): boolean {
    const { next, fill } = this.options.store;
    return fill.dropped > 0 && !this.gathering.isEmpty && cursor.n - fill.oldest < (next - fill.oldest) / 2;
  }

  private take({ catalogue, nextBlock }: Archive, message: DeliveredMessage): void {
    const { n, device, epoch, seq, at } = message;
    this.skipTo(n);
    const type = typeOf(message);
    if (type !== null) {
      const t = timeOf(message, this.options.settings.keepS * 1000);
      const values: [field: number, value: number][] = [];
      forEachNumber(message, (name, value) => {
        const field = isKeepable(name) ? catalogue.place(device, type, name, t, value, nextBlock) : -1;
        if (field < 0) this.counts.unkept++;
        else values.push([field, value]);
      });
      if (values.length > 0) this.gather(catalogue.find({ device, type })!.id, t, values);
    }
    this.cursor = { epoch: this.options.store.epoch, n, last: { device, epoch, seq, at } };
  }

  private gather(source: number, t: number, values: [field: number, value: number][]): void {
    if (this.gathering.isEmpty) {
      this.gatheredSince = this.options.clock.now();
      this.lookIn(WRITE_MS);
    }
    this.gathering.add(source, t, values);
  }

  /** Message `n` is the next: those before it the store has given up. */
  private skipTo(n: number): void {
    const missed = n - 1 - this.cursor.n;
    if (missed <= 0) return;
    this.counts.missed += missed;
    this.cursor = { ...this.cursor, n: n - 1, last: null };
  }

  private async write(archive: Archive): Promise<void> {
    if (this.gathering.isEmpty && this.cursor.n === archive.cursor.n) return;
    await archive.write(this.gathering.finish(), this.cursor, { ...this.counts }, () => {
      this.gathering = new Gathering();
    });
  }

  private fail(error: unknown): void {
    const { place, log, clock } = this.options;
    const fault = storeFault(error, `keeping history in ${place.name}`, place.name);
    const isNews = this.fault === null;
    this.fault = fault;
    // It is in the store, and read from there once this is over.
    this.gathering = new Gathering();
    this.retryAt = clock.now() + this.backoff.next();
    const { code, message, mend } = fault;
    if (isNews) log.error({ event: "fault", code, mend }, `no history is kept: ${message}`);
    this.lookIn(this.retryAt - clock.now());
  }
}

function notYet(): BowlineError {
  const text = "looking into the history: it is being opened";
  return new BowlineError("HISTORY_OPENING", text, ExitCode.busy, "ask again in a moment");
}
