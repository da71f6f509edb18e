/** Going back leads to where one was on the page, going on to its top; each entry of the browser's history has a number. */

/** Entries whose place is known; older ones begin at the top again. */
const MAX_ENTRIES = 50;

interface Entry {
  entry: number;
}

export class ScrollKeeper {
  private readonly places = new Map<number, number>();
  private entry = 0;
  private newest = 0;

  start(): void {
    history.scrollRestoration = "manual";
    this.newest = this.entry = Math.max(0, (history.state as Entry | null)?.entry ?? 0);
    this.mark();
    addEventListener("scroll", () => this.places.set(this.entry, scrollY), { passive: true });
  }

  /** The address is another one, and its view is drawn. */
  arrive(): void {
    const known = (history.state as Entry | null)?.entry;
    if (known === undefined) {
      this.entry = ++this.newest;
      this.mark();
    } else {
      this.entry = known;
    }
    scrollTo(0, this.places.get(this.entry) ?? 0);
    for (const old of this.places.keys()) if (this.places.size > MAX_ENTRIES) this.places.delete(old);
  }

  private mark(): void {
    history.replaceState({ entry: this.entry } satisfies Entry, "");
  }
}
