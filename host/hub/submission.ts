/** A task that is handed over here, checked and made a message. */
import { createHash } from "node:crypto";
import { formatData } from "../monique/data.ts";
import { drawId, isId } from "../monique/id.ts";
import type { Message } from "../monique/message.ts";
import { isCreator, isSpec } from "../monique/names.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { TaskLimits } from "./hub-settings.ts";
import type { Author, NewTask } from "./views.ts";

/** What the technical layer means something by, and errors, which are answers. */
const TECHNICAL = new Set(["monitoring", "kill", "error"]);

export interface SubmissionLimits {
  maxMessageBytes: number;
  isAllowed(spec: string): boolean;
}

/** Throws a BowlineError for what would be refused. `creator`: who the hub is. */
export function messageOf(
  task: NewTask,
  { who }: Author,
  creator: string,
  now: number,
  limits: SubmissionLimits,
): Message {
  const { spec, type = "config", encoding = "JSON", id = drawId(), pid = "", expiresInMs } = task;
  if (!isSpec(spec) || TECHNICAL.has(spec))
    throw refused(
      "BAD_SPEC",
      `spec ${JSON.stringify(spec)}`,
      "allowed: project_message, of small letters, digits and dashes",
    );
  if (!limits.isAllowed(spec))
    throw refused(
      "SPEC_NOT_ALLOWED",
      `spec ${spec}: it is not among monique.hub.allow`,
      "allowed: one of those",
    );
  if (!isId(id)) throw refused("BAD_TASK_ID", `id ${JSON.stringify(id)}`, "allowed: 40 letters and digits");
  if (pid !== "" && !isId(pid))
    throw refused("BAD_TASK_ID", `pid ${JSON.stringify(pid)}`, "allowed: 40 letters and digits");
  if (expiresInMs !== undefined && !(expiresInMs > 0))
    throw refused("BAD_EXPIRY", `expires in ${expiresInMs} ms`, "allowed: more than 0");
  const data = dataOf(task.data, encoding);
  if (data.length > limits.maxMessageBytes)
    throw refused("TASK_TOO_LARGE", `${data.length} bytes of data`, `allowed: ${limits.maxMessageBytes}`);
  const expires_at = expiresInMs === undefined ? 0 : Math.ceil(now + expiresInMs);
  return {
    id,
    pid,
    creator: isCreator(who) ? who : creator,
    created_at: now,
    expires_at,
    spec,
    encoding,
    type,
    data,
  };
}

/** Tells another task under the same id. */
export function digestOf({ spec, encoding, data }: Message): string {
  return createHash("sha256").update(`${spec} ${encoding} `).update(data).digest("base64").slice(0, 22);
}

function dataOf(value: unknown, encoding: Message["encoding"]): Uint8Array {
  try {
    return formatData(value, encoding);
  } catch (error) {
    if (error instanceof TypeError)
      throw refused("BAD_DATA", error.message, `allowed: what ${encoding} has a form for`);
    throw error;
  }
}

function refused(code: string, seen: string, allowed: string): BowlineError {
  return new BowlineError(code, `handing over a task: ${seen}; ${allowed}`, ExitCode.usage);
}

export function reusedId(id: string): BowlineError {
  const text = `handing over task ${id}: another task had this id; allowed: an id of its own, or the same task again`;
  return new BowlineError("TASK_ID_REUSED", text, ExitCode.refused, `bowline tasks ${id}`);
}

export function fullQueue(id: string, { tasks, bytes }: TaskLimits): BowlineError {
  const text = `handing over task ${id}: too many tasks wait; allowed: ${tasks} of ${bytes} bytes together`;
  return new BowlineError("QUEUE_FULL", text, ExitCode.busy, "bowline tasks");
}

export function noSuchTask(id: string): BowlineError {
  const text = `looking for task ${id}: none with this id is known; allowed: the id of one that was heard of lately`;
  return new BowlineError("NO_SUCH_TASK", text, ExitCode.notFound, "bowline tasks");
}
