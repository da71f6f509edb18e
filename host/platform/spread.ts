/** How values are spread over fixed bounds, as a histogram of Prometheus has them. Adding one allocates nothing. */

export class Spread {
  /** How many were at most each bound and above the one before; the last place: above all of them. */
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  /** `bounds` rise. */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  add(value: number): void {
    const { bounds } = this;
    let place = 0;
    while (place < bounds.length && value > bounds[place]) place++;
    this.counts[place]++;
    this.sum += value;
    this.count++;
  }
}
