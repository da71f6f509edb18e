/** Work without a hub: a test says which components and tasks there are, and what becomes of kills. */
import type {
  Author,
  ComponentView,
  HistoryLine,
  KillView,
  MonitoringLine,
  NewTask,
  TaskQuery,
  TaskView,
  WorkChange,
} from "../../hub/views.ts";
import { Topic } from "../../router/router.ts";
import type { HubView, WorkApi } from "../work-api.ts";

/** The others are ends. */
const openStates: readonly string[] = ["queued", "delivered", "running"];

export class FakeWork implements WorkApi {
  readonly changes = new Topic<WorkChange>((error) => {
    throw error;
  });
  componentViews: ComponentView[] = [];
  historyLines: HistoryLine[] = [];
  lines: MonitoringLine[] = [];
  taskViews: TaskView[] = [];
  killViews: KillView[] = [];
  /** What was asked for, in order. */
  readonly asked: unknown[][] = [];
  /** Replaces what a kill comes to. */
  killed: Partial<KillView> = {};
  private readonly waiting = new Map<string, (view: TaskView) => void>();

  components = () => this.componentViews;
  history = (name: string) => this.historyLines.filter((line) => line.name === name);
  monitoring = () => this.lines;
  forgetDead(name: string): number {
    const left = this.componentViews.filter((one) => one.name !== name || one.state !== "dead");
    const forgotten = this.componentViews.length - left.length;
    this.componentViews = left;
    return forgotten;
  }
  task = (id: string) => this.taskViews.find((one) => one.id === id);
  hub: HubView | null = null;
  hubView = () => this.hub;
  kills = (limit: number) => this.killViews.slice(0, limit);

  tasks(query: TaskQuery): TaskView[] {
    this.asked.push(["tasks", query]);
    return this.taskViews.slice(0, query.limit);
  }

  async submit(task: NewTask, by: Author): Promise<TaskView> {
    this.asked.push(["submit", task, by]);
    const view = taskView({ id: task.id ?? `task-${this.taskViews.length + 1}`, spec: task.spec });
    if (this.task(view.id) === undefined) this.taskViews.push(view);
    return view;
  }

  whenEnded(id: string, signal: AbortSignal): Promise<TaskView> {
    return new Promise((resolve, reject) => {
      this.waiting.set(id, resolve);
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  }

  async kill(id: string, options: { by: Author; children: boolean }): Promise<KillView> {
    this.asked.push(["kill", id, options]);
    return killView({ task: id, by: options.by, ...this.killed });
  }

  refuseKill(id: string, by: Author, why: string): void {
    this.asked.push(["refuseKill", id, by, why]);
  }

  isWaitedFor(id: string): boolean {
    return this.waiting.has(id);
  }

  /** A task is other than before; who waits for its end is told. */
  change(id: string, fields: Partial<TaskView>): void {
    const view = { ...this.task(id)!, ...fields };
    this.taskViews = this.taskViews.map((one) => (one.id === id ? view : one));
    this.changes.publish({ kind: "task", id });
    if (!openStates.includes(view.state)) this.waiting.get(id)?.(view);
  }
}

export function taskView(fields: Partial<TaskView> = {}): TaskView {
  return {
    id: "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot",
    spec: "example_calculator",
    ...{ creator: "0000-jobcontrol", parent: "", children: [], state: "queued", on: "" },
    ...{ createdAt: 1_795_301_705_980, expiresAt: 0, at: 1_795_301_705_980, deliveries: 0, isSilent: false },
    ...fields,
  };
}

export function killView(fields: Partial<KillView> = {}): KillView {
  return {
    at: 1_795_301_705_980,
    task: "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot",
    by: { via: "http", who: "control at 127.0.0.1" },
    ...{ spec: "example_calculator", outcome: "confirmed", how: "withdrawn from the queue", why: "", ms: 3 },
    children: [],
    ...fields,
  };
}

export function componentView(name: string, fields: Partial<ComponentView> = {}): ComponentView {
  return {
    name,
    ...{ creator: "0000-calculator-py", instances: 1, state: "alive", isDown: false, isSilent: false },
    ...{ message: "", syncTime: 1_795_301_705_979, heardAt: 1_795_301_705_980, skewMs: 1 },
    ...{ rhythmMs: 60_000, heartbeats: 3, invalid: 0, address: "127.0.0.1:53122", since: 1_795_301_585_980 },
    ...fields,
  };
}
