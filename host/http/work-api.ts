/** What the HTTP room needs of components, tasks and kills (MoniQue). */
import type { Hub } from "../hub/hub.ts";
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
} from "../hub/views.ts";

export type { Author, ComponentView, HistoryLine, KillView, MonitoringLine, NewTask, TaskView };

/** A Work fits. */
export interface WorkApi {
  readonly changes: { subscribe(listener: (change: WorkChange) => void): () => void };
  components(): ComponentView[];
  /** The oldest first. */
  history(name: string): HistoryLine[];
  /** -> how many components of that name were dead, and are forgotten. */
  forgetDead(name: string): number;
  monitoring(): MonitoringLine[];
  task(id: string): TaskView | undefined;
  /** The newest first. */
  tasks(query: TaskQuery): TaskView[];
  kills(limit: number): KillView[];
  /** null: there is no hub. */
  hubView(): HubView | null;
  /** Resolves once it is taken. Rejects with BAD_SPEC, QUEUE_FULL, TASK_ID_REUSED, MONIQUE_DISABLED, … */
  submit(task: NewTask, by: Author): Promise<TaskView>;
  /** Rejects when `signal` is aborted. */
  whenEnded(id: string, signal: AbortSignal): Promise<TaskView>;
  /** Resolves with its outcome; that is audited, also when it is refused. */
  kill(id: string, options: { by: Author; children: boolean }): Promise<KillView>;
  /** Somebody who may not kill has tried to. */
  refuseKill(id: string, by: Author, why: string): void;
}

/** GET /api/v1/hub. */
export interface HubView {
  /** null: it listens nowhere. */
  addresses: Hub["addresses"];
  /** Messages by type, what was not passed on by its reason, tasks, kills by their outcome, and each of its ports. */
  counts: Hub["counts"];
}
/** GET /api/v1/components. */
export interface ComponentList {
  components: ComponentView[];
}
/** GET /api/v1/components/NAME. */
export interface ComponentHistory extends ComponentList {
  history: HistoryLine[];
}
/** DELETE /api/v1/components/NAME. */
export interface ComponentForgotten {
  name: string;
  /** How many ran under it once. */
  forgotten: number;
}
/** GET /api/v1/tasks. */
export interface TaskList {
  tasks: TaskView[];
}
/** GET /api/v1/kills. */
export interface KillList {
  kills: KillView[];
}
