/** The systems that messages are handed on to: how far each has come, why one is behind, and which boards it holds up. */
import { formatNumber } from "../format.ts";
import { href } from "../router.ts";
import { Section } from "../shell/heading.tsx";
import { Mend } from "../shell/mend.tsx";
import { Badge, type Look } from "../shell/parts.tsx";
import { type Column, Table } from "../shell/table.tsx";
import { Ago } from "../shell/times.tsx";
import type { Upstream } from "../wire-shapes.ts";

const looks: Record<Upstream["state"], Look> = { connected: "good", idle: "quiet", away: "bad" };

export function Upstreams({ upstreams, now }: { upstreams: readonly Upstream[]; now: number }) {
  const columns: Column<Upstream>[] = [
    { title: "to", cell: ({ name }) => name },
    { title: "state", cell: ({ state }) => <Badge look={looks[state]}>{state}</Badge> },
    {
      ...{ title: "behind", isNumber: true, hint: "messages that it may not have" },
      cell: ({ behind }) => formatNumber(behind),
    },
    {
      ...{ title: "oldest", isNumber: true, hint: "how long the first of them has been here" },
      cell: ({ oldestAt }) => (oldestAt === 0 ? "–" : <Ago since={oldestAt} now={now} />),
    },
    {
      ...{ title: "held", isNumber: true, hint: "boards whose messages it does not take" },
      cell: ({ aside }) => formatNumber(aside.length),
    },
    {
      ...{ title: "taken", isNumber: true, hint: "since the gateway's start" },
      cell: ({ sent }) => formatNumber(sent),
    },
    {
      ...{ title: "again", isNumber: true, hint: "handed on a second time, under the same id" },
      cell: ({ repeated }) => formatNumber(repeated),
    },
    {
      ...{ title: "missed", isNumber: true, hint: "given up by the store before" },
      cell: ({ missed }) => formatNumber(missed),
    },
    {
      ...{ title: "refused", isNumber: true, hint: "it will never take them" },
      cell: ({ refused }) => formatNumber(refused),
    },
    {
      title: "at",
      isWide: true,
      cell: (one) => one.fault || one.target,
    },
  ];
  const held = upstreams.flatMap(({ name, aside }) => aside.map((one) => ({ name, ...one })));
  return (
    <>
      <Section title="Handed on" note="every message, to systems beyond">
        <Table
          caption="Systems that messages are handed on to"
          rows={upstreams}
          keyOf={({ name }) => name}
          columns={columns}
          lookOf={({ state, aside }) => (state === "away" ? "bad" : aside.length > 0 ? "warn" : "")}
        />
      </Section>
      {held.length > 0 && <HeldBoards held={held} now={now} />}
    </>
  );
}

type Held = Upstream["aside"][number] & { name: string };

function HeldBoards({ held, now }: { held: readonly Held[]; now: number }) {
  const columns: Column<Held>[] = [
    {
      title: "board",
      cell: ({ device }) => (
        <a class="name" href={href("board", device)}>
          {device}
        </a>
      ),
    },
    { title: "to", cell: ({ name }) => name },
    {
      ...{ title: "waiting", isNumber: true, hint: "messages of it that are not taken" },
      cell: ({ behind }) => formatNumber(behind),
    },
    {
      ...{ title: "for", isNumber: true, hint: "how long it has been held" },
      cell: ({ since }) => <Ago since={since} now={now} />,
    },
    {
      title: "why",
      isWide: true,
      cell: ({ fault, mend }) => (
        <>
          {fault || "about to be tried"}
          {mend !== "" && <Mend text={mend} />}
        </>
      ),
    },
  ];
  return (
    <Section title="Held" note="what is not taken of these boards; others pass">
      <Table
        caption="Boards whose messages are held"
        rows={held}
        keyOf={({ name, device }) => `${name} ${device}`}
        columns={columns}
        lookOf={() => "warn"}
      />
    </Section>
  );
}
