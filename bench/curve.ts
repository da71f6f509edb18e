/** How the time per message goes with the size of something: the same work at several sizes, measured in turn. */
import type { Contender } from "./rounds.ts";
import type { Effort, Runner, StartRunner } from "./runner.ts";
import { median, type Spread, spreadOf } from "./statistics.ts";
import type { Workload } from "./workload.ts";

export interface Curve {
  /** Unique in its row: "queue". Its chart is named by row and it. */
  name: string;
  title: string;
  /** What grows: "packets waiting". */
  axis: string;
  sizes: number[];
  work: (size: number) => Workload;
}

/** CPU time of the process per message, its compiler's and collector's threads included, ns. */
export interface MeasuredCurve {
  name: string;
  title: string;
  axis: string;
  points: { size: number; ns: Spread }[];
  /** How far the point that is farthest from the median of all lies from it, %; the ends are of single launches. */
  deviation: Spread;
}

/** With an effort of no time, so many sizes: whether everything runs. */
const FEW = 2;
/** What a process takes depends on how its compiler fared: each point is measured by so many, one after the other. */
const LAUNCHES = 3;

const sizesFor = ({ sizes }: Curve, { roundMs }: Effort) => (roundMs > 0 ? sizes : sizes.slice(0, FEW));

const nameOf = (row: string, curve: Curve, size: number) => `${row} ${curve.name} ${size}`;

/** What runs in processes of its own. */
export function contendersOf(row: string, curve: Curve): Contender[] {
  return curve.sizes.map((size) => {
    const name = nameOf(row, curve, size);
    return { name, label: name, work: () => curve.work(size) };
  });
}

export async function measureCurve(
  row: string,
  curve: Curve,
  effort: Effort,
  start: StartRunner,
): Promise<MeasuredCurve> {
  const sizes = sizesFor(curve, effort);
  const rounds = Math.ceil(effort.rounds / LAUNCHES);
  const launches: number[][][] = [];
  for (let i = 0; i < Math.min(LAUNCHES, effort.rounds); i++) {
    const runners = sizes.map((size) => start(nameOf(row, curve, size), () => curve.work(size), "time"));
    launches.push(await measureOnce(runners, { ...effort, rounds }));
  }
  const points = sizes.map((size, i) => ({ size, ns: spreadOf(launches.flatMap((launch) => launch[i])) }));
  const { name, title, axis } = curve;
  return { name, title, axis, points, deviation: deviationOf(launches, points) };
}

/** ns, a list of rounds for each. */
async function measureOnce(runners: readonly Runner[], effort: Effort): Promise<number[][]> {
  const times = runners.map(() => [] as number[]);
  try {
    const cycles: number[] = [];
    for (const runner of runners) cycles.push(await runner.warm(effort));
    for (let round = 0; round < effort.rounds; round++)
      for (const [i, runner] of runners.entries()) {
        const { messages, cpuNs } = await runner.run(cycles[i]);
        times[i].push(cpuNs / messages);
      }
    return times;
  } finally {
    for (const runner of runners) await runner.stop();
  }
}

/** Of all launches together; the ends are those of each alone. */
function deviationOf(launches: readonly number[][][], points: MeasuredCurve["points"]): Spread {
  const alone = launches.map((launch) => farthest(launch.map(median)));
  return { ...spreadOf(alone), median: farthest(points.map(({ ns }) => ns.median)) };
}

/** How far the value that is farthest from the median of all lies from it, %. */
export function farthest(values: readonly number[]): number {
  const middle = median(values);
  return Math.max(...values.map((value) => Math.abs(value / middle - 1) * 100));
}
