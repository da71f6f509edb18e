/** The lines between the boards and the gateway: a proxy or a cable for each, faults on it as its seed has them. */
import { join } from "node:path";
import { FaultPlan } from "../../chaos/fault-plan.ts";
import { type Address, FaultProxy } from "../../chaos/fault-proxy.ts";
import { FaultyCable } from "../../chaos/faulty-cable.ts";
import type { SimulatedBoardOptions } from "../../simulator/simulated-board-options.ts";

export interface LinesOptions {
  ids: readonly string[];
  isSerial: boolean;
  /** Links to the terminals are made here. */
  folder: string;
  seed: number;
  /** Cuts wanted, over all lines. */
  cuts: number;
  meanBytes: number;
  /** Where the gateway listens now. */
  target(): { host: string; port: number } | undefined;
  onFault(error: unknown): void;
}

/** One byte in so many is hit on a cable: ten times worse than a bad one. */
const NOISE = 1e-4;
/** Once all messages are there a line carries little, so what cuts are left come soon. */
const HURRIED_BYTES = 300;

interface Line {
  /** Where it begins, of one over the network. */
  address?: Address;
  transport: SimulatedBoardOptions["transport"];
  /** The configuration's entry for it. */
  path: string | undefined;
  bytes(): number;
  heal(): void;
  stop(): Promise<void>;
}

export class Lines {
  cuts = 0;
  private readonly lines: Line[] = [];
  private readonly plans: FaultPlan[] = [];
  private isHealed = false;

  constructor(private readonly options: LinesOptions) {}

  get isDone(): boolean {
    return this.cuts >= this.options.cuts;
  }

  get bytes(): number {
    return this.lines.reduce((sum, line) => sum + line.bytes(), 0);
  }

  /** Ports for the gateway's configuration. */
  get paths(): string[] {
    return this.lines.flatMap(({ path }) => path ?? []);
  }

  async start(): Promise<void> {
    const { ids, isSerial, seed, meanBytes } = this.options;
    for (const [i, id] of ids.entries()) {
      // Each line has a sequence of its own, so that what one carries does not move the faults of another.
      const plan = new FaultPlan(seed + i * 7919, meanBytes);
      this.plans.push(plan);
      this.lines.push(isSerial ? await this.cable(id, plan) : await this.proxy(plan));
    }
  }

  transport(i: number): SimulatedBoardOptions["transport"] {
    return this.lines[i].transport;
  }

  /** Where a program connects to, of lines over the network. */
  address(i: number): Address {
    return this.lines[i].address!;
  }

  /** What is left to be cut comes soon. */
  hurry(): void {
    for (const plan of this.plans) plan.meanBytes = Math.min(plan.meanBytes, HURRIED_BYTES);
  }

  /** No more faults. */
  heal(): void {
    this.isHealed = true;
    for (const line of this.lines) line.heal();
  }

  async stop(): Promise<void> {
    await Promise.all(this.lines.map((line) => line.stop()));
  }

  private readonly mayCut = () => !this.isHealed && !this.isDone;

  private readonly onCut = () => {
    this.cuts++;
  };

  private async proxy(plan: FaultPlan): Promise<Line> {
    const { target } = this.options;
    const proxy = new FaultProxy({ plan, target, mayCut: this.mayCut, onCut: this.onCut });
    const address = await proxy.start();
    return {
      address,
      transport: { kind: "tcp", ...address },
      path: undefined,
      bytes: () => proxy.counts.bytes,
      heal() {},
      stop: () => proxy.stop(),
    };
  }

  private async cable(id: string, plan: FaultPlan): Promise<Line> {
    const link = join(this.options.folder, `${id}.tty`);
    const { mayCut, onCut } = this;
    const { onFault } = this.options;
    const cable = new FaultyCable({ link, plan, noise: { rate: NOISE }, mayCut, onCut, onFault });
    await cable.start();
    return {
      transport: { kind: "serial", port: cable },
      path: link,
      bytes: () => cable.counts.bytes,
      heal: () => cable.heal(),
      stop: () => cable.stop(),
    };
  }
}
