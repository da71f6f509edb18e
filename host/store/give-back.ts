/**
 * When the disk is asked for the room of what was deleted: LevelDB gives it back only where it happens to merge tables, and
 * a backlog that has left would stay on the disk until as much was written again.
 */
import type { Database } from "./database.ts";
import { GROUPS } from "./group.ts";
import type { Cut } from "./retention.ts";

/** Bytes of messages given up after which their room is asked for. */
const CUT_BYTES = 32 << 20;
/** Documents that were there at once, and of which an eighth is left: what is written anew then is little. */
const BACKLOG = 10_000;
const LEFT = 8;

export class GiveBack {
  private cutBytes = 0;
  /** The most documents there were since their room was last asked for. */
  private most = 0;

  constructor(
    private readonly database: Database,
    /** Where documents lie. */
    private readonly documents: readonly { gte: string; lt: string }[],
  ) {}

  /** A commit gave up `cut`, and leaves `count` documents. */
  committed(cut: Cut, count: number): void {
    this.most = Math.max(this.most, count);
    if (this.most >= BACKLOG && count * LEFT <= this.most) {
      this.most = count;
      for (const { gte, lt } of this.documents) this.ask(gte, lt);
    }
    this.cutBytes += cut.bytes;
    if (this.cutBytes < CUT_BYTES) return;
    this.cutBytes = 0;
    this.ask(GROUPS.gte, cut.changes[cut.changes.length - 1].key);
  }

  private ask(from: string, to: string): void {
    // A failure of its own is told by the next commit.
    this.database.compact(from, to).catch(() => {});
  }
}
