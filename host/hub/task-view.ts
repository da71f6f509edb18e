/** A task as it is shown. */
import { readData } from "../monique/data.ts";
import { isFault } from "../monique/fault.ts";
import { plainValue } from "../monique/pack-value.ts";
import type { Task } from "./task.ts";
import type { TaskView } from "./views.ts";

export function viewTask(task: Task): TaskView {
  const { id, spec, creator, parent, state, on, createdAt, expiresAt, at, deliveries, isSilent, answer } =
    task;
  const children = task.children === null ? [] : [...task.children].map((child) => child.id);
  const view: TaskView = {
    ...{ id, spec, creator, parent, children, state, on, createdAt, expiresAt, at, deliveries, isSilent },
  };
  if (task.way === "everyone") view.listeners = task.listeners;
  if (task.isKilled && !task.hasEnded) view.kill = task.isKillPending ? "pending" : "unconfirmed";
  if (answer?.error !== undefined) view.error = answer.error;
  if (answer?.data === undefined) return view;
  const read = readData({ data: answer.data, encoding: answer.encoding ?? "JSON" });
  // What is shown goes out as JSON, which has no form for all that MessagePack has.
  if (!isFault(read)) view.result = read.encoding === "JSON" ? read.value : plainValue(read.value);
  return view;
}
