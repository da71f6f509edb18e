/** What became of a kill, in words and as the exit code of the verb that asked for it. */
import type { KillView, TaskView } from "../../http/work-api.ts";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { formatAge } from "../output/amounts.ts";
import { printable } from "../output/display.ts";
import { formatWhen } from "../output/message-line.ts";
import { endWords } from "./task-words.ts";

/** One line of `kill`; `task`: how it had ended, where that is known. */
export function killWords(kill: KillView, task?: TaskView): string {
  const { task: id, spec, outcome, how, why, ms } = kill;
  const name = spec === "" ? id : `${id} (${spec})`;
  return printable(`${name}: ${wordsOf()}`);

  function wordsOf(): string {
    switch (outcome) {
      case "confirmed":
        return `killed${because(how)}, within ${formatMs(ms)}`;
      case "unconfirmed":
        return `told to stop, and within ${formatMs(ms)} nothing has shown that it did${because(how)}`;
      case "finished before":
        return `it had ended before it could be stopped${task === undefined ? "" : `, at ${formatWhen(task.at, Date.now())}: ${howEnded(task)}`}`;
      case "unknown":
        return "no such task is known here; that it is to stop was told to every component all the same";
      case "refused":
        return `refused: ${why}`;
      case "pending":
        return "told to stop; nothing is known yet";
    }
  }
}

/** Of a kill that did not do what was asked; undefined when it did. */
export function killFault(kill: KillView, task?: TaskView): BowlineError | undefined {
  const all = allOf(kill);
  const worst = all.find(({ outcome }) => outcome === "unconfirmed" || outcome === "pending") ?? kill;
  const text = `killing ${killWords(worst, worst === kill ? task : undefined)}`;
  const mend = `bowline tasks ${printable(worst.task)}`;
  switch (worst.outcome) {
    case "confirmed":
      return undefined;
    case "unconfirmed":
    case "pending":
      return new BowlineError("KILL_UNCONFIRMED", text, ExitCode.timeout, mend);
    case "finished before":
      return new BowlineError("TASK_ENDED", text, ExitCode.notFound, mend);
    case "unknown":
      return new BowlineError("TASK_UNKNOWN", text, ExitCode.notFound, "bowline tasks");
    case "refused":
      return new BowlineError("BAD_TASK_ID", text, ExitCode.usage, "bowline tasks");
  }
}

/** Itself, and the kills of its children and theirs. */
export function allOf(kill: KillView): KillView[] {
  return [kill, ...kill.children.flatMap(allOf)];
}

function howEnded(task: TaskView): string {
  const end = endWords(task);
  return end === "" || task.state === "killed" ? task.state : `${task.state} ${end}`;
}

const because = (how: string) => (how === "" ? "" : `, ${how}`);
const formatMs = (ms: number) => (ms < 1000 ? `${ms} ms` : formatAge(ms));
