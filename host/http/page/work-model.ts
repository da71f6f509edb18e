/** Components and tasks as the page shows them; each list has a bound, for the page may be open for weeks. */
import { asTree, type TaskRow } from "../../hub/task-tree.ts";
import type { Component, Kill, Task } from "./shapes.ts";

/** Components on the page; more are counted, not shown. */
export const MAX_COMPONENTS = 200;
/** The newest tasks. */
export const MAX_TASKS = 100;

/** Somebody has pressed the button; `fault`: what the gateway said instead of an outcome. */
export type KillState = { is: "asked" } | { is: "known"; kill: Kill } | { is: "fault"; fault: string };

export class WorkModel {
  /** Those that are not well come first. */
  components: Component[] = [];
  /** The newest first, and those that belong to one below it. */
  tasks: TaskRow<Task>[] = [];
  /** What became of kills that were asked for here, by task. */
  readonly kills = new Map<string, KillState>();

  takeComponents(components: Component[]): void {
    this.components = [...components].sort(byHealthAndName);
  }

  takeComponent(component: Component): void {
    const others = this.components.filter((other) => keyOf(other) !== keyOf(component));
    this.takeComponents([...others, component]);
  }

  /** `tasks`: the newest first. */
  takeTasks(tasks: Task[]): void {
    this.tasks = asTree(tasks.slice(0, MAX_TASKS));
    const shown = new Set(this.tasks.map(({ task }) => task.id));
    for (const id of this.kills.keys()) if (!shown.has(id)) this.kills.delete(id);
  }

  /** What changed is the newest. */
  takeTask(task: Task): void {
    const others = this.tasks.map((row) => row.task).filter(({ id }) => id !== task.id);
    this.takeTasks([task, ...others].sort((a, b) => b.at - a.at));
  }
}

/** An instance: a name on one connection. */
export const keyOf = ({ name, address }: Component) => `${name} ${address}`;

export function isWell({ state, isDown, isSilent }: Component): boolean {
  return state !== "late" && state !== "dead" && !isDown && !isSilent;
}

export function isOpen({ state }: Task): boolean {
  return state === "queued" || state === "delivered" || state === "running";
}

function byHealthAndName(a: Component, b: Component): number {
  if (isWell(a) !== isWell(b)) return isWell(a) ? 1 : -1;
  return keyOf(a) < keyOf(b) ? -1 : 1;
}
