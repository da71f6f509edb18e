/** What was handed over and is not yet in the store: gathered into commits, or given back when the store fails. */
import type { BowlineError } from "../platform/errors.ts";
import { MessageBatch } from "./message-batch.ts";
import type { RecordChange, Waiter } from "./store.ts";

/** A commit is cut at this size, so that one value stays readable at once. */
const COMMIT_BYTES = 1 << 20;
/** As much shares its flush well enough: half of what one board may send unacknowledged is four times as much. */
const PLENTY_BYTES = 1 << 15;

/** What one commit is made of. */
interface Load {
  batch: MessageBatch | null;
  /** In the order of the calls. */
  documents: RecordChange[];
  /** Those of them that are tried again. */
  kept: RecordChange[];
  waiters: Waiter[];
  /** Who waits for documents that are kept. */
  keepers: (() => void)[];
}

export class Intake {
  /** The load that is being written. */
  private writing: Load | null = null;
  /** Messages, oldest first; the last batch gathers. */
  private batches: MessageBatch[] = [];
  private documents: RecordChange[] = [];
  private kept: RecordChange[] = [];
  private waiters: Waiter[] = [];
  private keepers: (() => void)[] = [];

  /** The batch that gathers. */
  gather(): MessageBatch {
    let batch = this.batches[this.batches.length - 1];
    if (batch === undefined || batch.builder.size > COMMIT_BYTES) {
      batch = new MessageBatch();
      this.batches.push(batch);
    }
    return batch;
  }

  /** The newest batch that is not yet in the store, null when all are. */
  get newest(): MessageBatch | null {
    return this.batches[this.batches.length - 1] ?? this.writing?.batch ?? null;
  }

  put(changes: RecordChange[], waiter: Waiter): void {
    this.documents.push(...changes);
    this.waiters.push(waiter);
  }

  keep(changes: RecordChange[], onCommitted: () => void): void {
    this.putLater(changes);
    this.keepers.push(onCommitted);
  }

  putLater(changes: RecordChange[]): void {
    this.documents.push(...changes);
    this.kept.push(...changes);
  }

  get isWriting(): boolean {
    return this.writing !== null;
  }

  get hasMessages(): boolean {
    return this.batches.length > 0;
  }

  get hasDocuments(): boolean {
    return this.documents.length > 0;
  }

  /** Documents that somebody waits for. */
  get hasWaiting(): boolean {
    return this.waiters.length + this.keepers.length > 0;
  }

  /** More than boards wait for it, who are acknowledged at intervals anyway (session §3); or it is much. */
  get isPressing(): boolean {
    const [batch] = this.batches;
    return this.hasWaiting || (batch !== undefined && (batch.isUrgent || batch.builder.size > PLENTY_BYTES));
  }

  get pendingMessages(): number {
    const writing = this.writing?.batch?.messages.length ?? 0;
    return this.batches.reduce((sum, { messages }) => sum + messages.length, writing);
  }

  /** The next load, to be written now; `withMessages` false holds these back. */
  take(withMessages: boolean): Load {
    const batch = withMessages ? (this.batches.shift() ?? null) : null;
    const { documents, kept, waiters, keepers } = this;
    this.documents = [];
    this.kept = [];
    this.waiters = [];
    this.keepers = [];
    this.writing = { batch, documents, kept, waiters, keepers };
    return this.writing;
  }

  /** The load that was taken is in the store. */
  committed(): void {
    const load = this.writing!;
    this.writing = null;
    load.batch?.committed();
    for (const onCommitted of load.keepers) onCommitted();
    for (const waiter of load.waiters) waiter.onCommitted();
  }

  /**
   * Gives back, in order, all that somebody waits for: what was being written, and what was handed over since (session
   * D17). Documents that are kept wait for the next commit.
   */
  fail(fault: BowlineError): void {
    const { writing, batches, waiters } = this;
    this.writing = null;
    this.batches = [];
    this.kept = [...(writing?.kept ?? []), ...this.kept];
    this.documents = [...this.kept];
    this.waiters = [];
    this.keepers = [...(writing?.keepers ?? []), ...this.keepers];
    writing?.batch?.failed(fault);
    for (const batch of batches) batch.failed(fault);
    for (const waiter of [...(writing?.waiters ?? []), ...waiters]) waiter.onFailed(fault);
  }
}
