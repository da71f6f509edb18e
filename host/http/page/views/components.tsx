/** Every component: whether it is well, what it says of itself and how often; and of one how it was before. */
import { formatDuration, formatNumber } from "../format.ts";
import { href } from "../router.ts";
import type { Component } from "../shapes.ts";
import { Heading, Section } from "../shell/heading.tsx";
import { Badge, Command, Empty, Facts, Fault, type Look } from "../shell/parts.tsx";
import { type Column, Table } from "../shell/table.tsx";
import { Ago, Time } from "../shell/times.tsx";
import type { ViewProps } from "../views.tsx";
import { isWell, keyOf, MAX_COMPONENTS } from "../work-model.ts";
import type { HistoryLine } from "./component-model.ts";

/** Lines of the past of one. */
const MAX_LINES = 200;

export function Components({ model, argument, now }: ViewProps) {
  return argument === "" ? (
    <All all={model.work.all} now={now} />
  ) : (
    <One {...{ model, now }} name={argument} />
  );
}

function All({ all, now }: { all: readonly Component[]; now: number }) {
  const unwell = all.filter((one) => !isWell(one)).length;
  const unshown = all.length - MAX_COMPONENTS;
  return (
    <>
      <Heading note={all.length > 0 && (unwell === 0 ? "all are well" : `${formatNumber(unwell)} not well`)}>
        Components
      </Heading>
      {all.length === 0 ? (
        <Empty title="No component has said how it is">
          <p>
            Programs that do work for the gateway's tasks say here that they are alive; the section monique of
            the configuration has their hub. One to try:
          </p>
          <Command text="node dist/examples/calculator.mjs" />
        </Empty>
      ) : (
        <Table
          caption="Components"
          rows={all.slice(0, MAX_COMPONENTS)}
          keyOf={keyOf}
          columns={columnsAt(now)}
          lookOf={(one) => (isWell(one) ? "" : lookOf(one))}
        />
      )}
      {unshown > 0 && (
        <p class="quiet">
          {formatNumber(unshown)} more: <code>npx bowline components</code>
        </p>
      )}
    </>
  );
}

function columnsAt(now: number): Column<Component>[] {
  return [
    {
      title: "component",
      cell: ({ name }) => (
        <a class="name" href={href("components", name)}>
          {name}
        </a>
      ),
    },
    { title: "is", cell: (one) => <Badge look={lookOf(one)}>{wordsOf(one)}</Badge> },
    { title: "says", isWide: true, cell: ({ message }) => message || <span class="quiet">–</span> },
    { ...{ title: "heard", isNumber: true }, cell: (one) => <Heard component={one} now={now} /> },
    {
      ...{
        title: "every",
        isNumber: true,
        hint: "its rhythm; above 1.5 times of it it is late, above 3 dead",
      },
      cell: ({ rhythmMs }) => (rhythmMs > 0 ? formatDuration(Math.round(rhythmMs / 1000)) : "–"),
    },
    {
      ...{ title: "not understood", isNumber: true, hint: "heartbeats" },
      cell: ({ invalid }) => <span class={invalid > 0 ? "warn" : ""}>{formatNumber(invalid)}</span>,
    },
    {
      title: "from",
      cell: ({ creator, address }) => (
        <>
          <span class="whole">{creator}</span> <span class="whole quiet">{address}</span>
        </>
      ),
    },
  ];
}

/** How long ago, and as a bar how much of the time it has is over. */
function Heard({ component: { heardAt, rhythmMs, state }, now }: { component: Component; now: number }) {
  return (
    <>
      <span class="quiet">
        <Ago since={heardAt} now={now} /> ago
      </span>
      {rhythmMs > 0 && state !== "dead" && (
        <span class="pulse" aria-hidden="true">
          <span
            class="pulse-fill"
            style={{ width: `${Math.min(1, Math.max(0, now - heardAt) / (3 * rhythmMs)) * 100}%` }}
          />
        </span>
      )}
    </>
  );
}

function One({ model, name, now }: Pick<ViewProps, "model" | "now"> & { name: string }) {
  const { component } = model;
  const { value, fault } = component.answer;
  const instances = value?.components ?? [];
  return (
    <>
      <Heading note={<a href={href("components")}>all components</a>}>{name}</Heading>
      <Fault text={fault} />
      <div class="stacks">
        {instances.map((one) => (
          <div key={keyOf(one)} class="card stack">
            <div class="row">
              <Badge look={lookOf(one)}>{wordsOf(one)}</Badge>
              <span>{one.message}</span>
            </div>
            <Facts
              facts={[
                ["heard", <Heard key="heard" component={one} now={now} />],
                [
                  "every",
                  one.rhythmMs > 0 ? formatDuration(Math.round(one.rhythmMs / 1000)) : "not known yet",
                ],
                ["made by", one.creator || "–"],
                ["speaks from", one.address],
                [
                  "heartbeats not understood",
                  formatNumber(one.invalid),
                  "",
                  one.invalid > 0 ? "warn" : undefined,
                ],
              ]}
            />
          </div>
        ))}
      </div>
      {value && <Past history={value.history} now={now} />}
    </>
  );
}

function Past({ history, now }: { history: readonly HistoryLine[]; now: number }) {
  return (
    <Section title="How it was" note="the newest first">
      {history.length === 0 && <p class="quiet">Nothing is known of before.</p>}
      <ol class="happenings">
        {[...history]
          .reverse()
          .slice(0, MAX_LINES)
          .map(({ at, state, creator, message }, i) => (
            <li key={`${at} ${i}`} class="happening">
              <Time at={at} now={now} />
              <span class={`kind-mark ${badStates.has(state) ? "bad" : ""}`}>{state}</span>
              <span>
                {message} <span class="quiet">{creator}</span>
              </span>
            </li>
          ))}
      </ol>
    </Section>
  );
}

const badStates: ReadonlySet<string> = new Set(["late", "dead", "down", "silent", "gone"]);

function lookOf(component: Component): Look {
  if (component.state === "unknown" && isWell(component)) return "warn";
  if (isWell(component)) return "good";
  return component.state === "late" && !component.isDown ? "warn" : "bad";
}

/** The words of `bowline components`. */
function wordsOf({ state, isDown, isSilent }: Component): string {
  return [state, ...(isDown ? ["down"] : []), ...(isSilent ? ["silent"] : [])].join(", ");
}
