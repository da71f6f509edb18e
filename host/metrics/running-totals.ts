/**
 * Counters from the counts of things that come and go: a sum over those that are there would fall when one leaves, or is
 * counted under another label. So what each has grown by since it was last looked at is added up by label.
 */
import { type Sample, sample } from "./family.ts";

/** Members remembered beyond those that are there: one that comes back goes on where it was. */
const MAX_ABSENT = 10_000;

export class RunningTotals {
  private readonly last = new Map<string, number>();
  private totals = new Map<string, number>();

  /** `label` is the one whose total what `member` has grown by belongs to. */
  add(member: string, label: string, count: number): void {
    const before = this.last.get(member);
    this.last.delete(member); // who was looked at last stands last
    this.last.set(member, count);
    // Less than before: it began anew.
    const grown = before === undefined || count < before ? count : count - before;
    this.totals.set(label, (this.totals.get(label) ?? 0) + grown);
  }

  /** Once all that are there were added: the totals of the labels that are in use. */
  samples(name: string, labels: Iterable<string>, present: number): Sample[] {
    for (const member of this.last.keys()) {
      if (this.last.size <= present + MAX_ABSENT) break;
      this.last.delete(member);
    }
    this.totals = new Map([...new Set(labels)].map((label) => [label, this.totals.get(label) ?? 0]));
    return [...this.totals].map(([label, total]) => sample(total, { [name]: label }));
  }
}
