/** The newest tasks, with what became of each; one can be run here, and one that is open killed; below them who killed what. */
import type { ComponentChildren } from "preact";
import type { Desk } from "../desk.ts";
import { formatNumber, formatValue } from "../format.ts";
import { href } from "../router.ts";
import type { Task } from "../shapes.ts";
import { Heading, Section } from "../shell/heading.tsx";
import { Badge, Command, Empty, Fault, type Look } from "../shell/parts.tsx";
import { Time } from "../shell/times.tsx";
import type { ViewProps } from "../views.tsx";
import { isOpen, type KillState } from "../work-model.ts";
import { stateWords } from "./kill-words.ts";
import { Kills } from "./kills.tsx";
import { RunForm } from "./run-form.tsx";

/** Deeper ones stand no further to the right: a phone is narrow. */
const MAX_DEPTH = 3;

export function Tasks({ model: { work, kills }, desk, now }: ViewProps) {
  const { rows } = work;
  const parents = new Set(rows.map(({ task }) => task.parent));
  const open = rows.filter(({ task }) => isOpen(task)).length;
  return (
    <>
      <Heading note={`${formatNumber(open)} open of the newest ${formatNumber(rows.length)}`}>Tasks</Heading>
      {desk.isControl && <RunForm desk={desk} />}
      {rows.length === 0 && (
        <Empty title="No task yet">
          <p>
            Whatever components and boards are asked to do is a task. One for a board, and who can do what:
          </p>
          <Command text={`npx bowline tasks run config:bowline_request '{"device":"BOARD","ot":"l:info"}'`} />
          <p>
            <a href={href("components")}>Components</a>
          </p>
        </Empty>
      )}
      <ul class="work tasks" aria-label="Tasks">
        {rows.map(({ task, depth }) => (
          <li key={task.id} class={depth === 0 ? "" : `below below-${Math.min(depth, MAX_DEPTH)}`}>
            <TaskWords task={task} now={now} />
            <KillWords state={work.kills.get(task.id)} />
            {isOpen(task) && desk.isControl && (
              <KillButtons
                desk={desk}
                task={task}
                isParent={parents.has(task.id)}
                isOff={work.kills.get(task.id)?.is === "asked"}
              />
            )}
          </li>
        ))}
      </ul>
      <Section title="Kills" note="who stopped what, and whether it did stop">
        <Fault text={kills.fault} />
        <Kills kills={kills.value?.kills ?? []} now={now} />
      </Section>
    </>
  );
}

const looks: Partial<Record<Task["state"], Look>> = {
  ...{ result: "good", error: "bad", killed: "quiet", expired: "bad" },
};

function TaskWords({ task, now }: { task: Task; now: number }) {
  const { id, spec, state, isSilent, on, at, creator } = task;
  return (
    <>
      <strong>{spec}</strong>
      <Badge look={isSilent ? "bad" : (looks[state] ?? "quiet")}>
        {isSilent ? `${state}, silent` : state}
      </Badge>
      <span>
        {on !== "" && `${on} `}
        <Time at={at} now={now} />
      </span>
      <Outcome task={task} />
      <span class="work-note">
        <code>{id}</code>
        {creator !== "" && ` · for ${creator}`}
        {waitsOf(task)}
      </span>
    </>
  );
}

function Outcome({ task: { result, error } }: { task: Task }): ComponentChildren {
  if (error !== undefined) return <span class="bad">{formatValue(`${error.code} ${error.message}`)}</span>;
  return result === undefined ? null : <code>{formatValue(result)}</code>;
}

/** Of one that is open: who heard it, and whether it is being stopped. */
function waitsOf({ listeners, kill, state }: Task): string {
  const heard =
    listeners === undefined || !isOpen({ state } as Task)
      ? ""
      : ` · heard by ${formatNumber(listeners)} ${listeners === 1 ? "connection" : "connections"}`;
  const stopping =
    kill === undefined
      ? ""
      : kill === "pending"
        ? " · told to stop"
        : " · told to stop, and nothing shows that it did";
  return heard + stopping;
}

interface KillButtonsProps {
  desk: Desk;
  task: Task;
  isParent: boolean;
  isOff: boolean;
}

function KillButtons({ desk, task, isParent, isOff }: KillButtonsProps) {
  const kill = (withChildren: boolean) => () => void killAsked(desk, task, withChildren);
  const { id, spec } = task;
  return (
    <span class="buttons">
      <button type="button" disabled={isOff} onClick={kill(false)} aria-label={`Kill ${spec} ${id}`}>
        Kill…
      </button>
      {isParent && (
        <button
          type="button"
          disabled={isOff}
          onClick={kill(true)}
          aria-label={`Kill with those below: ${spec} ${id}`}
        >
          Kill with those below…
        </button>
      )}
    </span>
  );
}

async function killAsked(desk: Desk, { id, spec, on, state }: Task, withChildren: boolean): Promise<void> {
  const isYes = await desk.ask({
    title: withChildren ? `Kill ${spec} and all below it?` : `Kill ${spec}?`,
    what: `The task ${id}, ${state}${on === "" ? "" : ` on ${on}`}, is to stop${withChildren ? ", with every task that it has asked for" : ""}.`,
    consequence:
      "What it has done so far stays done, and there will be no result. This is noted in the list of kills.",
    action: "Kill",
    isDangerous: true,
  });
  if (isYes) await desk.kill(id, withChildren);
}

/** What became of a kill that was asked for here. */
function KillWords({ state }: { state: KillState | undefined }) {
  // Always there: a region that appears together with its text is not read out.
  return (
    <span role="status" class={state?.is === "known" && state.kill.outcome === "confirmed" ? "" : "warn"}>
      {state === undefined ? "" : stateWords(state)}
    </span>
  );
}
