/** A piece of work that is repeated in cycles, by ours and by the peers alike, and how a process runs it. */

export interface Workload {
  /** Messages of a cycle. */
  messages: number;
  /** Once, before all else. */
  start?(): Promise<void>;
  /** Finds the settings that suit it best, before it is warmed up. */
  tune?(): Promise<void>;
  /** Works through all of them once. */
  cycle(): void | Promise<void>;
  /** After the last cycle of a run: what is still on its way has arrived. */
  finish?(): Promise<void>;
  /** Messages that came out whole since the beginning. */
  delivered(): number | Promise<number>;
  /** CPU time of the processes at its other end since they began, ns. */
  farCpuNs?(): Promise<number>;
}

/** What one run of a workload took. */
export interface Run {
  messages: number;
  wallNs: number;
  /** User and system time of the whole process, and of those at its other end: the collector's and the compiler's threads count too. */
  cpuNs: number;
}

/** Runs `cycles` cycles. Throws when not every message came out: a fast loser is no winner. */
export async function runCycles(workload: Workload, cycles: number): Promise<Run> {
  const messages = cycles * workload.messages;
  const before = await workload.delivered();
  const farCpuNs = (await workload.farCpuNs?.()) ?? 0;
  const cpu = process.cpuUsage();
  const begin = process.hrtime.bigint();
  for (let i = 0; i < cycles; i++) {
    const waiting = workload.cycle();
    if (waiting !== undefined) await waiting;
  }
  if (workload.finish !== undefined) await workload.finish();
  const wallNs = Number(process.hrtime.bigint() - begin);
  const { user, system } = process.cpuUsage(cpu);
  const farNs = ((await workload.farCpuNs?.()) ?? 0) - farCpuNs;
  const delivered = (await workload.delivered()) - before;
  if (delivered !== messages) throw new Error(`run: ${delivered} messages came out of ${messages}`);
  return { messages, wallNs, cpuNs: (user + system) * 1000 + farNs };
}

/** Runs it for about `ms`, so that it is compiled; returns how many cycles take about `roundMs`. */
export async function warmUp(workload: Workload, ms: number, roundMs: number): Promise<number> {
  let cycles = 1;
  let last = await runCycles(workload, cycles);
  for (let left = ms * 1e6 - last.wallNs; left > 0; left -= last.wallNs) {
    // At most doubled: the first runs are slow and say little.
    cycles = Math.max(1, Math.min(2 * cycles, Math.round((cycles * roundMs * 1e6) / last.wallNs)));
    last = await runCycles(workload, cycles);
  }
  return Math.max(1, Math.round((cycles * roundMs * 1e6) / last.wallNs));
}
