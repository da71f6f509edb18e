/** Where a workload runs: a process of its own, so that no peer's code or garbage is in another's way. */
import type { ChildProcess } from "node:child_process";
import { allocatedPerMessage, allocationFlags } from "./allocation.ts";
import { beginProfile, forkSelf } from "./child.ts";
import type { Run, Workload } from "./workload.ts";
import { runCycles, warmUp } from "./workload.ts";

/** ms and cycles of a measurement. */
export interface Effort {
  rounds: number;
  warmUpMs: number;
  roundMs: number;
  /** At most as many cycles at once when allocations are measured, and by how many processes, one after the other. */
  allocationCycles: number;
  allocationProcesses: number;
}

type Order =
  | { do: "warm"; warmUpMs: number; roundMs: number }
  | { do: "run"; cycles: number }
  | { do: "allocate"; cycles: number };

export interface Runner {
  /** Cycles that take about a round. */
  warm(effort: Effort): Promise<number>;
  run(cycles: number): Promise<Run>;
  /** Bytes per message. */
  allocate(effort: Effort): Promise<number>;
  stop(): Promise<void>;
}

/** How runners are made: in processes, or for tests in this one. */
export type StartRunner = (name: string, work: () => Workload, purpose: "time" | "memory") => Runner;

/** What a process answers. */
async function obey(workload: Workload, order: Order): Promise<number | Run> {
  if (order.do === "warm" && order.warmUpMs > 0) await workload.tune?.();
  if (order.do === "warm") return warmUp(workload, order.warmUpMs, order.roundMs);
  if (order.do === "run") return runCycles(workload, order.cycles);
  return allocatedPerMessage(workload, order.cycles);
}

function runnerOf(ask: (order: Order) => Promise<unknown>, stop: () => Promise<void>): Runner {
  return {
    warm: ({ warmUpMs, roundMs }) => ask({ do: "warm", warmUpMs, roundMs }) as Promise<number>,
    run: (cycles) => ask({ do: "run", cycles }) as Promise<Run>,
    allocate: ({ allocationCycles: cycles }) => ask({ do: "allocate", cycles }) as Promise<number>,
    stop,
  };
}

/** Runs in this process. */
export const startHere: StartRunner = (_name, work) => {
  const workload = work();
  return runnerOf(
    (order) => obey(workload, order),
    async () => {},
  );
};

/** Runs in a child of this program, told by `--work NAME` what to do. */
export const startChild: StartRunner = (name, _work, purpose) => {
  const execArgv = purpose === "memory" ? allocationFlags : [];
  const child = forkSelf(["--work", name], execArgv);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.disconnect();
    await gone;
  };
  return runnerOf((order) => askChild(child, name, order), stop);
};

function askChild(child: ChildProcess, name: string, order: Order): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`${name}: its process ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (answer) => {
      child.off("exit", onExit);
      resolve(answer);
    });
    child.send(order);
  });
}

/** The child's side of startChild; returns once the parent has gone. */
export async function serve(workload: Workload): Promise<void> {
  const started = workload.start?.();
  process.on("message", async (order: Order) => {
    await started;
    if (order.do === "run") beginProfile();
    process.send!(await obey(workload, order));
  });
  await new Promise((resolve) => process.once("disconnect", resolve));
}
