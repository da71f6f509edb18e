/**
 * The commits of a store in its database: read when it opens, written one at a time.
 *
 *   one commit: the messages as one value, the watermarks they raise, documents, what is given up for it
 */
import type { Clock } from "../platform/clock.ts";
import type { BowlineError } from "../platform/errors.ts";
import type { Change, Database } from "./database.ts";
import { RECORDS } from "./documents.ts";
import { GiveBack } from "./give-back.ts";
import { GroupBuilder, groupKey } from "./group.ts";
import type { MessageBatch } from "./message-batch.ts";
import { PACKS } from "./pack.ts";
import { type Page, readDocuments } from "./read-documents.ts";
import { readGroups } from "./read-groups.ts";
import { RecentMessages } from "./recent-messages.ts";
import { type Bounds, type End, Retention } from "./retention.ts";
import type { DeliveredMessage, RecordChange, StoreFill, Watermark } from "./store.ts";
import { StoreClock } from "./store-clock.ts";
import { damage } from "./store-fault.ts";
import {
  documentOf,
  HEAD_KEY,
  IDENTITY_KEY,
  type Identity,
  readState,
  type StoreState,
} from "./store-state.ts";
import { StoreTally } from "./store-tally.ts";

export interface CommitOptions extends Bounds {
  /** What the store is called in errors. */
  folder: string;
  /** Full: give up the oldest, or only what is too old. */
  whenFull: "dropOldest" | "refuse";
  clock: Clock;
}

export class Commits {
  readonly tally = new StoreTally();
  private state: StoreState | null = null;
  private readonly retention: Retention;
  private readonly recent = new RecentMessages();
  private readonly age: StoreClock;
  private readonly giveBack: GiveBack;
  private writing: Promise<void> | null = null;
  /** Why the last write failed, which may be there all the same. */
  private doubt: unknown = null;

  constructor(
    private readonly database: Database,
    private readonly options: CommitOptions,
    /** What is there cannot be read, and nobody waits for it. */
    onFault: (error: Error) => void,
  ) {
    this.age = new StoreClock(() => options.clock.now());
    this.giveBack = new GiveBack(database, [PACKS, RECORDS]);
    const damaged = (key: string) => this.damage(`the value ${key} is damaged`);
    this.retention = new Retention(database, options, damaged, onFault);
  }

  /** Reads where it stands, from an open database. Rejects when it is damaged. */
  async load(): Promise<void> {
    const state = await readState(this.database);
    if (typeof state === "string") throw this.damage(state);
    const last = this.state?.commit ?? 0;
    if (state.commit < last)
      throw this.damage(`it ends with commit ${state.commit}, and ended with ${last} before`);
    this.state = state;
    this.doubt = null;
    this.recent.clear();
    this.age.load(state.age);
    await this.retention.load();
    const { first } = this.retention;
    if (state.commit > 0 && first?.commit !== state.head.commit)
      throw this.damage(`commit ${state.head.commit} is missing`);
  }

  get isLoaded(): boolean {
    return this.state !== null;
  }

  /** Who this store is; null before its first commit. */
  get identity(): Identity | null {
    return this.opened.identity;
  }

  /** Number of the last commit; 0 before the first. */
  get last(): number {
    return this.state?.commit ?? 0;
  }

  /** The next number of a message. */
  get next(): number {
    return this.state?.next ?? 1;
  }

  /** Writes one commit, of `records` and then of the batch; resolved, it is durable and counted. */
  async write(records: readonly RecordChange[], batch: MessageBatch | null, flush: boolean): Promise<void> {
    await this.commit(records, [], batch, flush);
  }

  /** The first commit of a process: shows that it can be written, before anyone relies on it. */
  async identify(identity: Identity): Promise<void> {
    await this.commit([], [documentOf(IDENTITY_KEY, identity)], null, true);
    this.opened.identity = identity;
  }

  async documents<T>(page: Page): Promise<[key: string, value: T][]> {
    // Whether what is being written will be there is not known before it is over.
    while (this.writing !== null) await this.writing.catch(() => {}); // told to who asked for it
    const { documents, digest } = this.opened;
    const found = await readDocuments<T>(this.database, documents, digest, page);
    if (typeof found === "string") throw this.doubt ?? this.damage(found);
    return found;
  }

