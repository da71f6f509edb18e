/** The systems that messages are handed on to: how far each has come, and why one is behind. */
import { formatNumber } from "../format.ts";
import { Section } from "../shell/heading.tsx";
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
      cell: (one) => one.fault || one.aside.map(textOfHeld).join("; ") || one.target,
    },
  ];
  return (
    <Section title="Handed on" note="every message, to systems beyond">
      <Table
        caption="Systems that messages are handed on to"
        rows={upstreams}
        keyOf={({ name }) => name}
        columns={columns}
        lookOf={({ state, aside }) => (state === "away" ? "bad" : aside.length > 0 ? "warn" : "")}
      />
    </Section>
  );
}

const textOfHeld = ({ device, behind, fault }: Upstream["aside"][number]) =>
  `holds ${formatNumber(behind)} of ${device}: ${fault}`;
