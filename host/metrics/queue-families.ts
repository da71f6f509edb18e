/** What waits for boards and gateways, one by one up to a bound, and what became of all that ever waited. */
import type { Outcome } from "../queue/packet.ts";
import { noRefusals } from "../queue/queue-limits.ts";
import { BoundedLabels } from "./bounded-labels.ts";
import { counter, type Family, gauge, type Sample, sample } from "./family.ts";
import { once } from "./once.ts";
import type { SeenQueue } from "./reading.ts";
import { RunningTotals } from "./running-totals.ts";

const MAX_PEERS = 200;
/** By lane, 0…3. */
const classes = ["control", "alarm", "normal", "bulk"] as const;
/** All ends but the one that a packet is meant to come to. */
const invalidated: readonly Outcome[] = [
  "expired",
  "cancelled",
  "peer-removed",
  "dropped-by-policy",
  "rejected",
  "unknown",
];
const refusals = Object.keys(noRefusals()) as (keyof ReturnType<typeof noRefusals>)[];

interface Group {
  peer: string;
  queues: SeenQueue[];
}

export function queueFamilies(): Family[] {
  const labels = new BoundedLabels(MAX_PEERS);
  const groups = once(({ queues }) => groupByPeer(queues, labels));
  return [
    gauge("queue_packets", "Packets that wait for a board or a gateway.", (reading) =>
      groups(reading).flatMap(({ peer, queues }) =>
        classes.map((name, lane) =>
          sample(
            sum(queues, ({ fill }) => fill.lanes[lane].packets),
            { peer, class: name },
          ),
        ),
      ),
    ),
    gauge("queue_bytes", "Bytes of what waits.", (reading) =>
      groups(reading).map(({ peer, queues }) =>
        sample(
          sum(queues, ({ fill }) => fill.bytes),
          { peer },
        ),
      ),
    ),
    gauge("queue_oldest_age_seconds", "How long the oldest has waited; 0 when nothing waits.", (reading) =>
      groups(reading).map(({ peer, queues }) =>
        sample(Math.max(...queues.map(({ fill }) => (fill.oldestMs ?? 0) / 1000)), { peer }),
      ),
    ),
    gauge(
      "queue_fill_ratio",
      "How full it is, 0 to 1, by packets or by bytes; of other the fullest.",
      (reading) =>
        groups(reading).map(({ peer, queues }) => sample(Math.max(...queues.map(fillRatio)), { peer })),
    ),
    totals(
      "queue_invalidated_total",
      "Packets that were taken, and were not delivered.",
      invalidated,
      (queue, reason) => queue.outcomes[reason],
    ),
    totals(
      "queue_delivered_total",
      "Packets that their peers have acknowledged.",
      ["delivered"],
      (queue, reason) => queue.outcomes[reason],
    ),
    totals(
      "queue_rejected_total",
      "Packets that were not taken.",
      refusals,
      (queue, reason) => queue.refusals[reason],
    ),
  ];
}

type Counts = NonNullable<SeenQueue["peer"]["queue"]>["counts"];

/** A queue that is gone takes none of what it has counted with it. */
function totals<Reason extends string>(
  name: string,
  help: string,
  reasons: readonly Reason[],
  countOf: (counts: Counts, reason: Reason) => number,
): Family {
  const running = new RunningTotals();
  return counter(name, help, ({ queues }): Sample[] => {
    for (const { key, peer } of queues)
      for (const reason of peer.queue === null ? [] : reasons)
        running.add(`${key}:${reason}`, reason, countOf(peer.queue!.counts, reason));
    const samples = running.samples("reason", reasons, queues.length * reasons.length);
    return reasons.length === 1 ? samples.map(({ value }) => sample(value)) : samples;
  });
}

function groupByPeer(queues: readonly SeenQueue[], labels: BoundedLabels): Group[] {
  labels.refresh(queues.map(({ peer }) => peer.name));
  const groups = new Map<string, Group>();
  for (const queue of queues) {
    const peer = labels.labelOf(queue.peer.name);
    const group = groups.get(peer) ?? { peer, queues: [] };
    groups.set(peer, group);
    group.queues.push(queue);
  }
  return [...groups.values()];
}

function fillRatio({ peer: { limits }, fill }: SeenQueue): number {
  const bytes = limits.maxBytes === null ? 0 : fill.bytes / limits.maxBytes;
  return Math.max(fill.packets / limits.maxPackets, bytes);
}

const sum = <T>(values: readonly T[], value: (one: T) => number) =>
  values.reduce((total, one) => total + value(one), 0);
