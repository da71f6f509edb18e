/** The last values of one number, for a small line beside it. */

/** As many as a small line can show apart. */
export const TREND_POINTS = 60;

/** A pause is an absence when it is so many times as long as most: as in the charts of the history. */
const GAP = 4;

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
   * The `points` of SVG polylines that fill a box: the oldest value at the left, the least at the bottom, and a new line
   * behind each absence. None for fewer than two values; what never changed runs through the middle.
   */
  lines(width: number, height: number): string[] {
    const { times, values } = this;
    const begin = times[0];
    const span = times[times.length - 1] - begin;
    if (times.length < 2 || span <= 0) return [];
    const low = Math.min(...values);
    const range = Math.max(...values) - low;
    const y = (value: number) => (range === 0 ? 0.5 : 1 - (value - low) / range) * height;
    const isBehindGap = gapsIn(times);
    const lines: string[][] = [];
    for (const [i, value] of values.entries()) {
      if (i === 0 || isBehindGap(i)) lines.push([]);
      lines.at(-1)!.push(`${round(((times[i] - begin) / span) * width)},${round(y(value))}`);
    }
    // A line of one point is a dot only when it goes somewhere.
    return lines.map((line) => (line.length === 1 ? [...line, ...line] : line).join(" "));
  }
}

/** Whether a value came after a pause that is long beside most. */
function gapsIn(times: readonly number[]): (index: number) => boolean {
  const pauseBefore = (i: number) => times[i] - times[i - 1];
  const pauses = times.slice(1).map((_, i) => pauseBefore(i + 1));
  const usual = pauses.sort((a, b) => a - b)[Math.floor(pauses.length / 2)];
  return (i) => usual > 0 && pauseBefore(i) > GAP * usual;
}

const round = (value: number) => Math.round(value * 10) / 10;
