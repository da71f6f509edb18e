/** Components that are dead, down or late, tasks without a word, and kills that nothing showed to have worked. */
import type { ComponentView } from "../hub/views.ts";
import type { Condition } from "./condition.ts";
import type { Facts } from "./facts.ts";

/** The gateway's own parts tell of boards, ports and gateways, which tell of themselves. */
const HERE = "here";
const MOST_ID = 12;

export function workProblems({ components, silentTasks, unconfirmed }: Facts): Condition[] {
  const others = components.filter(({ address }) => address !== HERE);
  const tasks = silentTasks.map(
    ({ id, spec, on, at }): Condition => ({
      ...{ code: "TASK_SILENT", level: "warning", subject: { kind: "task", name: id }, since: at },
      what: `${spec}, given to ${on || "a worker"}, has had no word since`,
      mend: `bowline tasks ${id.slice(0, MOST_ID)}; stop it: bowline kill ${id.slice(0, MOST_ID)}`,
    }),
  );
  const kills = unconfirmed.map(
    ({ task, spec, at }): Condition => ({
      ...{ code: "KILL_UNCONFIRMED", level: "critical", subject: { kind: "task", name: task }, since: at },
      what: `${spec || "it"} was to be stopped, and nothing shows that it was`,
      mend: `bowline tasks ${task.slice(0, MOST_ID)} (says who runs it); stop that component by hand`,
    }),
  );
  return [...others.flatMap(componentProblems), ...tasks, ...kills];
}

function componentProblems({ name, state, isDown, message, heardAt, instances }: ComponentView): Condition[] {
  const subject = { kind: "component", name } as const;
  // Its name stands before it, as before what is said of a board.
  const one = instances > 1 ? "an instance " : "";
  if (state === "dead")
    return [
      {
        ...{ code: "COMPONENT_DEAD", level: "critical", subject, since: heardAt },
        what: `${one}is dead: nothing was heard for three times its rhythm, or its connection ended`,
        mend: `start it again; if it is not to come back: bowline components forget ${name}`,
      },
    ];
  if (isDown)
    return [
      {
        ...{ code: "COMPONENT_DOWN", level: "critical", subject },
        what: `${one}says that its work is down${message === "" ? "" : `: ${message}`}`,
        mend: `bowline components ${name}; then look at its log`,
      },
    ];
  if (state !== "late") return [];
  return [
    {
      ...{ code: "COMPONENT_LATE", level: "warning", subject, since: heardAt },
      what: `${one}is late: nothing was heard for one and a half times its rhythm`,
      mend: `bowline components ${name}`,
    },
  ];
}
