/** What a person does on the page: runs tasks, and kills them. */
import type { Kill, Task } from "./shapes.ts";
import type { KillState, WorkModel } from "./work-model.ts";

/** The gateway knows what became of a kill after 10 s. */
const TIMEOUT_MS = 20_000;

export class WorkDesk {
  /** `onChange` is called after every change of the model. */
  constructor(
    private readonly work: WorkModel,
    private readonly onChange: () => void,
  ) {}

  /** Resolves once it is taken; rejects with words for a person. */
  async run(spec: string, data: string): Promise<Task> {
    const task = await call<Task>("POST", "/api/v1/tasks", { spec, data: parse(data) });
    this.work.takeTask(task);
    this.onChange();
    return task;
  }

  /** Never rejects: what became of it is in the model. */
  async kill(id: string, withChildren: boolean): Promise<void> {
    this.note(id, { is: "asked" });
    const path = `/api/v1/tasks/${encodeURIComponent(id)}${withChildren ? "?children=1" : ""}`;
    try {
      this.note(id, { is: "known", kill: await call<Kill>("DELETE", path) });
    } catch (error) {
      this.note(id, { is: "fault", fault: (error as Error).message });
    }
  }

  private note(id: string, state: KillState): void {
    this.work.kills.set(id, state);
    this.onChange();
  }
}

function parse(data: string): unknown {
  if (data.trim() === "") return {};
  try {
    return JSON.parse(data);
  } catch (error) {
    throw new Error(`Its data is no JSON: ${(error as Error).message}`);
  }
}

async function call<T>(method: "POST" | "DELETE", path: string, body?: object): Promise<T> {
  const sent = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, { method, ...sent, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const answer: T & { error?: { message: string } } = await response.json();
  if (answer.error === undefined || response.ok) return answer;
  throw new Error(answer.error.message);
}
