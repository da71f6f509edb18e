/** Systems that messages are handed on to: how far each has come, and what will not arrive there. */
import type { UpstreamView } from "../northbound/upstream.ts";
import { counter, type Family, gauge, type Sample, sample } from "./family.ts";
import type { Reading } from "./reading.ts";

/** As many as are configured. */
const each =
  (value: (view: UpstreamView) => number) =>
  ({ sources }: Reading): Sample[] =>
    sources.northbound.views().map((view) => sample(value(view), { to: view.name }));

export function upstreamFamilies(): Family[] {
  return [
    gauge(
      "northbound_up",
      "0: it cannot be reached, or takes nothing.",
      each(({ state }) => Number(state !== "away")),
    ),
    gauge(
      "northbound_behind",
      "Messages that it may not have.",
      each(({ behind }) => behind),
    ),
    gauge(
      "northbound_held_boards",
      "Boards whose messages it does not take, while it takes those of others.",
      each(({ aside }) => aside.length),
    ),
    gauge(
      "northbound_in_flight",
      "Messages on their way to it.",
      each(({ inFlight }) => inFlight),
    ),
    counter(
      "northbound_sent_total",
      "Messages that it has taken.",
      each(({ sent }) => sent),
    ),
    counter(
      "northbound_repeated_total",
      "Messages that were handed on a second time, with the same id.",
      each(({ repeated }) => repeated),
    ),
    counter(
      "northbound_missed_total",
      "Messages that the store had given up before.",
      each(({ missed }) => missed),
    ),
    counter(
      "northbound_refused_total",
      "Messages that it will never take.",
      each(({ refused }) => refused),
    ),
  ];
}
