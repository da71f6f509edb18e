/**
 * The store over a database: group commits, one at a time (session D17, iotgw §10).
 *
 *   append, raise ─▶ batch ──────┐
 *   put, putLater ─▶ documents ──┴─▶ commit: messages as one value, watermarks, documents ─flush─▶ who waited is told
 *
 * While a commit is being written the next one gathers: no timer, and a flush is shared by all that came meanwhile. A
 * commit that fails fails everything that was handed over and is not in the store; nothing is taken until the database
 * was opened anew and has flushed a commit again.
 */
import { randomBytes } from "node:crypto";
import type { BowlineError } from "../platform/errors.ts";
import type { Change, Database } from "./database.ts";
import { GROUPS, GroupBuilder, groupKey } from "./group.ts";
import { Intake } from "./intake.ts";
import type { MessageBatch } from "./message-batch.ts";
import { readGroups } from "./read-groups.ts";
import { RecentMessages } from "./recent-messages.ts";
import { type Bounds, Retention } from "./retention.ts";
import { seal, unseal } from "./sealed.ts";
import type { DeliveredMessage, RecordChange, Store, StoreFill, Waiter, Watermark } from "./store.ts";
import { damage } from "./store-fault.ts";
import { documentOf, HEAD_KEY, IDENTITY_KEY, readState, type StoreState } from "./store-state.ts";

/** ms until a store that failed is opened anew, at first and at most. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5000;
/** How often what is too old is looked for while nothing is written. */
const SWEEP_MS = 60_000;
/** Bytes given up after which the disk gets its room back. */
const COMPACT_BYTES = 32 << 20;

export interface StoreOptions extends Bounds {
  /** What it is called in errors. */
  folder: string;
  /** Full: give up the oldest, or take nothing more. */
  whenFull: "dropOldest" | "refuse";
  /** Whether a commit is on the disk before it is acknowledged; false loses it in a power cut. */
  flush: boolean;
  /** The least time between two commits, ms: a flash card lives longer, an acknowledgement comes later. */
  commitDelayMs: number;
  /** What this machine is known by, "" when it has nothing. */
  machine: string;
  /** ms since 1970; must not jump (retention.ts). */
  now(): number;
  /** It takes nothing any more, or, null, again. */
  onFault(fault: BowlineError | null): void | Promise<void>;
}

export class DurableStore implements Store {
  epoch = "";
  fault: BowlineError | null = null;
  private state: StoreState | null = null;
  private refused = 0;
  private readonly intake = new Intake();
  private readonly retention: Retention;
  private readonly recent = new RecentMessages();
  private isScheduled = false;
  private isOpen = false;
  private isSweepDue = false;
  private lastCommitAt = -Infinity;
  private cutBytes = 0;
  private retry: NodeJS.Timeout | null = null;
  private sweeper: NodeJS.Timeout | null = null;
  private idle: (() => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly options: StoreOptions,
  ) {
    this.retention = new Retention(database, options, (key) =>
      this.fail(damage(`the value ${key} is damaged`, options.folder)),
    );
  }

  /** Reads where it stands, from an open database. Rejects when it is damaged. Returns the number of the last commit. */
  async load(): Promise<number> {
    const state = await readState(this.database);
    if (typeof state === "string") throw damage(state, this.options.folder);
    this.state = state;
    this.recent.clear();
    await this.retention.load();
    return state.commit;
  }

