/** Work that grows with its input, and no faster. */
import { hold } from "../proof.ts";

/** Works on something of this size. */
export type Work = (size: number) => void;

/** How much shorter the shorter work is. */
const TIMES = 8;
/** Work that grows with the square takes 64 times as long; half of that is far from what noise does. */
const MOST_TIMES_LONGER = 32;
const TRIES = 3;

/** Eight times as much takes about eight times as long; returns how many works were measured. */
export function holdLinear(works: Readonly<Record<string, Work>>, long: number): number {
  for (const [name, work] of Object.entries(works)) {
    let [least, most] = [Infinity, Infinity];
    for (let i = 0; i < TRIES; i++) {
      least = Math.min(least, cpuOf(() => repeat(() => work(long / TIMES), 4)) / 4);
      most = Math.min(
        most,
        cpuOf(() => work(long)),
      );
    }
    hold(
      most <= MOST_TIMES_LONGER * least,
      () => `${name}: ${TIMES} times as much takes ${most / least} times as long`,
    );
  }
  return Object.keys(works).length;
}

function repeat(action: () => void, times: number): void {
  for (let i = 0; i < times; i++) action();
}

/** µs of this process, so that others on the machine do not count. */
function cpuOf(action: () => void): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
