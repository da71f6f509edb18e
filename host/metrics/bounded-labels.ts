/**
 * Names as values of a label, so many and no more: each one costs whoever stores them a series for every metric, for good.
 * Who came first has a name of its own for as long as it is there; all others are one.
 */

/** What all others are called together. */
const OTHER = "other";
/** What a name may be long; the rest is cut off. */
const MAX_CHARACTERS = 120;

export class BoundedLabels {
  private labels = new Map<string, string>();

  constructor(private readonly limit: number) {}

  /** Those that there are now, in the order in which they are to get places that are free. */
  refresh(names: Iterable<string>): void {
    const present = new Set(names);
    const kept = new Map([...this.labels].filter(([name]) => present.has(name)));
    for (const name of present) {
      if (kept.size >= this.limit) break;
      if (!kept.has(name)) kept.set(name, name.slice(0, MAX_CHARACTERS));
    }
    this.labels = kept;
  }

  labelOf(name: string): string {
    return this.labels.get(name) ?? OTHER;
  }
}
