/** The newest tasks, with what became of each; one can be run here, and one that is open killed. */
import type { Desk } from "../desk.ts";
import { formatTime, formatValue } from "../format.ts";
import type { Kill, Task } from "../shapes.ts";
import { Heading } from "../shell/heading.tsx";
import type { ViewProps } from "../views.tsx";
import { isOpen, type KillState } from "../work-model.ts";
import { RunForm } from "./run-form.tsx";

/** Deeper ones stand no further to the right: a phone is narrow. */
const MAX_DEPTH = 3;

export function Tasks({ model: { work }, desk, now }: ViewProps) {
  const { rows: tasks, kills } = work;
  const parents = new Set(tasks.map(({ task }) => task.parent));
  return (
    <>
      <Heading>Tasks</Heading>
      {desk.isControl && <RunForm desk={desk} />}
      <ul class="work tasks" aria-label="Tasks">
        {tasks.map(({ task, depth }) => (
          <li key={task.id} class={depth === 0 ? "" : `below below-${Math.min(depth, MAX_DEPTH)}`}>
            <TaskWords task={task} now={now} />
            <KillWords state={kills.get(task.id)} />
            {isOpen(task) && desk.isControl && (
              <KillButtons
                desk={desk}
                task={task}
                isParent={parents.has(task.id)}
                isOff={kills.get(task.id)?.is === "asked"}
              />
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function TaskWords({ task, now }: { task: Task; now: number }) {
  const { id, spec, state, isSilent, on, at, result, error } = task;
  const look = { result: "good", error: "bad", killed: "bad", expired: "bad" }[state as string];
  return (
    <>
      <strong>{spec}</strong>
      <span class={`badge ${isSilent ? "bad" : (look ?? "warn")}`}>
        {isSilent ? `${state}, silent` : state}
      </span>
      <span>
        {on !== "" && `${on} `}
        <time dateTime={new Date(at).toISOString()}>{formatTime(at, now)}</time>
      </span>
      {result !== undefined && <span>{formatValue(result)}</span>}
      {error !== undefined && <span>{formatValue(`${error.code} ${error.message}`)}</span>}
      <code class="work-note">{id}</code>
    </>
  );
}

interface KillButtonsProps {
  desk: Desk;
  task: Task;
  isParent: boolean;
  isOff: boolean;
}

function KillButtons({ desk, task: { id, spec }, isParent, isOff }: KillButtonsProps) {
  const kill = (withChildren: boolean) => () => void desk.kill(id, withChildren);
  return (
    <span class="buttons">
      <button type="button" disabled={isOff} onClick={kill(false)} aria-label={`Kill ${spec} ${id}`}>
        Kill
      </button>
      {isParent && (
        <button
          type="button"
          disabled={isOff}
          onClick={kill(true)}
          aria-label={`Kill ${spec} ${id} and below`}
        >
          Kill with those below
        </button>
      )}
    </span>
  );
}

/** What became of a kill that was asked for here. */
function KillWords({ state }: { state: KillState | undefined }) {
  // Always there: a region that appears together with its text is not read out.
  return (
    <span role="status" class={state?.is === "known" && state.kill.outcome === "confirmed" ? "" : "warn"}>
      {state === undefined ? "" : wordsOf(state)}
    </span>
  );
}

function wordsOf(state: KillState): string {
  if (state.is === "asked") return "told to stop; waiting whether it does";
  if (state.is === "fault") return state.fault;
  const { kill } = state;
  const bad = kill.children.flatMap(allOf).filter(({ outcome }) => outcome === "unconfirmed");
  const below = bad.length === 0 ? "" : `; nothing shows that ${bad.length} below it did`;
  return outcomeWords(kill) + below;
}

function outcomeWords({ outcome, how, why, ms }: Kill): string {
  const because = how === "" ? "" : `, ${how}`;
  switch (outcome) {
    case "confirmed":
      return `killed${because}, within ${ms} ms`;
    case "finished before":
      return "it had ended before it could be stopped";
    case "refused":
      return `refused: ${why}`;
    case "unknown":
      return "no such task is known any more; every component was told to stop it all the same";
    case "pending":
    case "unconfirmed":
      return `told to stop, and within ${Math.round(ms / 1000)} s nothing has shown that it did${because}`;
  }
}

function allOf(kill: Kill): Kill[] {
  return [kill, ...kill.children.flatMap(allOf)];
}
