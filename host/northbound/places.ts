/**
 * Where the other side stood before anything beyond the cursor was sent first: from there on it can be asked what it has.
 * What an earlier process, or an earlier try, had sent beyond the cursor is not known, so until all that is over its place
 * stays.
 */

/** A message handed on, and where the other side stood before. */
interface Launch {
  n: number;
  placeBefore: number;
}

export class Places {
  /** Which other side it is: places of another one mean nothing. "": it does not count. */
  side = "";
  /** Where it stood at its last word. */
  now = 0;
  /** In the order in which they were handed on: the first has the least place. */
  private launches: Launch[] = [];
  /** What is below may have been handed on before: until it is over, this is its place. */
  private cautious: Launch = { n: 0, placeBefore: 0 };
  /** The highest number that was ever handed on. */
  private newest = 0;

  /** All below `end` may have been handed on by an earlier process. */
  load(side: string, place: number, end: number): void {
    Object.assign(this, { side, now: place });
    this.cautious = { n: end, placeBefore: place };
  }

  /** The other side has been asked what it has from `place` on. */
  begin(side: string, place: number): void {
    Object.assign(this, { side, now: place });
    this.cautious.placeBefore = place;
  }

  launched(n: number): void {
    if (n >= this.cautious.n) this.launches.push({ n, placeBefore: this.now });
    this.newest = Math.max(this.newest, n);
  }

  taken(place: number): void {
    this.now = Math.max(this.now, place);
  }

  /** What was on its way goes again. */
  rewind(cursor: number): void {
    this.cautious = { placeBefore: this.before(cursor), n: Math.max(this.cautious.n, this.newest + 1) };
    this.launches = [];
  }

  /** Where it stood before any message from `cursor` on was sent first. */
  before(cursor: number): number {
    if (cursor < this.cautious.n) return this.cautious.placeBefore;
    while (this.launches.length > 0 && this.launches[0].n < cursor) this.launches.shift();
    return this.launches[0]?.placeBefore ?? this.now;
  }
}
