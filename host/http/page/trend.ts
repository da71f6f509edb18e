/** The last values of one number, for a small line beside it. */

/** As many as a small line can show apart. */
export const TREND_POINTS = 60;

export class Trend {
  /** ms since 1970, the oldest first; both of one length. */
  readonly times: number[] = [];
  readonly values: number[] = [];

  push(at: number, value: number): void {
    this.times.push(at);
    this.values.push(value);
    if (this.times.length <= TREND_POINTS) return;
    this.times.shift();
    this.values.shift();
  }

  /**
   * The `points` of an SVG polyline that fills a box: the oldest value at the left, the least at the bottom. "" for
   * fewer than two; what never changed runs through the middle.
   */
  points(width: number, height: number): string {
    const { times, values } = this;
    const begin = times[0];
    const span = times[times.length - 1] - begin;
    if (times.length < 2 || span <= 0) return "";
    const low = Math.min(...values);
    const range = Math.max(...values) - low;
    const y = (value: number) => (range === 0 ? 0.5 : 1 - (value - low) / range) * height;
    return values
      .map((value, i) => `${round(((times[i] - begin) / span) * width)},${round(y(value))}`)
      .join(" ");
  }
}

const round = (value: number) => Math.round(value * 10) / 10;
