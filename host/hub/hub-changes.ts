/** Tells whoever listens what is other than it was: once a turn of the event loop. */
import type { KillView, WorkChange } from "./views.ts";

export type HubChange = WorkChange | { kind: "kill"; kill: KillView };

/** Above so many in one turn what is left goes with the next: listeners hold up nobody. */
const MAX_A_TURN = 500;
/** What waits to be told; above that the oldest is not told, since who listens has fallen behind anyway. */
const MAX_WAITING = 20_000;

export class HubChanges {
  /** Changes that nobody was told of, since they came faster than they can be told. */
  missed = 0;
  private readonly listeners = new Set<(change: HubChange) => void>();
  /** By what they are about. */
  private readonly waiting = new Map<object | string, HubChange>();
  private isScheduled = false;

  /** Returns what ends it. */
  subscribe(listener: (change: HubChange) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  get isHeard(): boolean {
    return this.listeners.size > 0;
  }

  /** `about` is other than it was. */
  add(about: object | string, change: HubChange): void {
    if (!this.isHeard) return;
    this.waiting.set(about, change);
    if (this.waiting.size > MAX_WAITING) {
      const [oldest] = this.waiting.keys();
      this.waiting.delete(oldest);
      this.missed++;
    }
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.tell());
  }

  private tell(): void {
    this.isScheduled = false;
    let left = MAX_A_TURN;
    for (const [about, change] of this.waiting) {
      if (left-- === 0) return this.schedule();
      this.waiting.delete(about);
      for (const listener of this.listeners) listener(change);
    }
  }
}
