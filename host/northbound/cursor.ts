/**
 * How far messages have come on their way to one system, as it is kept:
 *
 *   up/NAME   the first message that the other side may not have, how far those have come that nothing holds up, and
 *             what was given up
 */
import type { Store } from "../store/store.ts";

/** Between two writes, ms: what is handed on again after a kill -9 is dropped by its id. */
const SAVE_MS = 1000;

export interface CursorDocument {
  /** The first message that the other side may not have: a version that knows no `reached` goes on from here. */
  next: number;
  /** Up to here all is over but for what is aside. Absent: `next`. */
  reached?: number;
  /** Given up by the store before they were handed on. */
  missed: number;
  /** Never taken by the other side. */
  refused: number;
  /** Where the other side stood before any message from `next` on was sent first. */
  place: number;
  /** Which other side that was: places of another one mean nothing. Absent: it does not count. */
  side?: string;
  /** Boards whose messages are held. */
  aside?: AsideDocument[];
}

export interface AsideDocument {
  device: string;
  /** Its first message that the other side may not have. */
  next: number;
  /** Its messages from there to `reached`. */
  count: number;
  /** As that of all, for this board. */
  place: number;
  /** ms since 1970. */
  since: number;
}

/** Keeps it with the next commit of messages, and one document a second at most, however many messages it stands for. */
export class CursorKeeper {
  private timer: NodeJS.Timeout | null = null;
  private isStale = false;
  private isStopped = false;

  constructor(
    private readonly name: string,
    private readonly store: Pick<Store, "records" | "putLater">,
    private readonly now: () => CursorDocument,
  ) {}

  private get key(): string {
    return `up/${this.name}`;
  }

  async load(): Promise<CursorDocument | undefined> {
    const found = await this.store.records<CursorDocument>(this.key);
    return found.find(([key]) => key === this.key)?.[1];
  }

  touch(): void {
    this.isStale = true;
    if (this.timer !== null || this.isStopped) return;
    this.save();
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.isStale) this.touch();
    }, SAVE_MS).unref();
  }

  save(): void {
    this.isStale = false;
    this.store.putLater([{ key: this.key, value: this.now() }]);
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.save();
  }
}
