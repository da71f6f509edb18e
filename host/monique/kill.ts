/** Kill messages: which task is to stop (MoniQue KILL2). */
import { formatData, readData } from "./data.ts";
import { isFault, MoniqueFault, quoted } from "./fault.ts";
import { isId } from "./id.ts";
import type { Encoding } from "./message.ts";

/**
 * The id of the task, or why there is none. Ids of any other form are refused: to existing components "" and null mean
 * everybody, and one word means a second worker that answers everything twice (MoniQue trap 1).
 */
export function readKill(message: { data: Uint8Array; encoding: Encoding }): string | MoniqueFault {
  const read = readData(message);
  if (isFault(read)) return new MoniqueFault("KILL_UNREADABLE", `kill: ${read.text}`);
  const { value } = read;
  const taskId =
    typeof value === "object" && value !== null ? (value as { task_id?: unknown }).task_id : undefined;
  if (typeof taskId !== "string")
    return new MoniqueFault("KILL_UNREADABLE", 'kill: no text under task_id; allowed {"task_id": id}');
  if (!isId(taskId))
    return new MoniqueFault("KILL_ID", `task_id of a kill: ${quoted(taskId)}; allowed 40 letters and digits`);
  return taskId;
}

export function formatKill(taskId: string): Uint8Array {
  return formatData({ task_id: taskId });
}
