/**
 * The store over a database: group commits, one at a time (session D17, iotgw §10).
 *
 *   append, raise ─▶ batch ──────┐
 *   put, keep ─────▶ documents ──┴─▶ commit ─flush─▶ who waited is told
 *
 * While a commit is being written the next one gathers, and a while longer when only boards wait for it
 * (commit-timer.ts): a flush is shared by all that came meanwhile. A commit that fails fails everything that was handed
 * over and is not in the store, but for documents that are kept; nothing else is taken until the database was opened anew
 * and has flushed a commit again.
 */
import { randomBytes } from "node:crypto";
import type { BowlineError } from "../platform/errors.ts";
import { CommitTimer } from "./commit-timer.ts";
import { type CommitOptions, Commits } from "./commits.ts";
import type { Database } from "./database.ts";
import { Intake } from "./intake.ts";
import type { DeliveredMessage, Mark, RecordChange, Store, StoreFill, Waiter, Watermark } from "./store.ts";
import { storeFault } from "./store-fault.ts";
import type { StoreTally } from "./store-tally.ts";

/** ms until a store that failed is opened anew, at most. Without chance (backoff.ts): nobody else waits for its own disk. */
const LONGEST_RETRY_MS = 5000;
/** How often what is too old, and documents that may wait, are looked for while nothing else is written. */
const SWEEP_MS = 60_000;

export interface StoreOptions extends CommitOptions {
  /** Whether a commit is on the disk before it is acknowledged; false loses it in a power cut. */
  flush: boolean;
  /** The least time between two commits of messages, ms: a flash card lives longer, an acknowledgement comes later. */
  commitDelayMs: number;
  /** ms until a store that failed is opened anew for the first time; then twice as many, and so on. */
  retryMs: number;
  /** Why nothing new is to be kept in it for others at present (disk-room.ts). */
  low(): BowlineError | null;
  /** What this machine is known by, "" when it has nothing. */
  machine: string;
  /** A commit was flushed, and nobody was told yet. */
  onFlushed(commit: number): void;
  /** It takes nothing any more, or, null, again. */
  onFault(fault: BowlineError | null): void;
  /** It was opened anew, and will take something again: what a failed commit left is now what is there. Waited for. */
  onReopened(): Promise<void> | void;
}

export class DurableStore implements Store {
  epoch = "";
  fault: BowlineError | null = null;
  private refused = 0;
  private readonly intake = new Intake();
  private readonly commits: Commits;
  private readonly timer: CommitTimer;
  private isOpen = false;
  private isStopping = false;
  private isSweepDue = false;
  private retry: NodeJS.Timeout | null = null;
  private recovering: Promise<void> | null = null;
  private sweeper: NodeJS.Timeout | null = null;
  private idle: (() => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly options: StoreOptions,
  ) {
    this.commits = new Commits(database, options, (error) => this.fail(error));
    this.timer = new CommitTimer(options.commitDelayMs, () => void this.writeNext());
  }

  /** Reads where it stands, from an open database. Rejects when it is damaged. Returns the number of the last commit. */
  async load(): Promise<number> {
    await this.commits.load();
    return this.commits.last;
  }

  /** Before it is started: documents in another form (migrate.ts). Resolves once they are on the disk. */
  async rewrite(changes: RecordChange[]): Promise<void> {
    await this.commits.write(changes, null, true);
    this.options.onFlushed(this.commits.last);
  }

