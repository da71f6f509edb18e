/**
 * Which mids we gave, and which of them our next signed Container is tied to: the last one said to the same target. A nick we said nothing to yet
 * has heard what we say in channels, so there it is the last of those; before all, our counter.
 */

const MAX_TARGETS = 1024;
/** As many as a listener keeps (the reference). */
const RECENT = 16;

export class OwnChain {
  private readonly last = new Map<string, string>();
  private lastPublic: string | null = null;
  private readonly recentMids: string[] = [];

  /** Newest last, signed or not: a peer may tie what it says to us to what we said to it (the reference does). */
  get recent(): readonly string[] {
    return this.recentMids;
  }

  previousFor(target: string, isChannel: boolean, counter: number): string {
    return this.last.get(target) ?? (isChannel ? null : this.lastPublic) ?? String(counter);
  }

  said(target: string, isChannel: boolean, mid: string): void {
    this.last.delete(target);
    this.last.set(target, mid);
    if (isChannel) this.lastPublic = mid;
    this.recentMids.push(mid);
    if (this.recentMids.length > RECENT) this.recentMids.shift();
    if (this.last.size <= MAX_TARGETS) return;
    for (const [oldest] of this.last) {
      this.last.delete(oldest);
      return;
    }
  }
}
