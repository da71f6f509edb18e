/** Components and tasks as the page shows them; each list has a bound, for the page may be open for weeks. */
import { asTree, type TaskRow } from "../../hub/task-tree.ts";
import { formatNumber } from "./format.ts";
import type { Component, Kill, Task } from "./shapes.ts";
import type { Slice } from "./slice.ts";

/** Components on the page; more are counted, not shown. */
export const MAX_COMPONENTS = 200;
/** Instances known: nobody tells of one that is gone, and where none are shown nobody looks. */
export const MAX_INSTANCES = 1000;
/** The newest tasks. */
export const MAX_TASKS = 100;
const LOOK_EVERY_MS = 5000;

/** Somebody has pressed the button; `fault`: what the gateway said instead of an outcome. */
export type KillState = { is: "asked" } | { is: "known"; kill: Kill } | { is: "fault"; fault: string };

export class WorkModel {
  /** By name, so that each keeps its place. */
  all: Component[] = [];
  /** The newest first, and those that belong to one below it. */
  rows: TaskRow<Task>[] = [];
  /** What became of kills that were asked for here, by task. */
  readonly kills = new Map<string, KillState>();
  readonly tasksKey = "tasks";

  readonly components: Slice = {
    asks: [
      {
        ...{ key: "components", path: () => "/api/v1/components", everyMs: LOOK_EVERY_MS },
        take: ({ components }: { components: Component[] }) => this.takeComponents(components),
      },
    ],
    events: { component: (component: Component) => this.takeComponent(component) },
    clear: () => this.takeComponents([]),
  };
  readonly tasks: Slice = {
    asks: [
      {
        ...{ key: this.tasksKey, path: () => `/api/v1/tasks?limit=${MAX_TASKS}`, everyMs: LOOK_EVERY_MS },
        take: ({ tasks }: { tasks: Task[] }) => this.takeTasks(tasks),
      },
    ],
    events: { task: (task: Task) => this.takeTask(task) },
    clear: () => this.takeTasks([]),
  };

  takeComponents(components: Component[]): void {
    this.all = [...components].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  takeComponent(component: Component): void {
    const others = this.all.filter((other) => keyOf(other) !== keyOf(component));
    if (others.length >= MAX_INSTANCES) others.splice(longestSilent(others), 1);
    this.takeComponents([...others, component]);
  }

  /** `tasks`: the newest first. */
  takeTasks(tasks: Task[]): void {
    this.rows = asTree(tasks.slice(0, MAX_TASKS));
    const shown = new Set(this.rows.map(({ task }) => task.id));
    for (const id of this.kills.keys()) if (!shown.has(id)) this.kills.delete(id);
  }

  /** What changed is the newest. */
  takeTask(task: Task): void {
    const others = this.rows.map((row) => row.task).filter(({ id }) => id !== task.id);
    this.takeTasks([task, ...others].sort((a, b) => b.at - a.at));
  }
}

/** Where the one stands that was heard longest ago. */
function longestSilent(components: readonly Component[]): number {
  const heard = components.map(({ heardAt }) => heardAt);
  return heard.indexOf(Math.min(...heard));
}

/** An instance: a name on one connection. */
export const keyOf = ({ name, address }: Component) => `${name} ${address}`;

export function isWell({ state, isDown, isSilent }: Component): boolean {
  return state !== "late" && state !== "dead" && !isDown && !isSilent;
}

/** "all well", or what the others are: a board that goes is away at once, and a problem only when it stays so. */
export function unwellWords(all: readonly Component[]): string {
  const counts = new Map<string, number>();
  for (const one of all)
    if (!isWell(one)) counts.set(unwellWord(one), (counts.get(unwellWord(one)) ?? 0) + 1);
  if (counts.size === 0) return "all well";
  return [...counts].map(([word, count]) => `${formatNumber(count)} ${word}`).join(", ");
}

/** As the list of components has it. */
function unwellWord({ state, isDown, isSilent }: Component): string {
  if (isDown) return "down";
  return isSilent && state !== "late" && state !== "dead" ? "silent" : state;
}

export function isOpen({ state }: Task): boolean {
  return state === "queued" || state === "delivered" || state === "running";
}
