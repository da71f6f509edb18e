/**
 * Which Containers were had before: equal in sender, mid and text (IRC-IoT: some senders give several messages one
 * mid, so a mid alone says nothing).
 *
 * Each sender has a share of its own: whoever talks much pushes out what is remembered of himself.
 */
import { createHash } from "node:crypto";

/** An hour of a line a second is 3600; who says more is remembered for less long. */
const MAX_OF_SENDER = 4096;
/** Of all senders, some 10 MB; above it the one that was longest unheard is forgotten. */
const MAX_OF_ALL = 65_536;

export class Repeats {
  /** The longest unheard sender first; of each the oldest text first. */
  private readonly senders = new Map<string, Map<string, number>>();

  private count = 0;

  constructor(private readonly keepMs: number) {}

  get size(): number {
    return this.count;
  }

  has(sender: string, text: string, now: number): boolean {
    const at = this.senders.get(sender)?.get(digestOf(text));
    return at !== undefined && now - at < this.keepMs;
  }

  add(sender: string, text: string, now: number): void {
    const texts = this.senders.get(sender) ?? new Map<string, number>();
    this.senders.delete(sender);
    this.senders.set(sender, texts);
    const digest = digestOf(text);
    if (!texts.delete(digest)) this.count++;
    texts.set(digest, now);
    for (const [oldest, at] of texts) {
      if (now - at < this.keepMs && texts.size <= MAX_OF_SENDER) break;
      texts.delete(oldest);
      this.count--;
    }
    for (const [longestUnheard, theirs] of this.senders) {
      if (this.count <= MAX_OF_ALL) break;
      this.senders.delete(longestUnheard);
      this.count -= theirs.size;
    }
  }
}

/** The text holds the mid. 128 bits of it: nobody can find two texts of one digest. */
function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
