/** The other end of a workload's wire: a process of its own, asked over its channel what it received and what it took. */
import type { ChildProcess } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beginProfile, forkSelf } from "./child.ts";

/** What has not come by then is lost. */
const LATE_MS = 10_000;

/** What runs there. */
export interface FarEnd {
  /** Where it listens on 127.0.0.1; 0 where it does not. */
  port: number;
  /** Messages that came whole. */
  delivered(): number | Promise<number>;
  /** ns of CPU, besides this process's own: of a server it has started. */
  cpuNs?(): number;
  /** What it has measured since it was asked last. */
  figures?(): number[][];
  stop?(): void;
}

type Question = "delivered" | "cpu" | "figures" | "held";

export type StartFarEnd = (argument: string) => Promise<FarEnd>;

/** The process as the workload sees it. It ends with its parent. */
export class FarProcess {
  port = 0;
  private readonly child: ChildProcess;

  /** `argument`: what its maker is told. */
  constructor(
    private readonly name: string,
    argument = "",
  ) {
    this.child = forkSelf(["--far", name, "--argument", argument]);
  }

  async start(): Promise<void> {
    this.port = await this.answer();
  }

  delivered(): Promise<number> {
    return this.ask("delivered");
  }

  /** Resolves once `count` messages have come; rejects when some have not within LATE_MS. */
  async received(count: number): Promise<void> {
    const until = performance.now() + LATE_MS;
    for (;;) {
      const have = await this.delivered();
      if (have >= count) return;
      if (performance.now() > until) throw new Error(`${this.name}: ${have} messages came of ${count}`);
    }
  }

  cpuNs(): Promise<number> {
    return this.ask("cpu");
  }

  figures(): Promise<number[][]> {
    return this.ask("figures");
  }

  /** Bytes of its heap and of the buffers outside it, after a collection. */
  bytesHeld(): Promise<number> {
    return this.ask("held");
  }

  /** Ends it, where its parent goes on. */
  stop(): void {
    this.child.disconnect();
  }

  private ask<T>(what: Question): Promise<T> {
    this.child.send(what);
    return this.answer();
  }

  private answer<T>(): Promise<T> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) =>
        reject(new Error(`${this.name}: its process ended with ${code}`));
      this.child.once("exit", onExit);
      this.child.once("message", (answer) => {
        this.child.off("exit", onExit);
        resolve(answer as T);
      });
    });
  }
}

/** The process's own side; returns once the parent has gone. */
export async function serveFarEnd(start: StartFarEnd, argument: string): Promise<void> {
  const gone = new Promise((resolve) => process.once("disconnect", resolve));
  const end = await start(argument);
  process.on("message", beginProfile);
  process.on("message", async (what: Question) => process.send!(await answerOf(end, what)));
  process.send!(end.port);
  await gone;
  end.stop?.();
}

function answerOf(end: FarEnd, what: Question): number | Promise<number> | number[][] {
  if (what === "cpu") return cpuOf(end);
  if (what === "held") return bytesHeld();
  return what === "figures" ? end.figures!() : end.delivered();
}

function cpuOf(end: FarEnd): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000 + (end.cpuNs?.() ?? 0);
}

/** Of this process's heap and of the buffers outside it, after a collection. */
export function bytesHeld(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
