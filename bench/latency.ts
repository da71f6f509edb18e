/** P4: how late a message is, how soon a session is back, and how fast what was queued arrives. */

import {
  type Latencies,
  probeLatency,
  probeReplay,
  probeResume,
  type Replays,
  type Resumes,
  startAgeSinks,
  startEcho,
  startQueue,
  startSlab,
} from "./latency-work.ts";
import { mosquittoMissing, mosquittoVersion, startMosquitto } from "./mosquitto.ts";
import { runProbe } from "./probe.ts";
import { spread } from "./report.ts";
import { versionsOf } from "./root.ts";
import type { Row } from "./row.ts";
import { ratioOf } from "./statistics.ts";
import { startSink } from "./stream-work.ts";
import { atLeast, atMost } from "./verdict.ts";

const us = (ns: readonly number[]) =>
  spread(
    ns.map((one) => one / 1000),
    "µs",
  );

export const latency: Row = {
  name: "P4",
  title: "latency over loopback TCP with default intervals, resuming, replay",
  contenders: [],
  farEnds: {
    "P4 ages": startAgeSinks,
    "P4 echo": startEcho,
    "P4 resumed": startSink,
    "P4 queue": startQueue,
    "P4 slab": startSlab,
    "P4 mosquitto": () => startMosquitto(),
  },
  probes: { "P4 latency": probeLatency, "P4 resume": probeResume, "P4 replay": probeReplay },
  async run(effort) {
    const ages = await runProbe<Latencies>("P4 latency", effort);
    const resumes = await runProbe<Resumes>("P4 resume", effort);
    const mosquitto = mosquittoVersion();
    const facts = [];
    const verdicts = [];
    for (const what of ["p50", "p99"] as const) {
      const [ours, raw] = [ages.session, ages.bytes].map((rounds) => rounds.map((round) => round[what]));
      facts.push(`one way, ${what}: session ${us(ours)}, raw TCP ${us(raw)}`);
      verdicts.push(
        what === "p50"
          ? atMost("one way, p50: session / raw TCP", ratioOf(ours, raw), 1.3, { aim: 1.1 })
          : atMost("one way, p99: session / raw TCP", ratioOf(ours, raw), 1.5),
      );
    }
    facts.push(
      `resume ${spread(resumes.resume, "µs")}, raw round trip ${spread(resumes.roundTrip, "µs")}, ` +
        `a new connection and a round trip over it ${spread(resumes.connect, "µs")}, ` +
        `of which resume is ${ratioOf(resumes.resume, resumes.connect).median.toFixed(2)} ×`,
    );
    verdicts.push(atMost("resume p50 / raw round trip", ratioOf(resumes.resume, resumes.roundTrip), 3));
    if (mosquitto === undefined) facts.push(`replay: skipped: ${mosquittoMissing}`);
    else {
      const replays = await runProbe<Replays>("P4 replay", effort);
      facts.push(
        `replay of 5000: session ${spread(replays.session, "ms")}, one slab over raw TCP ${spread(replays.floor, "ms")}, ` +
          `mosquitto ${spread(replays.mosquitto, "ms")}`,
      );
      verdicts.push(
        atMost("replay of 5000: session / one slab over raw TCP", ratioOf(replays.session, replays.floor), 2),
        atLeast("replay of 5000: mosquitto / session", ratioOf(replays.mosquitto, replays.session), 15),
      );
    }
    return {
      row: this.name,
      title: this.title,
      notes: [
        "one way: two processes, 500 messages/s of 100 bytes each, sent in turn from the same process to the same process",
        "resume: from connect() until packets flow, which is a connection and two round trips of the protocol in one; with Node's sockets a connection and one round trip of bare bytes take 2.6 to 2.8 round trips already",
        "replay: from connect() to the last of 5000 messages of 100 bytes; mosquitto: QoS 1, its windows open, to MQTT.js; the session's slow start begins with 4 packets (D2) and doubles, so 11 flights wait for an acknowledgement each, while the slab goes in one",
      ],
      versions: [...versionsOf("mqtt"), ...(mosquitto === undefined ? [] : [mosquitto])],
      groups: [],
      facts,
      verdicts,
    };
  },
};
