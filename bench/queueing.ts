/** P10: the queue of packets for another gateway: kept durably, and found again. */
import { versionsOf } from "./root.ts";
import { measureRates } from "./rounds.ts";
import type { Row } from "./row.ts";
import { LevelSpool, SpoolWork, StoreSpool } from "./spool-work.ts";
import { atLeast } from "./verdict.ts";

const SENDERS = [1, 16, 256];

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
  contenders: kept.flat(),
  async run(effort, start) {
    const groups = [];
    const verdicts = [];
    for (const [i, contenders] of kept.entries()) {
      const title = `kept, ${SENDERS[i]} at once`;
      const measurements = await measureRates(contenders, effort, start);
      groups.push({ title, measurements });
      verdicts.push(atLeast(`${title}: store / classic-level alone`, measurements[1].ratio, 0.8));
    }
    return {
      row: this.name,
      title: this.title,
      notes: [],
      versions: versionsOf("classic-level"),
      groups,
      facts: [],
      verdicts,
    };
  },
};
