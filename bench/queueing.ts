/** P10: packets for another gateway: through the queue in memory, kept durably, and found again after a start. */
import { probeBacklog, type Reopenings } from "./backlog.ts";
import { runProbe } from "./probe.ts";
import { packetsThroughQueue, tasksThroughPQueue } from "./queue-work.ts";
import { spread } from "./report.ts";
import { versionsOf } from "./root.ts";
import { measureRates } from "./rounds.ts";
import type { Row } from "./row.ts";
import { LevelSpool, SpoolWork, StoreSpool } from "./spool-work.ts";
import { ratioOf } from "./statistics.ts";
import { atLeast, atMost } from "./verdict.ts";

const SENDERS = [1, 16, 256];

const inMemory = [
  { name: "P10 queue", label: "queue", work: packetsThroughQueue },
  { name: "P10 p-queue", label: "p-queue", work: tasksThroughPQueue },
];

const kept = SENDERS.map((senders) => [
  {
    name: `P10 store ${senders}`,
    label: "store",
    work: () => new SpoolWork(senders, new StoreSpool()),
  },
  {
    name: `P10 level ${senders}`,
    label: "classic-level alone",
    work: () => new SpoolWork(senders, new LevelSpool()),
  },
]);

export const queueing: Row = {
  name: "P10",
  title: "packets of 100 bytes for another gateway",
  contenders: [...inMemory, ...kept.flat()],
  probes: { "P10 backlog": probeBacklog },
  async run(effort, start) {
    const through = await measureRates(inMemory, effort, start);
    const groups = [{ title: "in memory", measurements: through }];
    const verdicts = [atLeast("in memory: queue / p-queue", through[1].ratio, 20)];
    // A disk that others use, too, gives a flush now and then the time of a hundred: many short rounds, in turn.
    const flushed = { ...effort, rounds: 3 * effort.rounds, warmUpMs: 5 * effort.warmUpMs };
    for (const [i, contenders] of kept.entries()) {
      const title = `kept, ${SENDERS[i]} at once`;
      const measurements = await measureRates(contenders, flushed, start);
      groups.push({ title, measurements });
      verdicts.push(atLeast(`${title}: store / classic-level alone`, measurements[1].ratio, 0.8));
    }
    const backlog = await runProbe<Reopenings>("P10 backlog", effort);
    const reopening = `a backlog of ${backlog.packets}`;
    verdicts.push(
      atMost(`${reopening}, first packet: store / keys alone`, ratioOf(backlog.first, backlog.keys), 2),
      atMost(`${reopening}, all in memory: store / keys alone`, ratioOf(backlog.all, backlog.keys), 2),
    );
    return {
      row: this.name,
      title: this.title,
      notes: [
        "in memory: added 1000 a turn, processed, written and acknowledged; p-queue: as many tasks that only return, 1000 at once",
        "kept: each waits for the flushed commit with its packet, and its removal rides with a later one; classic-level alone does the same commits, without checksums and without knowing what is missing",
        "a backlog: opened and checked, and its first 500 packets read, or all; keys alone: opened, and the keys of all packets read",
      ],
      versions: versionsOf("classic-level", "p-queue"),
      groups,
      facts: [
        `${reopening}: first packet ${spread(backlog.first, "ms")}, all in memory ${spread(backlog.all, "ms")}, ` +
          `keys alone ${spread(backlog.keys, "ms")}`,
      ],
      verdicts,
    };
  },
};
