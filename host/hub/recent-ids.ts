/** Ids that were seen lately, in bounded room: the newest so many, and up to twice as many. */

export class RecentIds {
  private newer = new Set<string>();
  private older = new Set<string>();

  constructor(private readonly atLeast: number) {}

  /** Whether it was seen; from now on it was. */
  see(id: string): boolean {
    if (this.newer.has(id) || this.older.has(id)) return true;
    this.newer.add(id);
    if (this.newer.size >= this.atLeast) {
      this.older = this.newer;
      this.newer = new Set();
    }
    return false;
  }
}
