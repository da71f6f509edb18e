/**
 * One line of a chain, between two gateways or between a gateway and a board: it breaks as its seed has it, and can be
 * held, so that for a while nothing at all comes over it.
 */
import type { Ending } from "../../../chaos/fault-plan.ts";
import { FaultPlan } from "../../../chaos/fault-plan.ts";
import { type Address, FaultProxy } from "../../../chaos/fault-proxy.ts";

/** How many cuts there are to be over all lines, and have been. */
export class CutCount {
  cuts = 0;
  private isHealed = false;

  constructor(readonly wanted: number) {}

  get isDone(): boolean {
    return this.cuts >= this.wanted;
  }

  get mayCut(): boolean {
    return !this.isHealed && !this.isDone;
  }

  heal(): void {
    this.isHealed = true;
  }
}

export interface ChainLineOptions {
  seed: number;
  meanBytes: number;
  count: CutCount;
  /** Where each side that connects finds the other; undefined while nobody is there. */
  targets: readonly (() => Address | undefined)[];
}

/** Each way of connecting has a sequence of its own. */
const SEED_STEP = 104_729;
/** Once all messages are there a line carries little, so what cuts are left come soon. */
const HURRIED_BYTES = 300;

export class ChainLine {
  /** Where to connect to, for each of the targets; set by start(). */
  addresses: Address[] = [];
  private readonly plans: FaultPlan[];
  private readonly proxies: FaultProxy[];
  private isHeld = false;

  constructor(options: ChainLineOptions) {
    const { seed, meanBytes, count, targets } = options;
    this.plans = targets.map((_, i) => new FaultPlan(seed + i * SEED_STEP, meanBytes));
    this.proxies = targets.map(
      (target, i) =>
        new FaultProxy({
          plan: this.plans[i],
          target: () => (this.isHeld ? undefined : target()),
          mayCut: () => count.mayCut,
          onCut: () => {
            if (!this.isHeld) count.cuts++;
          },
        }),
    );
  }

  get bytes(): number {
    return this.proxies.reduce((sum, { counts }) => sum + counts.bytes, 0);
  }

  async start(): Promise<void> {
    for (const proxy of this.proxies) this.addresses.push(await proxy.start());
  }

  /** Breaks it now, and lets nothing through until release(). `silent`: what is written into it vanishes unnoticed. */
  hold(ending: Ending): void {
    this.isHeld = true;
    for (const proxy of this.proxies) proxy.cutAll(ending);
  }

  release(): void {
    this.isHeld = false;
  }

  /** Breaks it now; it may be joined again at once. */
  cut(ending: Ending): void {
    for (const proxy of this.proxies) proxy.cutAll(ending);
  }

  hurry(): void {
    for (const plan of this.plans) plan.meanBytes = Math.min(plan.meanBytes, HURRIED_BYTES);
  }

  async stop(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.stop()));
  }
}
