/** Tasks in the order of a table: each with its children below it. */
import type { TaskView } from "../../http/work-api.ts";

export interface TaskRow {
  task: TaskView;
  /** Generations above it that are in the table as well. */
  depth: number;
}

/** `tasks`: the newest first; so are those without a parent here, and the children of one. */
export function asTree(tasks: readonly TaskView[]): TaskRow[] {
  const known = new Set(tasks.map(({ id }) => id));
  const below = new Map<string, TaskView[]>();
  for (const task of tasks) {
    const parent = known.has(task.parent) ? task.parent : "";
    below.set(parent, [...(below.get(parent) ?? []), task]);
  }
  const rows: TaskRow[] = [];
  const add = (parent: string, depth: number) => {
    const children = below.get(parent) ?? [];
    // Whoever is its own ancestor, as a stranger may claim, is met once.
    below.delete(parent);
    for (const task of children) {
      rows.push({ task, depth });
      add(task.id, depth + 1);
    }
  };
  add("", 0);
  // A circle hangs from nothing.
  for (const parent of [...below.keys()]) add(parent, 0);
  return rows;
}
