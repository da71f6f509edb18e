/** The store: what it holds and may hold, what its commits take, and whether it takes anything. */
import { counter, type Family, gauge, histogram, one } from "./family.ts";
import type { Reading } from "./reading.ts";

const fill = ({ sources }: Reading) => sources.store.fill;
const tally = ({ sources }: Reading) => sources.store.tally;

export function storeFamilies(): Family[] {
  return [
    gauge(
      "store_up",
      "0: it takes nothing at present.",
      one((r) => Number(fill(r).fault === "")),
    ),
    counter(
      "store_faults_total",
      "Times that it began to take nothing.",
      one((r) => tally(r).faults),
    ),
    gauge(
      "store_disk_low",
      "1: less is free on its disk than store.keepFreeBytes.",
      one((r) => Number(fill(r).low !== "")),
    ),
    gauge(
      "store_held",
      "1: it is full, and messages wait for room.",
      one((r) => Number(fill(r).isHeld)),
    ),
    gauge(
      "store_messages",
      "Messages it holds.",
      one((r) => fill(r).messages),
    ),
    gauge(
      "store_bytes",
      "Bytes they take.",
      one((r) => fill(r).bytes),
    ),
    gauge(
      "store_max_bytes",
      "Bytes they may take.",
      one((r) => fill(r).maxBytes),
    ),
    gauge(
      "store_pending_messages",
      "Messages handed over and not yet committed.",
      one((r) => fill(r).pending),
    ),
    counter(
      "messages_delivered_total",
      "Messages delivered since the store was made.",
      one((r) => fill(r).oldest + fill(r).messages - 1),
    ),
    counter(
      "store_dropped_total",
      "Messages given up to stay within its bounds.",
      one((r) => fill(r).dropped),
    ),
    counter(
      "store_refused_total",
      "Packets refused because it took nothing.",
      one((r) => fill(r).refused),
    ),
    histogram("store_commit_seconds", "From a batch until it is safe.", (r) => [
      { labels: {}, spread: tally(r).commitSeconds },
    ]),
    counter(
      "store_bytes_written_total",
      "Keys and values handed to the database; its files take more.",
      one((r) => tally(r).writtenBytes),
    ),
  ];
}