  /** Begins to take; the first start makes what is not there. */
  async start(): Promise<void> {
    if (this.state === null) await this.load();
    const { machine } = this.options;
    const { identity } = this.opened;
    const isElsewhere = machine !== "" && identity?.machine !== "" && machine !== identity?.machine;
    this.epoch = identity === null || isElsewhere ? randomBytes(8).toString("hex") : identity.epoch;
    // The first commit shows that it can be written, before anyone relies on it.
    await this.write([documentOf(IDENTITY_KEY, { epoch: this.epoch, machine })], null);
    this.isOpen = true;
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS);
    this.sweeper.unref();
    this.schedule();
  }

  /** Waits for what was handed over, as far as the database takes it. Returns the number of the last commit. */
  async stop(): Promise<number> {
    if (this.sweeper !== null) clearInterval(this.sweeper);
    if (this.retry !== null) clearTimeout(this.retry);
    while (this.isOpen && this.fault === null && (this.hasWork || this.isBusy)) {
      this.schedule();
      await new Promise<void>((resolve) => this.idle.push(resolve));
    }
    this.isOpen = false;
    return this.state?.commit ?? 0;
  }

  append(
    message: DeliveredMessage,
    bytes: Uint8Array,
    start: number,
    end: number,
    waiter: Waiter,
    changes?: RecordChange[],
  ): void {
    if (this.isRefused(waiter)) return;
    this.intake.gather().add(message, bytes, start, end, waiter, changes);
    this.schedule();
  }

  raise(device: string, epoch: string, seq: number, waiter: Waiter): void {
    if (this.isRefused(waiter)) return;
    this.intake.gather().raise(device, epoch, seq, 0, waiter);
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

  putLater(changes: RecordChange[]): void {
    this.intake.putLater(changes);
  }

  async records<T>(prefix: string): Promise<[key: string, value: T][]> {
    const entries = await this.database.read({ gte: `r/${prefix}`, lt: `r/${prefix}\uffff` });
    return entries.map(([key, value]) => {
      const document = unseal(key, value);
      if (document === undefined) throw damage(`the document ${key} is damaged`, this.options.folder);
      return [key.slice(2), document as T];
    });
  }

  async read(from: number, limit: number, device?: string): Promise<DeliveredMessage[]> {
    const { next } = this;
    if (from >= next) return [];
    if (from >= this.recent.first) return this.recent.read(from, limit, device);
    const found = await readGroups(this.database, { from, next, limit, device });
    if (typeof found === "string") throw damage(`the messages of ${found} are damaged`, this.options.folder);
    return found;
  }

  watermarks(device: string): readonly Watermark[] {
    return this.opened.watermarks.of(device);
  }

  get next(): number {
    return this.state?.next ?? 1;
  }

  get fill(): StoreFill {
    const { next, end, head } = this.opened;
    const { first } = this.retention;
    const oldest = first?.first ?? next;
    return {
      messages: next - oldest,
      bytes: first === null ? 0 : end - first.offset,
      maxBytes: this.options.maxBytes,
      written: end,
      oldest,
      oldestAt: first === null || oldest === next ? 0 : first.at,
      dropped: head.dropped,
      refused: this.refused,
      pending: this.intake.pendingMessages,
      fault: this.fault?.message ?? "",
    };
  }

  private get opened(): StoreState {
    if (this.state === null) throw new Error("the store has not been started");
    return this.state;
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
    return this.intake.isWriting || this.isScheduled;
  }

  private get hasWork(): boolean {
    return this.isSweepDue || this.intake.hasDocuments || (this.intake.hasMessages && !this.isHeld);
  }

  /** Full, and told to give nothing up: messages wait, and the boards' windows stop the boards. */
  private get isHeld(): boolean {
    return this.options.whenFull === "refuse" && this.retention.isFull(this.next, this.opened.end);
  }

  private schedule(): void {
    if (this.isBusy || this.fault !== null || !this.isOpen || !this.hasWork) return;
    this.isScheduled = true;
    const begin = () => {
      this.isScheduled = false;
      void this.writeNext();
    };
    const wait = this.lastCommitAt + this.options.commitDelayMs - performance.now();
    // After this turn's input: what came on other connections shares the flush.
    if (wait > 0) setTimeout(begin, wait);
    else setImmediate(begin);
  }

  private async writeNext(): Promise<void> {
    if (this.fault !== null) return this.wake();
    this.isSweepDue = false;
    const load = this.intake.take(!this.isHeld);
    const documents = [...load.documents, ...load.later, ...(load.batch?.changes ?? [])].map(changeOf);
    try {
      await this.write(documents, load.batch);
      this.intake.committed();
    } catch (error) {
      this.fail(error as BowlineError);
    }
    this.schedule();
    this.wake();
  }

  /** Writes one commit; resolved, it is durable and counted. */
  private async write(documents: Change[], batch: MessageBatch | null): Promise<void> {
    const { options, retention, opened } = this;
    const { watermarks, next: first, end: offset } = opened;
    this.lastCommitAt = performance.now();
    const commit = opened.commit + 1;
    const key = groupKey(first, commit);
    const now = options.now();
    const value = (batch?.builder ?? new GroupBuilder()).finish(key, { commit, first, offset, at: now });
    const changes: Change[] = [{ type: "put", key, value }, ...documents];
    const marks = batch?.marks ?? [];
    for (const { device, epoch, seq, messages } of marks)
      changes.push(...watermarks.changes(device, epoch, seq, messages, commit));
    const count = batch?.messages.length ?? 0;
    const [next, end] = [first + count, offset + value.length];
    const cut = retention.cut(next, end, now, options.whenFull === "refuse");
    const head = {
      commit: opened.head.commit + cut.changes.length,
      dropped: opened.head.dropped + cut.messages,
    };
    if (cut.changes.length > 0) changes.push(...cut.changes, documentOf(HEAD_KEY, head));
    await this.database.write(changes, options.flush);
    Object.assign(opened, { commit, next, end, head });
    retention.add(key, { commit, first, count, at: now, offset, bytes: value.length });
    for (const { device, epoch, seq, messages } of marks)
      watermarks.raise(device, epoch, seq, messages, commit);
    if (batch !== null) {
      batch.number(first);
      this.recent.add(batch.messages);
    }
    this.giveBack(cut);
  }

  /** Asks the disk for its room back, now and then. */
  private giveBack(cut: { changes: Change[]; bytes: number }): void {
    if (cut.changes.length === 0) return;
    this.cutBytes += cut.bytes;
    if (this.cutBytes < COMPACT_BYTES) return;
    this.cutBytes = 0;
    // A failure of its own is told by the next commit.
    this.database.compact(GROUPS.gte, cut.changes[cut.changes.length - 1].key).catch(() => {});
  }

  private fail(fault: BowlineError): void {
    const isNews = this.fault === null;
    this.fault = fault;
    if (isNews) void this.options.onFault(fault);
    this.intake.fail(fault);
    if (this.isOpen && isNews) this.retryAfter(FIRST_RETRY_MS);
  }

  private retryAfter(ms: number): void {
    this.retry = setTimeout(() => {
      this.reopen().then(
        async () => {
          await this.options.onFault(null);
          this.fault = null;
          this.schedule();
        },
        (error) => {
          this.fault = error as BowlineError;
          if (this.isOpen) this.retryAfter(Math.min(2 * ms, LONGEST_RETRY_MS));
        },
      );
    }, ms);
  }

  /**
   * LevelDB takes nothing more after a failed write until it is opened anew. The batch that failed may be there after
   * all: what is read back tells, watermarks and numbers together, so that a repeat of it is known for one.
   */
  private async reopen(): Promise<void> {
    await this.database.close();
    await this.database.open(false);
    await this.load();
    await this.write([], null);
  }

  private sweep(): void {
    if (this.fault !== null || !this.retention.isOver(this.next, this.opened.end, this.options.now())) return;
    this.isSweepDue = true;
    this.schedule();
  }

  private wake(): void {
    for (const resolve of this.idle.splice(0)) resolve();
  }
}

function changeOf({ key, value }: RecordChange): Change {
  const path = `r/${key}`;
  return value === null ? { type: "del", key: path } : { type: "put", key: path, value: seal(path, value) };
}
