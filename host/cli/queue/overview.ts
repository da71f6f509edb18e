/** The table of `bowline queue`: the store, each gateway, and each board for which something waits. */
import type { PeerQueueView, QueueView } from "../../http/api.ts";
import { formatAge, formatBytes } from "../output/amounts.ts";
import type { Column } from "../output/table.ts";

interface Row {
  name: string;
  holds: number;
  bytes: string;
  oldest: string;
  rate: string;
  full: string;
  gaveUp: string;
  requests: string;
}

export const columns: readonly Column<Row>[] = [
  { title: "queue", value: ({ name }) => name },
  { title: "holds", value: ({ holds }) => holds },
  { title: "bytes", value: ({ bytes }) => bytes },
  { title: "oldest", value: ({ oldest }) => oldest },
  { title: "rate", value: ({ rate }) => rate },
  { title: "full in", value: ({ full }) => full },
  { title: "given up or refused", value: ({ gaveUp }) => gaveUp },
  { title: "requests", value: ({ requests }) => requests },
];

export function storeRow(store: QueueView["store"], now: number): Row {
  return {
    name: "store",
    holds: store.messages,
    bytes: `${formatBytes(store.bytes)} of ${formatBytes(store.maxBytes)}`,
    oldest: store.oldestAt === 0 ? "-" : formatAge(now - store.oldestAt),
    rate: `${formatBytes(store.bytesPerS)}/s`,
    full: store.fullInS === null ? "-" : formatAge(store.fullInS * 1000),
    gaveUp: `${store.dropped} / ${store.refused}`,
    requests: "-",
  };
}

export function gatewayRow(queue: PeerQueueView): Row {
  return { ...queueRow(queue), name: `gateway ${queue.name}` };
}

/** Of each board that has requests without an outcome, or anything else in its queue. */
export function boardRows({ boards, peers }: QueueView, now: number): Row[] {
  const queues = new Map(peers.filter(({ kind }) => kind === "board").map((queue) => [queue.id, queue]));
  const asked = new Map(boards.map((board) => [board.device, board]));
  return [...new Set([...asked.keys(), ...queues.keys()])].map((id) => {
    const queue = queues.get(id);
    const { open, deadline } = asked.get(id) ?? { open: 0, deadline: 0 };
    const left = deadline === 0 ? "" : `, ${formatAge(Math.max(0, deadline - now))} left`;
    return { ...(queue === undefined ? emptyRow : queueRow(queue)), name: id, requests: `${open}${left}` };
  });
}

const emptyRow = { holds: 0, bytes: "-", oldest: "-", rate: "-", full: "-", gaveUp: "-", requests: "-" };

function queueRow({
  packets,
  bytes,
  limits,
  oldestMs,
  inPerS,
  outPerS,
  fullInS,
  refused,
  outcomes,
}: PeerQueueView) {
  const { delivered: _, cancelled: __, ...drops } = outcomes;
  const gaveUp = Object.values(drops).reduce((sum, count) => sum + count, 0);
  return {
    holds: packets,
    bytes: `${formatBytes(bytes)}${limits.maxBytes === null ? "" : ` of ${formatBytes(limits.maxBytes)}`}`,
    oldest: oldestMs === null ? "-" : formatAge(oldestMs),
    rate: `${inPerS}/s in, ${outPerS}/s out`,
    full: fullInS === null ? "-" : formatAge(fullInS * 1000),
    gaveUp: `${gaveUp} / ${refused}`,
    requests: "-",
  };
}
