/** Where the API has a task. */
import { BowlineError, ExitCode } from "../../platform/errors.ts";

export function taskPath(id: string): string {
  // As the last part of a path these two name another one, however they are escaped.
  if (id === "." || id === "..") {
    const text = `looking for task ${id}: that is no id; allowed: 40 letters and digits, or the number or key of a request to a board`;
    throw new BowlineError("BAD_TASK_ID", text, ExitCode.usage, "bowline tasks");
  }
  return `api/v1/tasks/${encodeURIComponent(id)}`;
}
