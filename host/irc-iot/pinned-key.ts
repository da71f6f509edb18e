/**
 * One pinned key and what was heard under it: whether a Container is signed with it, behind a mid that can be the one
 * before, and for the first time ever.
 *
 * The mid before is a fact of the channel, not a secret: whoever speaks may offer one. What makes a Container genuine is
 * the signature over all of it; what makes a repeat of it worthless is that each signed mid counts once.
 */
import type { KeyObject } from "node:crypto";
import { isAnchor, isSignedBy, isSignedMid } from "./signing.ts";

/** Mids under this key that the next may stand behind (the reference keeps as many). */
const RECENT = 16;
/** Mids that count no more, the newest so many: some 400 KB. What is older has to be refused by its time. */
const MAX_SEEN = 4096;
/** Tries that are anybody's right: a line that follows the one before needs one. */
const FREE_TRIES = 3;

export type SignatureVerdict = "right" | "repeated" | "unproved";

export class PinnedKey {
  private readonly recent: string[] = [];
  private readonly seen: Set<string>;

  constructor(
    readonly hex: string,
    private readonly key: KeyObject,
    seenMids: readonly string[] = [],
  ) {
    this.seen = new Set(seenMids.slice(-MAX_SEEN));
    for (const mid of seenMids.slice(-RECENT)) this.recent.push(mid);
  }

  /** Oldest first; given back at the next start they keep what was said from counting again. */
  get seenMids(): string[] {
    return [...this.seen];
  }

  /** Whether anything under it was ever heard. */
  get isKnown(): boolean {
    return this.seen.size > 0;
  }

  /**
   * `anchors`: mids that may be the one before, newest first. Each try beyond the first costs a token, as `pay` has it,
   * for a signature that is none costs as much as a right one.
   */
  judge(text: string, mid: string, anchors: readonly string[], pay: () => boolean): SignatureVerdict {
    if (!isSignedMid(mid)) return "unproved";
    if (this.seen.has(mid)) return "repeated";
    const tried = new Set<string>([mid]);
    for (const anchor of this.inTurn(anchors)) {
      if (tried.has(anchor) || !isAnchor(anchor)) continue;
      if (tried.size > FREE_TRIES && !pay()) break;
      tried.add(anchor);
      if (isSignedBy(this.key, text, mid, anchor)) return "right";
    }
    return "unproved";
  }

  /** Whether it is right behind this one mid. */
  isBehind(text: string, mid: string, previous: string): boolean {
    return (
      isSignedMid(mid) &&
      !this.seen.has(mid) &&
      isAnchor(previous) &&
      isSignedBy(this.key, text, mid, previous)
    );
  }

  accept(mid: string): void {
    this.seen.add(mid);
    this.recent.push(mid);
    if (this.recent.length > RECENT) this.recent.shift();
    if (this.seen.size <= MAX_SEEN) return;
    for (const oldest of this.seen) {
      this.seen.delete(oldest);
      return;
    }
  }

  /** Newest first, ours and theirs in turn: a flood of either does not hide the other. */
  private *inTurn(anchors: readonly string[]): Generator<string> {
    for (let i = 0; i < Math.max(anchors.length, this.recent.length); i++) {
      if (i < this.recent.length) yield this.recent[this.recent.length - 1 - i];
      if (i < anchors.length) yield anchors[i];
    }
  }
}
