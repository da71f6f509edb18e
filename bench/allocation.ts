/**
 * Bytes a workload allocates per message: what the heap and the buffers outside it grew by between two collections.
 *
 * A collection in between would hide some, so this runs in a process of its own with a young generation that holds all
 * of it; timing runs have the default one.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { median } from "./statistics.ts";
import type { Workload } from "./workload.ts";
import { runCycles } from "./workload.ts";

const SEMI_SPACE_MB = 128;

/** Arguments of Node for the process that measures. */
export const allocationFlags = [
  `--min-semi-space-size=${SEMI_SPACE_MB}`,
  `--max-semi-space-size=${SEMI_SPACE_MB}`,
];

/** Far below the young generation, so that nothing is collected. */
const ROOM_BYTES = (SEMI_SPACE_MB / 8) * 1024 * 1024;
const REPEATS = 5;

/** The workload is warm. `cycles`: at most as many are run at once. */
export async function allocatedPerMessage(workload: Workload, cycles: number): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const first = await grownBy(workload, 1, collect);
  const fitting = Math.max(1, Math.min(cycles, Math.floor(ROOM_BYTES / Math.max(1, first))));
  const grown: number[] = [];
  for (let i = 0; i < REPEATS; i++) grown.push(await grownBy(workload, fitting, collect));
  return Math.max(0, median(grown)) / (fitting * workload.messages);
}

async function grownBy(workload: Workload, cycles: number, collect: () => void): Promise<number> {
  collect();
  const looking = -bytesUsed() + bytesUsed(); // what the measurement itself allocates
  const before = bytesUsed();
  await runCycles(workload, cycles);
  return bytesUsed() - before - looking;
}

function bytesUsed(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
