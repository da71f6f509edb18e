/** How many messages of one board wait, by their numbers: known exactly, and of what the store gives up roughly which. */

/** More of them would be exacter, for memory. */
const MOST_SPANS = 16;

interface Span {
  first: number;
  count: number;
}

export class SpanCount {
  total = 0;
  private spans: Span[] = [];
  /** Messages of a span. */
  private width = 1;

  /** The highest number yet. */
  add(n: number, count = 1): void {
    if (count === 0) return;
    this.total += count;
    const last = this.spans.at(-1);
    if (last !== undefined && last.count < this.width) last.count += count;
    else this.spans.push({ first: n, count });
    if (this.spans.length > MOST_SPANS) this.merge();
  }

  /** The one of the least number is over. */
  take(): void {
    if (this.total === 0) return;
    this.total--;
    this.spans[0].count--;
    if (this.spans[0].count === 0) this.spans.shift();
  }

  /** What is below `oldest` waits no more. -> how many those were, as far as spans tell; the rest is told later */
  drop(oldest: number): number {
    let dropped = 0;
    while (this.spans.length > 1 && this.spans[1].first <= oldest) dropped += this.spans.shift()!.count;
    this.total -= dropped;
    return dropped;
  }

  private merge(): void {
    const { spans } = this;
    this.spans = [];
    for (let i = 0; i < spans.length; i += 2)
      this.spans.push({ first: spans[i].first, count: spans[i].count + (spans[i + 1]?.count ?? 0) });
    this.width *= 2;
  }
}
