/** How much the process holds after everything nobody holds is gone. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes, of objects and of arrays alike. */
export function heldBytes(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Bytes that `action` allocates, held or not; more when the engine compiles meanwhile, negative when it collects. */
export function allocatedBytes(action: () => void): number {
  const before = process.memoryUsage();
  action();
  const after = process.memoryUsage();
  return after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
}
