/** A task that is handed over under an id of our own, so that handing it over again is no second task. */
import type { KillView, NewTask, TaskView } from "../../http/work-api.ts";
import { drawId } from "../../monique/id.ts";
import { BowlineError } from "../../platform/errors.ts";
import { connectClient, GatewayClient } from "../gateway/client.ts";
import { isAbortError } from "../gateway/http-call.ts";
import type { GatewayOptions } from "../gateway/locate.ts";
import { askPatiently } from "../gateway/patient-ask.ts";
import type { Terminal } from "../process/terminal.ts";
import { killWords } from "./kill-words.ts";
import { taskPath } from "./task-path.ts";

/** ms for the outcome of a kill; the gateway knows it after 10 s. */
const KILL_MS = 15_000;

export class RunningTask {
  readonly id = drawId();
  private client: GatewayClient | null = null;

  constructor(
    private readonly options: GatewayOptions,
    private readonly terminal: Terminal,
    private readonly task: NewTask,
  ) {}

  /** Resolves once it is taken. */
  submit(): Promise<TaskView> {
    return this.post("", 0);
  }

  /** Rejects with TASK_PENDING when it has not ended after so long. */
  untilEnded(timeoutMs: number): Promise<TaskView> {
    this.terminal.progress(`task ${this.id}: Ctrl-C kills it`);
    return this.post("wait=1", timeoutMs);
  }

  /** After Ctrl-C; says in words what became of it. */
  async kill(): Promise<string> {
    const { client, id, terminal } = this;
    if (client === null) return "it was not handed over";
    terminal.progress(`killing ${id}; Ctrl-C leaves now`);
    const own = new GatewayClient(client.place, AbortSignal.timeout(KILL_MS));
    try {
      return killWords((await own.delete(taskPath(id))) as KillView);
    } catch (error) {
      if (!(error instanceof BowlineError || isAbortError(error))) throw error;
      return `the gateway could not be told to kill ${id}: it may go on; bowline kill ${id}`;
    }
  }

  private post(query: string, timeoutMs: number): Promise<TaskView> {
    return askPatiently({ verb: "run", terminal: this.terminal, timeoutMs }, async (leftMs) => {
      this.client = await connectClient(
        this.options,
        this.terminal,
        `the end of ${this.id.slice(0, 8)}…; Ctrl-C kills it`,
      );
      const wait = query === "" ? "" : `?${query}&timeout=${Math.ceil(leftMs) / 1000}`;
      return (await this.client.post(`api/v1/tasks${wait}`, { ...this.task, id: this.id })) as TaskView;
    });
  }
}