  /** Begins to take; the first start makes what is not there. */
  async start(): Promise<void> {
    const { commits, options } = this;
    if (!commits.isLoaded) await commits.load();
    const { identity } = commits;
    const known = identity?.machine ?? "";
    const machine = options.machine || known;
    const isElsewhere = known !== "" && machine !== known;
    this.epoch = identity === null || isElsewhere ? randomBytes(8).toString("hex") : identity.epoch;
    await commits.identify({ epoch: this.epoch, machine });
    options.onFlushed(commits.last);
    this.isOpen = true;
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS);
    this.sweeper.unref();
    this.schedule();
  }

  /** Waits for what was handed over, as far as the database takes it. */
  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.sweeper !== null) clearInterval(this.sweeper);
    if (this.retry !== null) clearTimeout(this.retry);
    await this.recovering;
    while (this.isOpen && this.fault === null && (this.hasWork || this.isBusy)) {
      this.schedule();
      await new Promise<void>((resolve) => this.idle.push(resolve));
    }
    const isWhole = this.isOpen && this.fault === null;
    this.isOpen = false;
    // What was acknowledged without a flush is on the disk when it was stopped in order.
    if (isWhole && !this.options.flush) await this.write([], null, true).catch((error) => this.fail(error));
  }

  append(
    message: DeliveredMessage,
    bytes: Uint8Array,
    start: number,
    end: number,
    waiter: Waiter,
    changes?: RecordChange[],
    mark: Mark = message,
  ): void {
    if (this.isRefused(waiter)) return;
    this.intake.gather().add(message, bytes, start, end, waiter, changes, mark);
    this.schedule();
  }

  raise(device: string, epoch: string, seq: number, waiter: Waiter, changes?: RecordChange[]): void {
    if (this.isRefused(waiter)) return;
    this.intake.gather().raise(device, epoch, seq, 0, waiter, changes);
    this.schedule();
  }

  whenCommitted(waiter: Waiter): void {
    const batch = this.intake.newest;
    if (batch === null) waiter.onCommitted();
    else batch.wait(waiter);
  }

  put(changes: RecordChange[], waiter: Waiter): void {
    if (this.isRefused(waiter)) return;
    this.intake.put(changes, waiter);
    this.schedule();
  }

  keep(changes: RecordChange[], onCommitted: () => void): void {
    this.intake.keep(changes, onCommitted);
    this.schedule();
  }

  putLater(changes: RecordChange[]): void {
    this.intake.putLater(changes);
  }

  records<T>(prefix: string): Promise<[key: string, value: T][]> {
    return this.commits.documents({ prefix, after: "", limit: Infinity });
  }

  page<T>(prefix: string, after: string, limit: number): Promise<[key: string, value: T][]> {
    return this.commits.documents({ prefix, after, limit });
  }

  read(from: number, limit: number, device?: string): Promise<DeliveredMessage[]> {
    return this.commits.read(from, limit, device);
  }

  watermarks(device: string): readonly Watermark[] {
    return this.commits.watermarks(device);
  }

  get tally(): StoreTally {
    return this.commits.tally;
  }

  get low(): BowlineError | null {
    return this.options.low();
  }

  get next(): number {
    return this.commits.next;
  }

  get fill(): StoreFill {
    const { refused, fault, low } = this;
    return {
      ...this.commits.fill,
      refused,
      pending: this.intake.pendingMessages,
      fault: fault?.message ?? "",
      low: low?.message ?? "",
    };
  }

  /** Takes nothing: the waiter is told, not within the call. */
  private isRefused(waiter: Waiter): boolean {
    const { fault } = this;
    if (fault === null) return false;
    this.refused++;
    queueMicrotask(() => waiter.onFailed(fault));
    return true;
  }

  private get isBusy(): boolean {
    return this.intake.isWriting || this.timer.isSet;
  }

  private get hasWork(): boolean {
    const { intake } = this;
    if (this.isSweepDue || intake.hasWaiting || (this.isStopping && intake.hasDocuments)) return true;
    return intake.hasMessages && !this.commits.isHeld;
  }

  private schedule(): void {
    if (this.intake.isWriting || this.fault !== null || !this.isOpen || !this.hasWork) return;
    this.timer.set(!this.isStopping && !this.intake.isPressing);
  }

  private async writeNext(): Promise<void> {
    if (this.fault === null) {
      this.isSweepDue = false;
      const { batch, documents } = this.intake.take(!this.commits.isHeld);
      const error = await this.write(documents, batch, this.options.flush).then(
        () => null,
        (reason: unknown) => reason,
      );
      if (error !== null) this.fail(error);
      // Another fault has given it back meanwhile: when the store is opened anew it shows that it is there after all.
      else if (this.fault === null) this.intake.committed();
      this.schedule();
    }
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private async write(
    changes: readonly RecordChange[],
    batch: Parameters<Commits["write"]>[1],
    flush: boolean,
  ): Promise<void> {
    this.timer.began();
    await this.commits.write(changes, batch, flush);
    if (flush) this.options.onFlushed(this.commits.last);
  }

  private fail(error: unknown): void {
    const { folder } = this.options;
    const fault = storeFault(error, `writing to the store in ${folder}`, folder);
    const isNews = this.fault === null;
    this.fault = fault;
    if (isNews) {
      this.tally.faults++;
      this.options.onFault(fault);
    }
    this.intake.fail(fault);
    if (this.isOpen && isNews && !this.isStopping) this.retryAfter(this.options.retryMs);
  }

  private retryAfter(ms: number): void {
    this.retry = setTimeout(() => {
      this.recovering = this.recover().catch((error) => {
        this.fail(error);
        if (!this.isStopping) this.retryAfter(Math.min(2 * ms, LONGEST_RETRY_MS));
      });
    }, ms);
  }

  /**
   * LevelDB takes nothing more after a failed write until it is opened anew. The batch that failed may be there after
   * all: what is read back tells, watermarks and numbers together, so that a repeat of it is known for one.
   */
  private async recover(): Promise<void> {
    const { fault } = this;
    await this.database.reopen();
    await this.commits.load();
    await this.write([], null, true);
    await this.options.onReopened();
    if (this.fault !== fault) throw this.fault;
    this.fault = null;
    this.options.onFault(null);
    this.schedule();
  }

  private sweep(): void {
    if (this.fault !== null || !(this.commits.isOver || this.intake.hasDocuments)) return;
    this.isSweepDue = true;
    this.schedule();
  }
}
