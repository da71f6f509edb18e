/**
 * Tasks over the API: seen, run, killed (MoniQue KILL2).
 *
 *   POST   /api/v1/tasks        runs one; 202, or with ?wait=1 its end
 *   DELETE /api/v1/tasks/ID     kills it; answers once it is known what became of that
 *
 * A request to a board is a task as well: its id is the key it came with, or its number.
 */
import type { IncomingMessage } from "node:http";
import { type TaskQuery, taskStates } from "../hub/views.ts";
import { encodings, messageTypes } from "../monique/message.ts";
import { readObject } from "./body.ts";
import { HttpFault, sendJson } from "./fault.ts";
import { checkFields, readFlag, readLimit, readTimeoutS } from "./query.ts";
import type { Call, Route } from "./routes.ts";
import type { Author, KillList, KillView, NewTask, TaskList, TaskView, WorkApi } from "./work-api.ts";

const taskLimit = { most: 10_000, usual: 100 };
const DEFAULT_TIMEOUT_S = 30;
/** MoniQue: the most that is recommended for the data of a message. */
const MAX_TASK_BYTES = 1_048_576;
const taskFields = ["spec", "data", "encoding", "type", "id", "pid", "expiresInMs"];
const MEND = 'send {"spec":"example_clock","data":{}}';

export class TaskRoutes {
  private readonly waiting = new Set<AbortController>();

  constructor(private readonly work: WorkApi) {}

  get routes(): Route[] {
    const { work } = this;
    const path = "/api/v1/tasks";
    return [
      {
        ...{ method: "GET", path, role: "read", query: ["state", "spec", "limit"] },
        answer: ({ url }): TaskList => ({ tasks: work.tasks(readQuery(url)) }),
      },
      { method: "GET", path: `${path}/ID`, role: "read", answer: ({ id }) => this.find(id) },
      {
        ...{ method: "POST", path, role: "control", query: ["wait", "timeout"] },
        answer: (call) => this.run(call),
      },
      {
        ...{ method: "DELETE", path: `${path}/ID`, role: "control", query: ["children"] },
        answer: (call) => this.kill(call),
        refused: ({ id, request }, role, why) =>
          work.refuseKill(id, authorOf(request, role ?? "nobody"), why),
      },
      {
        ...{ method: "GET", path: "/api/v1/kills", role: "read", query: ["limit"] },
        answer: ({ url }): KillList => ({ kills: work.kills(readLimit(url, taskLimit)) }),
      },
    ];
  }

  /** Ends all that are waited for; the tasks go on. */
  stop(): void {
    for (const controller of this.waiting) controller.abort();
  }

  private find(id: string): TaskView {
    const found = this.work.task(id);
    if (found !== undefined) return found;
    const text = `looking for task ${id.slice(0, 80)}: no such task, or its end is too old to be kept`;
    throw new HttpFault(404, "TASK_UNKNOWN", text, { mend: "bowline tasks" });
  }

  private async run({ request, response, url }: Call): Promise<TaskView | undefined> {
    const isWaitedFor = readFlag(url, "wait");
    const timeoutS = readTimeoutS(url, DEFAULT_TIMEOUT_S);
    const task = readTask(await readObject(request, MAX_TASK_BYTES, MEND));
    const view = await this.work.submit(task, authorOf(request, "control"));
    if (isWaitedFor) return this.waitFor(view, timeoutS, response);
    sendJson(response, 202, view);
    return undefined;
  }

  private async waitFor(
    { id, spec }: TaskView,
    timeoutS: number,
    response: Call["response"],
  ): Promise<TaskView> {
    const controller = new AbortController();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      controller.abort();
    }, timeoutS * 1000);
    const abort = () => controller.abort();
    response.once("close", abort);
    this.waiting.add(controller);
    try {
      return await this.work.whenEnded(id, controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) throw error;
      throw isLate ? late(this.work.task(id), id, spec, timeoutS) : stopping(id, spec);
    } finally {
      clearTimeout(timer);
      response.off("close", abort);
      this.waiting.delete(controller);
    }
  }

  private async kill({ id, request, url }: Call): Promise<KillView> {
    const children = readFlag(url, "children");
    const view = await this.work.kill(id, { by: authorOf(request, "control"), children });
    if (view.outcome !== "refused") return view;
    const text = `killing task ${JSON.stringify(id.slice(0, 80))}: ${view.why}`;
    throw new HttpFault(400, "BAD_TASK_ID", text, { mend: "bowline tasks", details: { kill: view } });
  }
}

