/** P12: messages of components through the hub, beside libzmq that only passes them on. */

import { defaultLimits } from "../host/zmtp/limits.ts";
import { startProducer, startReader } from "./forward-ends.ts";
import {
  forwarding,
  probeStanding,
  type Sort,
  type Standing,
  startForwarding,
  startHub,
} from "./forward-work.ts";
import { runProbe } from "./probe.ts";
import { versionsOf } from "./root.ts";
import { measureRates } from "./rounds.ts";
import type { Row } from "./row.ts";
import { atLeast, atMost } from "./verdict.ts";

const LEAST_RATE = 0.7;
/** Of the marks: a message that waits is an object, too, and the socket has taken some already. */
const MOST_HELD = 2;
const MARKS_MIB = defaultLimits.pendingBytes / 2 ** 20;
/** Once the marks are reached: what a hub learns of its readers meanwhile. */
const MOST_GROWN_MIB = 2;

const contendersOf = (sort: Sort) => [
  { name: `P12 hub ${sort}`, label: "hub", work: () => forwarding(startHub, sort) },
  { name: `P12 zeromq ${sort}`, label: "zeromq.js", work: () => forwarding(startForwarding, sort) },
];
const news = contendersOf("data");
const tasks = contendersOf("config");

/** MiB; a process may have less than before, which counts as next to nothing. */
const grown = (before: number, after: number) => Math.max(0.001, after - before);

export const forwardingRow: Row = {
  name: "P12",
  title: "messages of components, a tag and a body of 214 bytes, from one producer to one reader",
  contenders: [...news, ...tasks],
  farEnds: { "P12 producer": startProducer, "P12 reader": startReader },
  probes: { "P12 standing": probeStanding },
  async run(effort, start) {
    const warm = { ...effort, warmUpMs: 5 * effort.warmUpMs, roundMs: 3 * effort.roundMs };
    const passed = await measureRates(news, warm, start);
    const remembered = await measureRates(tasks, warm, start);
    const { held, messages } = await runProbe<Standing>("P12 standing", effort);
    const [first, full, later] = held.map((bytes) => bytes / 2 ** 20);
    return {
      row: this.name,
      title: this.title,
      notes: [
        "hub: tag and body are checked, and held against each other; of tasks it remembers the newest 10 000",
        "zeromq.js: receives and publishes, and looks into nothing: what the binding can do at most",
        "producer and reader: zeromq.js, each in a process; CPU is that of the hub's process alone",
      ],
      versions: versionsOf("zeromq"),
      groups: [
        { title: "data", measurements: passed },
        { title: "tasks", measurements: remembered },
      ],
      facts: [
        `beside a subscriber that stands still: ${(full - first).toFixed(1)} MiB more after ${messages} messages, ` +
          `${(later - first).toFixed(1)} MiB after as many again`,
      ],
      verdicts: [
        atLeast("data: hub / zeromq.js", passed[1].ratio, LEAST_RATE),
        atMost(
          "kept for a subscriber that stands still / its mark",
          grown(first, full) / MARKS_MIB,
          MOST_HELD,
        ),
        atMost("above its mark it grows by", grown(full, later), MOST_GROWN_MIB, "MiB"),
      ],
    };
  },
};
