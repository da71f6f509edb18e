/** Tasks in the order in which people see them: each with its children below it. */

interface InTree {
  id: string;
  parent: string;
}

export interface TaskRow<Task> {
  task: Task;
  /** Generations above it that are in the list as well. */
  depth: number;
}

/** Those without a parent here, and the children of one, stay in the order they have in `tasks`. */
export function asTree<Task extends InTree>(tasks: readonly Task[]): TaskRow<Task>[] {
  const known = new Set(tasks.map(({ id }) => id));
  const below = new Map<string, Task[]>();
  for (const task of tasks) {
    const parent = known.has(task.parent) ? task.parent : "";
    below.set(parent, [...(below.get(parent) ?? []), task]);
  }
  const rows: TaskRow<Task>[] = [];
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
