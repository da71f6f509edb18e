/**
 * Writes documents to the store as they are when their turn has come: what changes often, or comes and goes in between, costs
 * one write or none.
 *
 * One write is under way at a time; what was touched since goes with the next. So what waits is bounded by how many documents
 * there are, however fast they change and however slow the disk is.
 */
import type { RecordChange, Store } from "./store.ts";

export interface KeeperOptions {
  store: Pick<Store, "keep">;
  /** The document of a key as it is now; null: there is none. */
  valueOf(key: string): object | Uint8Array | null;
  /** Between the end of one write and the next, ms. */
  pauseMs: number;
}

export class DocumentKeeper {
  private touched = new Set<string>();
  /** Those that are in the store, or on their way into it. */
  private readonly written = new Set<string>();
  private waiting: (() => void)[] = [];
  private isWriting = false;
  private timer: NodeJS.Timeout | null = null;
  private immediate: NodeJS.Immediate | null = null;

  constructor(private readonly options: KeeperOptions) {}

  /** It is in the store already. */
  recall(key: string): void {
    this.written.add(key);
  }

  /** It may be other than it was. */
  touch(key: string): void {
    this.touched.add(key);
    this.schedule();
  }

  /** Resolves once all that was touched before is in the store; no pause holds it up. */
  whenKept(): Promise<void> {
    if (this.touched.size === 0 && !this.isWriting) return Promise.resolve();
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.schedule();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Hands over all that was touched, at once. */
  flush(): void {
    if (this.immediate !== null) clearImmediate(this.immediate);
    if (this.timer !== null) clearTimeout(this.timer);
    this.immediate = this.timer = null;
    const changes = this.take();
    const { waiting } = this;
    this.waiting = [];
    if (changes.length === 0 && waiting.length === 0) return;
    this.isWriting = true;
    this.options.store.keep(changes, () => {
      for (const resolve of waiting) resolve();
      this.isWriting = false;
      if (this.waiting.length > 0) this.flush();
      else if (this.touched.size > 0) this.pause();
    });
  }

  private schedule(): void {
    // All that one turn of the event loop touches is one write.
    if (!this.isWriting && this.timer === null) this.immediate ??= setImmediate(() => this.flush());
  }

  private pause(): void {
    const { pauseMs } = this.options;
    if (pauseMs === 0) return this.flush();
    this.timer ??= setTimeout(() => this.flush(), pauseMs).unref();
  }

  private take(): RecordChange[] {
    const changes: RecordChange[] = [];
    for (const key of this.touched) {
      const value = this.options.valueOf(key);
      if (value === null && !this.written.delete(key)) continue;
      if (value !== null) this.written.add(key);
      changes.push({ key, value });
    }
    this.touched.clear();
    return changes;
  }
}
