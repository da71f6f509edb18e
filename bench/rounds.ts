/** Several contenders measured in turn, round after round, so that a slow moment of the machine meets them all. */
import type { Effort, Runner, StartRunner } from "./runner.ts";
import type { Spread } from "./statistics.ts";
import { ratioOf, spreadOf } from "./statistics.ts";
import type { Workload } from "./workload.ts";

export interface Contender {
  /** Unique among all rows: "P1 ws 64". */
  name: string;
  label: string;
  work: () => Workload;
}

export interface Measurement {
  label: string;
  /** Million messages a second, a value a round. */
  rates: number[];
  rate: Spread;
  /** CPU time per message, ns. */
  cpuNs: number;
  /** Bytes allocated per message, where that was asked. */
  bytes?: number;
  /** The first contender's rate as a multiple of this one's. */
  ratio: Spread;
  /** The same by CPU time per message, which a busy machine disturbs less. */
  cpuRatio: number;
}

/** Rates, and what is allocated. The first contender is ours. */
export async function measure(
  contenders: readonly Contender[],
  effort: Effort,
  start: StartRunner,
): Promise<Measurement[]> {
  const allocated = await measureAllocations(contenders, effort, start);
  const measurements = await measureRates(contenders, effort, start);
  return measurements.map((one, i) => ({ ...one, bytes: allocated[i] }));
}

/** Rates alone. The first contender is ours. */
export async function measureRates(
  contenders: readonly Contender[],
  effort: Effort,
  start: StartRunner,
): Promise<Measurement[]> {
  const runners = contenders.map(({ name, work }) => start(name, work, "time"));
  const rates = contenders.map(() => [] as number[]);
  const cpu = contenders.map(() => [] as number[]);
  try {
    const cycles: number[] = [];
    for (const runner of runners) cycles.push(await runner.warm(effort));
    for (let round = 0; round < effort.rounds; round++)
      for (const [i, runner] of runners.entries()) {
        const { messages, wallNs, cpuNs } = await runner.run(cycles[i]);
        rates[i].push((messages * 1e3) / wallNs);
        cpu[i].push(cpuNs / messages);
      }
  } finally {
    await stopAll(runners);
  }
  return contenders.map(({ label }, i) => ({
    label,
    rates: rates[i],
    rate: spreadOf(rates[i]),
    cpuNs: spreadOf(cpu[i]).median,
    ratio: ratioOf(rates[0], rates[i]),
    cpuRatio: ratioOf(cpu[i], cpu[0]).median,
  }));
}

async function measureAllocations(
  contenders: readonly Contender[],
  effort: Effort,
  start: StartRunner,
): Promise<number[]> {
  const bytes: number[] = [];
  for (const contender of contenders) {
    // What a process allocates depends on how its compiler fared, now and then by a number a message: the median counts.
    const runs: number[] = [];
    for (let i = 0; i < effort.allocationProcesses; i++)
      runs.push(await measureAllocation(contender, effort, start));
    bytes.push(spreadOf(runs).median);
  }
  return bytes;
}

async function measureAllocation(
  { name, work }: Contender,
  effort: Effort,
  start: StartRunner,
): Promise<number> {
  const runner = start(name, work, "memory");
  try {
    await runner.warm(effort);
    return await runner.allocate(effort);
  } finally {
    await runner.stop();
  }
}

async function stopAll(runners: readonly Runner[]): Promise<void> {
  for (const runner of runners) await runner.stop();
}
