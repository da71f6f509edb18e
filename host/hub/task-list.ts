/** Tasks in a row, linked through themselves: any of them is taken out at the same cost, and none is in two lists. */
import type { Task } from "./task.ts";

export class TaskList {
  first: Task | null = null;
  last: Task | null = null;
  count = 0;

  push(task: Task): void {
    this.insertBehind(this.last, task);
  }

  /** Behind all that came before it and before all that came later, in a list that is in that order. */
  insertInOrder(task: Task): void {
    // What comes back had come before nearly all that wait, so its place is looked for from the front.
    let behind: Task | null = null;
    for (let one = this.first; one !== null && one.number < task.number; one = one.after) behind = one;
    this.insertBehind(behind, task);
  }

  shift(): Task | null {
    const { first } = this;
    if (first !== null) this.remove(first);
    return first;
  }

  remove(task: Task): void {
    if (task.list !== this) throw new RangeError(`task ${task.id} is taken from a list that it is not in`);
    const { before, after } = task;
    if (before === null) this.first = after;
    else before.after = after;
    if (after === null) this.last = before;
    else after.before = before;
    task.list = task.before = task.after = null;
    this.count--;
  }

  private insertBehind(before: Task | null, task: Task): void {
    if (task.list !== null) throw new RangeError(`task ${task.id} is put into a second list`);
    const after = before === null ? this.first : before.after;
    task.list = this;
    task.before = before;
    task.after = after;
    if (before === null) this.first = task;
    else before.after = task;
    if (after === null) this.last = task;
    else after.before = task;
    this.count++;
  }
}
