/** What happens next in one schedule, drawn: of the faults there are some in each, for what one hides, another shows. */
import type { Chance } from "./chance.ts";
import { faults, type Step, steps } from "./steps.ts";

/** How often some steps happen in every schedule, in place of what is drawn. */
export type Focus = Partial<Record<Step, number>>;

/** A disk that is slow, boards that are asked much or seldom. */
const UNEVEN = ["commit", "ask"] as const;

export class Wheel {
  private readonly weights: [Step, number][];
  private readonly sum: number;

  constructor(
    private readonly chance: Chance,
    focus: Focus,
  ) {
    const weights = new Map<Step, number>();
    for (const [step, { weight }] of entries(steps)) weights.set(step, weight);
    for (const step of UNEVEN) weights.set(step, steps[step].weight * chance.pick([0.2, 0.5, 1, 2]));
    const most = chance.random();
    for (const [fault, { weight }] of entries(faults))
      if (chance.hits(most)) weights.set(fault, weight * chance.pick([0.5, 1, 1, 2, 5]));
    for (const [step, weight] of entries(focus)) weights.set(step, weight);
    this.weights = [...weights];
    this.sum = this.weights.reduce((sum, [, weight]) => sum + weight, 0);
  }

  turn(): Step {
    let at = this.chance.random() * this.sum;
    for (const [step, weight] of this.weights) {
      at -= weight;
      if (at < 0) return step;
    }
    return "wait";
  }
}

function entries<K extends Step, V>(table: Partial<Record<K, V>>): [K, V][] {
  return Object.entries(table) as [K, V][];
}
