/** Tasks and components, as people are told of them: one line for what runs, one for who is there. */
import type { ComponentView, KillView, TaskQuery, TaskView } from "../hub/views.ts";

/** A Work fits. */
export interface WorkFacts {
  components(): ComponentView[];
  task(id: string): TaskView | undefined;
  tasks(query: TaskQuery): TaskView[];
}

/** Told at once; of more it is said how many. */
const MOST_TOLD = 10;
/** Looked through for what has not ended. */
const LOOKED_THROUGH = 1000;
/** Letters of an id that are shown, and taken for it where they name one task. */
export const SHORT_ID = 8;

const shortId = (id: string) => (id.length > SHORT_ID ? id.slice(0, SHORT_ID) : id);

/** Those that have not ended, the newest first. */
export function openTasks(work: Pick<WorkFacts, "tasks">): TaskView[] {
  const states = ["running", "delivered", "queued"] as const;
  return states.flatMap((state) => work.tasks({ limit: LOOKED_THROUGH, state })).sort((a, b) => b.at - a.at);
}

export function sayTasks(gateway: string, work: WorkFacts): string {
  const open = openTasks(work);
  if (open.length === 0) return `${gateway}: no task is open`;
  const words = ({ id, spec, state, on, isSilent }: TaskView) =>
    `${shortId(id)} ${spec} ${state}${on === "" ? "" : ` on ${on}`}${isSilent ? ", silent" : ""}`;
  return `${gateway}: ${listed(open, words)}`;
}

export function sayComponents(gateway: string, work: WorkFacts): string {
  const all = work.components();
  if (all.length === 0) return `${gateway}: no component has been heard`;
  const words = ({ name, state, isDown, isSilent }: ComponentView) =>
    `${name} ${isDown ? "down" : isSilent ? "silent" : state}`;
  // Those first that somebody may have to look after.
  const isWell = ({ state, isDown, isSilent }: ComponentView) =>
    !isDown && !isSilent && state !== "late" && state !== "dead";
  return `${gateway}: ${listed(
    [...all].sort((a, b) => Number(isWell(a)) - Number(isWell(b))),
    words,
  )}`;
}

export function sayKill({ task, outcome, how, why }: KillView): string {
  const id = shortId(task);
  switch (outcome) {
    case "confirmed":
      return `${id}: killed, ${how}`;
    case "finished before":
      return `${id}: it had finished before`;
    case "unknown":
      return `${id}: no such task is known here; everyone was told all the same`;
    case "refused":
      return `${id}: not killed: ${why}`;
    case "unconfirmed":
    case "pending":
      return `${id}: nothing has shown that it stopped`;
  }
}

function listed<T>(all: readonly T[], words: (one: T) => string): string {
  const more = all.length > MOST_TOLD ? `, and ${all.length - MOST_TOLD} more` : "";
  return all.slice(0, MOST_TOLD).map(words).join(", ") + more;
}
