/** Values over time: how much is kept of them, and whether anything is. */
import type { HistoryView } from "../history/series.ts";
import { counter, type Family, gauge, type Sample, sample } from "./family.ts";
import type { Reading } from "./reading.ts";

/** Without samples where it is not wanted: what is off is no fault. */
const when =
  (value: (view: HistoryView) => number) =>
  ({ sources }: Reading): Sample[] => {
    const view = sources.history.view();
    return view.state === "off" ? [] : [sample(value(view))];
  };

export function historyFamilies(): Family[] {
  return [
    gauge(
      "history_up",
      "0: it keeps nothing at present.",
      when(({ state }) => Number(state !== "fault")),
    ),
    gauge(
      "history_series",
      "Fields of messages that it keeps values of.",
      when(({ series }) => series),
    ),
    gauge(
      "history_points",
      "Values it holds, and buckets of them.",
      when(({ points }) => points),
    ),
    gauge(
      "history_bytes",
      "Bytes they take.",
      when(({ bytes }) => bytes),
    ),
    gauge(
      "history_max_bytes",
      "Bytes they may take.",
      when(({ maxBytes }) => maxBytes),
    ),
    counter(
      "history_unkept_total",
      "Values of fields beyond the bound on how many are kept.",
      when(({ unkept }) => unkept),
    ),
    counter(
      "history_missed_total",
      "Messages that the store had given up before they were read.",
      when(({ missed }) => missed),
    ),
  ];
}