  async read(from: number, limit: number, device?: string): Promise<DeliveredMessage[]> {
    const { next } = this;
    const oldest = this.retention.first?.first ?? next;
    const first = Math.max(from, oldest);
    if (first >= next) return [];
    if (first >= this.recent.first) return this.recent.read(first, limit, device);
    const wanted = { from: first, next, limit, device };
    const found = await readGroups(this.database, wanted, () => this.retention.first?.first ?? next);
    if (typeof found === "string") throw this.damage(`the messages of ${found} are damaged`);
    return found;
  }

  watermarks(device: string): readonly Watermark[] {
    return this.opened.watermarks.of(device);
  }

  get fill(): Omit<StoreFill, "refused" | "pending" | "fault" | "low"> {
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
      isHeld: this.isHeld,
    };
  }

  /** Full, and told to give nothing up: messages wait, and the boards' windows stop the boards. */
  get isHeld(): boolean {
    return this.options.whenFull === "refuse" && this.state !== null && this.retention.isFull(this.end);
  }

  /** Whether a commit would give something up. */
  get isOver(): boolean {
    return this.state !== null && this.retention.isOver(this.end, this.options.whenFull === "refuse");
  }

  private get opened(): StoreState {
    if (this.state === null) throw new Error("the store has not been started");
    return this.state;
  }

  private get end(): End {
    const { next, end } = this.opened;
    return { next, end, age: this.age.age };
  }

  /** `own`: documents of the store itself. */
  private async commit(
    records: readonly RecordChange[],
    own: Change[],
    batch: MessageBatch | null,
    flush: boolean,
  ): Promise<void> {
    const { documents } = this.opened;
    try {
      const changes = [...own, ...documents.change(records)];
      if (batch !== null) changes.push(...documents.change(batch.changes));
      changes.push(...documents.packChanges());
      await this.writeWith(changes, batch, flush);
    } catch (error) {
      documents.revert();
      throw error;
    }
  }

  /** One commit, of what its documents take and all else. */
  private async writeWith(taken: Change[], batch: MessageBatch | null, flush: boolean): Promise<void> {
    const { opened, retention, age, options } = this;
    const { next: first, end: offset, documents, watermarks, digest } = opened;
    const commit = opened.commit + 1;
    const builder = batch?.builder ?? new GroupBuilder();
    const [next, end] = [first + builder.count, offset + builder.size];
    const marks = watermarks.plan(batch?.marks ?? []);
    const cut = retention.cut({ next, end, age: age.age }, options.whenFull === "refuse");
    const head: StoreState["head"] = {
      commit: opened.head.commit + cut.changes.length,
      dropped: opened.head.dropped + cut.messages,
    };
    const changes = [...taken, ...marks.changes];
    if (cut.changes.length > 0) changes.push(documentOf(HEAD_KEY, head));
    const plan = digest.plan(changes);
    const key = groupKey(first, commit);
    const group = builder.finish(key, {
      ...{ commit, first, offset, at: options.clock.wall(), age: age.age },
      ...{ documents: plan.documents, digest: plan.digest },
    });
    const all: Change[] = [{ type: "put", key, value: group.value }, ...changes, ...cut.changes];
    await this.writeAll(all, flush, () => {
      Object.assign(opened, { commit, next, end, head });
      retention.add(key, group.head);
      watermarks.apply(marks);
      digest.apply(plan);
      documents.committed();
      batch?.number(first);
      this.recent.add(batch?.messages ?? []);
    });
    this.giveBack.committed(cut, documents.count);
  }

  /** Writes, and takes it over before anyone who waits for the write goes on. */
  private async writeAll(changes: Change[], flush: boolean, take: () => void): Promise<void> {
    const { clock } = this.options;
    const began = clock.now();
    const writing = this.database.write(changes, flush).then(take);
    this.writing = writing;
    try {
      await writing;
      this.tally.committed(changes, (clock.now() - began) / 1000);
    } catch (error) {
      this.doubt = error;
      throw error;
    } finally {
      this.writing = null;
    }
  }

  private damage(seen: string): BowlineError {
    return damage(seen, this.options.folder);
  }
}
