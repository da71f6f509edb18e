/** What the component is subscribed to, and for whom: sources of the work, answers that it waits for. */

export interface Subscriptions {
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
}

export class Topics {
  private readonly sources = new Map<number, readonly string[]>();
  /** Of the work that has just ended: its next beginning will ask for the same, and nothing in between is missed. */
  private former: string[] = [];
  /** Answers: kept for good, since a subscription takes its time (MoniQue trap 7). */
  private readonly answers = new Set<string>();

  constructor(private readonly hub: Subscriptions) {}

  open(n: number, topics: readonly string[]): void {
    this.sources.set(n, topics);
    for (const topic of topics.filter((one) => this.former.includes(one)))
      this.former.splice(this.former.indexOf(topic), 1);
    for (const topic of topics) this.hub.subscribe(topic);
  }

  close(n: number): void {
    const topics = this.sources.get(n) ?? [];
    this.sources.delete(n);
    this.giveUp(topics);
  }

  /** `topic` of an answer. */
  await(topic: string): void {
    this.answers.add(topic);
    this.hub.subscribe(topic);
  }

  /** The work has ended, and begins anew. */
  restart(): void {
    if (this.sources.size === 0) return; // it had not asked for anything yet
    const older = this.former;
    this.former = [...this.sources.values()].flat();
    this.sources.clear();
    this.giveUp(older);
  }

  /** Whether a source asks for it, or one did whose work begins anew. */
  isWanted(tag: string): boolean {
    const fits = (topic: string) => tag.startsWith(topic);
    return this.former.some(fits) || [...this.sources.values()].some((topics) => topics.some(fits));
  }

  private giveUp(topics: readonly string[]): void {
    const kept = new Set([...this.answers, ...this.former, ...[...this.sources.values()].flat()]);
    for (const topic of topics) if (!kept.has(topic)) this.hub.unsubscribe(topic);
  }
}
