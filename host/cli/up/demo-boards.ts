/** The simulated boards of a gateway, each a process of its own: over pseudo-terminals, or the network where none can be had. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../config/schema.ts";
import { BowlineError } from "../../platform/errors.ts";
import { hostInUrl } from "../gateway/locate.ts";
import { SimulatedChild, type SimulatedChildOptions } from "./simulated-child.ts";

export interface DemoBoardsOptions {
  program: string;
  count: number;
  /** Where the links to the terminals are kept; "memory": a folder of their own, removed at the end. */
  data: string;
  onDied(id: string, text: string): void;
}

/** Boards that start at once: each is a process that needs a core. */
const BATCH = 4;
/** Often enough that somebody who looks on sees values come. */
const INTERVAL_S = 2;

/** How many boards `up` simulates; `--demo` makes one where none is configured. */
export function demoCount({ demo, serial }: Config, isDemo: boolean): number {
  const isIdle = !serial.some(({ enabled }) => enabled);
  return demo.boards === 0 && isDemo && demo.enabled && isIdle ? 1 : demo.boards;
}

export class DemoBoards {
  private readonly children: SimulatedChild[] = [];
  private folder: string | undefined;
  private isStopped = false;

  constructor(private readonly options: DemoBoardsOptions) {}

  /** Starts all over pseudo-terminals -> their paths by board; rejects with PTY_UNAVAILABLE where there is none to have. */
  async startSerial(): Promise<Map<string, string>> {
    const { count, data } = this.options;
    if (data === "memory" && count > 0) this.folder = await mkdtemp(join(tmpdir(), "bowline-"));
    const paths = new Map(idsOf(count).map((id) => [id, join(this.folder ?? data, `${id}.tty`)]));
    await this.startAll([...paths].map(([id, path]) => ({ id, target: ["--serial", path], link: path })));
    return paths;
  }

  /** Starts all over the network -> their ids. */
  async startTcp({ host, port }: { host: string; port: number }): Promise<string[]> {
    const ids = idsOf(this.options.count);
    const target = ["--tcp", `${hostInUrl(host)}:${port}`];
    await this.startAll(ids.map((id) => ({ id, target })));
    return ids;
  }

  /** From now on the end of a board is no news. */
  expectEnd(): void {
    this.isStopped = true;
    for (const child of this.children) child.expectEnd();
  }

  async stop(): Promise<void> {
    this.expectEnd();
    await Promise.all(this.children.map((child) => child.stop()));
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }

  private async startAll(boards: Pick<SimulatedChildOptions, "id" | "target" | "link">[]): Promise<void> {
    const { program, onDied } = this.options;
    for (let at = 0; at < boards.length && !this.isStopped; at += BATCH) {
      const batch = boards
        .slice(at, at + BATCH)
        .map((board) => new SimulatedChild({ ...board, program, intervalS: INTERVAL_S, onDied }));
      this.children.push(...batch);
      await Promise.all(batch.map((child) => child.start()));
    }
  }
}

/** There is no pseudo-terminal here, which is no fault of the board. */
export function isPtyMissing(error: unknown): error is BowlineError {
  return error instanceof BowlineError && error.code === "PTY_UNAVAILABLE";
}

function idsOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `sim-${i + 1}`);
}
