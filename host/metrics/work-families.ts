/** Components by name, kills by what came of them, IRC networks, and who was not let in. */
import type { ComponentView, KillOutcome } from "../hub/views.ts";
import { countAuthFailures, surfaces } from "../problems/auth-failures.ts";
import { BoundedLabels } from "./bounded-labels.ts";
import { byName } from "./by-name.ts";
import { counter, type Family, gauge, type Sample, sample } from "./family.ts";
import { once } from "./once.ts";
import type { Reading } from "./reading.ts";

const MAX_COMPONENTS = 200;
/** All but `pending`, which is no result. */
const killResults: Readonly<Record<Exclude<KillOutcome, "pending">, string>> = {
  confirmed: "confirmed",
  unconfirmed: "unconfirmed",
  "finished before": "finished_before",
  unknown: "unknown",
  refused: "refused",
};

export function componentFamilies(): Family[] {
  const labels = new BoundedLabels(MAX_COMPONENTS);
  const named = once(({ components }) => {
    const groups = byName(components);
    labels.refresh(groups.keys());
    return [...groups].map(([name, instances]) => ({ label: labels.labelOf(name), instances }));
  });
  /** Of the others it is the least, so that none of them is overlooked. */
  const least = (value: (instances: readonly ComponentView[]) => number | null) => {
    return (reading: Reading): Sample[] => {
      const values = new Map<string, number>();
      for (const { label, instances } of named(reading)) {
        const found = value(instances);
        if (found !== null) values.set(label, Math.min(values.get(label) ?? Infinity, found));
      }
      return [...values].map(([name, found]) => sample(found, { name }));
    };
  };
  return [
    gauge(
      "component_alive",
      "1: at least one of its instances says heartbeats, and that its work goes on.",
      least((instances) => Number(instances.some(isAlive))),
    ),
    gauge("component_instances", "Instances that are not dead.", (reading) => {
      const counts = new Map<string, number>();
      for (const { label, instances } of named(reading)) {
        const living = instances.filter(({ state }) => state !== "dead").length;
        counts.set(label, (counts.get(label) ?? 0) + living);
      }
      return [...counts].map(([name, count]) => sample(count, { name }));
    }),
    gauge(
      "component_last_sync_timestamp_seconds",
      "sync_time of its last heartbeat, by its own clock.",
      least((instances) => {
        const newest = Math.max(...instances.map(({ syncTime }) => syncTime));
        return newest > 0 ? newest / 1000 : null;
      }),
    ),
    gauge(
      "component_last_heartbeat_timestamp_seconds",
      "When its last heartbeat arrived.",
      least((instances) => Math.max(...instances.map(({ heardAt }) => heardAt)) / 1000),
    ),
    counter("kill_requests_total", "Kills by what came of them.", ({ sources }) => {
      const kills = sources.work.hubView()?.counts.kills;
      const outcomes = Object.entries(killResults) as [keyof typeof killResults, string][];
      return outcomes.map(([outcome, result]) => sample(kills?.[outcome] ?? 0, { result }));
    }),
  ];
}

function isAlive({ state, isDown }: ComponentView): boolean {
  return state !== "dead" && !isDown;
}

export function ircFamilies(): Family[] {
  const per = (value: (network: Reading["irc"]["networks"][number]) => number) => (reading: Reading) =>
    reading.irc.networks.map((one) => sample(value(one), { network: one.name }));
  return [
    gauge(
      "irc_connected",
      "1: it is online there.",
      per(({ state }) => Number(state === "online")),
    ),
    counter("irc_lines_total", "Lines read and written.", ({ irc }) =>
      irc.networks.flatMap(({ name: network, counts }) => [
        sample(counts.linesIn, { network, dir: "in" }),
        sample(counts.linesOut, { network, dir: "out" }),
      ]),
    ),
    counter(
      "irc_throttled_seconds_total",
      "Time that lines waited for no other reason than not to be taken for a flood.",
      per(({ counts }) => counts.throttledMs / 1000),
    ),
  ];
}

export function authFamily(): Family {
  return counter(
    "auth_failures_total",
    "Who was not let in, or may not, by where it was tried.",
    ({ sources, irc }) => {
      const counts = countAuthFailures(sources, irc);
      return surfaces.map((surface) => sample(counts[surface], { surface }));
    },
  );
}