/** A token has a role and no name; who shows it is known by the address alone. */
function authorOf({ socket }: IncomingMessage, role: string): Author {
  return { via: "http", who: `${role} at ${socket.remoteAddress ?? "an address unknown"}` };
}

function readQuery(url: URL): TaskQuery {
  const state = url.searchParams.get("state");
  const spec = url.searchParams.get("spec");
  if (state !== null && !isState(state)) {
    const text = `reading state: ${JSON.stringify(state.slice(0, 40))}; allowed: ${askedStates.join(", ")}`;
    throw new HttpFault(400, "QUERY_INVALID", text);
  }
  return {
    limit: readLimit(url, taskLimit),
    ...(state !== null && { state }),
    ...(spec !== null && { spec }),
  };
}

const askedStates = [...taskStates, "silent"] as const;
const isState = (text: string): text is (typeof askedStates)[number] =>
  (askedStates as readonly string[]).includes(text);

/** Its shape alone: what a spec or an id may be the hub says. */
function readTask(body: Record<string, unknown>): NewTask {
  checkFields(body, taskFields);
  const { spec, data = {}, encoding, type, id, pid, expiresInMs } = body;
  if (typeof spec !== "string" || spec === "")
    throw invalid("spec, the name of what is to be done, is missing");
  for (const [name, value] of Object.entries({ id, pid }))
    if (value !== undefined && typeof value !== "string") throw invalid(`${name} is no text`);
  if (encoding !== undefined && !isOf(encodings, encoding))
    throw invalid(`encoding is none of ${encodings.join(", ")}`);
  if (type !== undefined && !isOf(messageTypes, type))
    throw invalid(`type is none of ${messageTypes.join(", ")}`);
  if (expiresInMs !== undefined && !(typeof expiresInMs === "number" && expiresInMs > 0))
    throw invalid("expiresInMs is no number above 0");
  return {
    ...{ spec, data },
    ...(encoding !== undefined && { encoding }),
    ...(type !== undefined && { type }),
    ...(id !== undefined && { id: id as string }),
    ...(pid !== undefined && { pid: pid as string }),
    ...(expiresInMs !== undefined && { expiresInMs }),
  };
}

function isOf<T extends string>(allowed: readonly T[], value: unknown): value is T {
  return (allowed as readonly unknown[]).includes(value);
}

function invalid(seen: string): HttpFault {
  const text = `reading the task: ${seen}; allowed: {"spec":"example_clock","data":{…}}`;
  return new HttpFault(400, "REQUEST_INVALID", text, { mend: MEND });
}

function late(task: TaskView | undefined, id: string, spec: string, timeoutS: number): HttpFault {
  const text = `running ${spec}: no answer within ${timeoutS} s; the task goes on, ${placeOf(task)}`;
  return new HttpFault(504, "TASK_PENDING", text, { mend: `bowline tasks ${id}`, details: { task: id } });
}

function heardWords(listeners: number): string {
  if (listeners === 0) return "nobody listens for it";
  return `${listeners} ${listeners === 1 ? "connection" : "connections"} heard it; nobody has answered yet`;
}

/** Who has it, or that nobody has. */
function placeOf(task: TaskView | undefined): string {
  if (task?.state === "queued" && task.listeners !== undefined) return `and ${heardWords(task.listeners)}`;
  if (task === undefined || task.state === "queued") return "and nobody has said that it is theirs yet";
  return `${task.state} ${task.state === "delivered" ? "to" : "on"} ${task.on}`;
}

function stopping(id: string, spec: string): HttpFault {
  const text = `running ${spec}: the gateway is stopping; the task goes on with the next one`;
  return new HttpFault(503, "GATEWAY_STOPPING", text, { mend: `bowline tasks ${id}`, details: { task: id } });
}
