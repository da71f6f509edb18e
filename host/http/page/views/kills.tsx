/** The kills that were asked for, whoever asked, with what became of each. */
import type { Kill } from "../shapes.ts";
import { Badge, type Look } from "../shell/parts.tsx";
import { type Column, Table } from "../shell/table.tsx";
import { Time } from "../shell/times.tsx";
import { outcomeWords } from "./kill-words.ts";

/** As it is audited. */
export interface AuditedKill extends Kill {
  at: number;
  by: { via: string; who: string };
  spec: string;
}

/** Of an id: the first letters do for every verb. */
const SHOWN_ID = 8;

const looks: Record<Kill["outcome"], Look> = {
  confirmed: "good",
  "finished before": "quiet",
  unknown: "quiet",
  pending: "warn",
  unconfirmed: "bad",
  refused: "bad",
};

export function Kills({ kills, now }: { kills: readonly AuditedKill[]; now: number }) {
  if (kills.length === 0) return <p class="quiet">Nobody has stopped a task so far.</p>;
  const columns: Column<AuditedKill>[] = [
    { title: "at", cell: ({ at }) => <Time at={at} now={now} /> },
    {
      title: "task",
      cell: ({ spec, task }) => (
        <>
          {spec}{" "}
          <code class="quiet" title={task}>
            {task.length > SHOWN_ID ? `${task.slice(0, SHOWN_ID)}…` : task}
          </code>
        </>
      ),
    },
    { title: "by", cell: ({ by: { via, who } }) => `${who}, over ${via}` },
    { title: "came to", cell: ({ outcome }) => <Badge look={looks[outcome]}>{outcome}</Badge> },
    { title: "which means", isWide: true, cell: (kill) => outcomeWords(kill) },
  ];
  return <Table caption="Kills" rows={kills} keyOf={({ at, task }) => `${at} ${task}`} columns={columns} />;
}
