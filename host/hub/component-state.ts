/**
 * What a component is thought to be, by what was heard of it: a table.
 *
 * unknown ─heartbeat, its rhythm is known─▶ alive ─1.5 times that─▶ late ─3 times that─▶ dead ─heartbeat─▶ recovered ─▶ alive.
 * A connection that ends is the end of what it was, whatever the state.
 */
import type { ComponentState } from "./views.ts";

export type ComponentEvent = "heartbeat" | "late" | "dead" | "gone";

/** Parts of its rhythm after which it is late, and dead. */
export const LATE_AFTER = 1.5;
export const DEAD_AFTER = 3;

const table: Readonly<Record<ComponentState, Readonly<Record<ComponentEvent, ComponentState>>>> = {
  unknown: { heartbeat: "alive", late: "late", dead: "dead", gone: "dead" },
  alive: { heartbeat: "alive", late: "late", dead: "dead", gone: "dead" },
  late: { heartbeat: "alive", late: "late", dead: "dead", gone: "dead" },
  dead: { heartbeat: "recovered", late: "dead", dead: "dead", gone: "dead" },
  recovered: { heartbeat: "alive", late: "late", dead: "dead", gone: "dead" },
};

export function nextState(state: ComponentState, event: ComponentEvent): ComponentState {
  return table[state][event];
}
