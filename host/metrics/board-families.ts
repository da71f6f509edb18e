/** Boards one by one up to a bound, those behind other gateways as well, and the gateways. */
import type { ShownPeer } from "../gateways/peers-view.ts";
import type { DeviceView } from "../router/views.ts";
import { BoundedLabels } from "./bounded-labels.ts";
import { counter, type Family, gauge, type Sample, sample } from "./family.ts";
import { once } from "./once.ts";
import type { Reading } from "./reading.ts";
import { RunningTotals } from "./running-totals.ts";

const MAX_BOARDS = 200;
const MAX_GATEWAYS = 200;

export function boardFamilies(): Family[] {
  const of = bounded<DeviceView>(
    "device",
    MAX_BOARDS,
    ({ devices }) => devices,
    ({ id }) => id,
  );
  return [
    gauge("devices", "Boards that are known, by whether they are connected.", ({ devices }) => {
      const connected = devices.filter((device) => device.connected).length;
      return [
        sample(connected, { state: "connected" }),
        sample(devices.length - connected, { state: "away" }),
      ];
    }),
    of.worst("device_up", "1: it is connected.", ({ connected }) => Number(connected)),
    of.worst(
      "device_accounted_for",
      "1: it is connected, has said that it goes, or another gateway tells of it; 0: it is missed.",
      ({ connected, hasLeft, gateway }) => Number(connected || hasLeft || gateway !== ""),
    ),
    of.worst(
      "device_last_message_timestamp_seconds",
      "When its last packet arrived; 0 before the first.",
      ({ lastAt }) => lastAt / 1000,
    ),
    of.total("device_delivered_total", "Messages delivered, once each.", ({ delivered }) => delivered),
    of.total("device_missing_total", "Messages whose numbers were never seen.", ({ missing }) => missing),
    of.total(
      "device_maybe_missing_total",
      "The most that it can have lost with its memory when it began anew.",
      ({ mayBeMissing }) => mayBeMissing,
    ),
    of.total(
      "device_repeats_total",
      "Messages that came again, and were dropped by their numbers.",
      ({ repeats }) => repeats,
    ),
    of.total("device_lost_total", "Messages that the board had no room for, as it says.", ({ lost }) => lost),
  ];
}

export function gatewayFamilies(): Family[] {
  const of = bounded<ShownPeer>(
    "peer",
    MAX_GATEWAYS,
    ({ peers }) => peers.peers,
    ({ name }) => name,
  );
  return [
    of.worst("peer_up", "1: there is a session with this gateway, over a connection.", ({ state }) =>
      Number(state === "open"),
    ),
    of.total("peer_received_total", "Frames taken from it.", ({ received }) => received),
    of.total("peer_repeats_total", "Frames that came again, and were dropped.", ({ repeats }) => repeats),
    of.total("peer_faults_total", "Frames that were not understood.", ({ faults }) => faults),
  ];
}

/** Metrics of things that have names: each its own label, up to `limit`, and all others together. */
function bounded<T>(
  label: string,
  limit: number,
  all: (reading: Reading) => readonly T[],
  nameOf: (one: T) => string,
) {
  const labels = new BoundedLabels(limit);
  const read = once((reading) => {
    const things = all(reading);
    labels.refresh(things.map(nameOf));
    return things.map((one) => ({ one, name: nameOf(one), label: labels.labelOf(nameOf(one)) }));
  });
  return {
    /** Of the others it is the least, so that none of them is overlooked. */
    worst: (name: string, help: string, value: (one: T) => number) =>
      gauge(name, help, (reading): Sample[] => {
        const least = new Map<string, number>();
        for (const seen of read(reading))
          least.set(seen.label, Math.min(least.get(seen.label) ?? Infinity, value(seen.one)));
        return [...least].map(([text, found]) => sample(found, { [label]: text }));
      }),
    total: (name: string, help: string, value: (one: T) => number) => {
      const running = new RunningTotals();
      return counter(name, help, (reading): Sample[] => {
        const things = read(reading);
        for (const seen of things) running.add(seen.name, seen.label, value(seen.one));
        return running.samples(
          label,
          things.map((seen) => seen.label),
          things.length,
        );
      });
    },
  };
}
