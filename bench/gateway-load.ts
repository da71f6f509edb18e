/** P8: a whole gateway under load, against one made with aedes; and what it holds while nothing happens. */
import {
  type Load,
  probeLoad,
  probeResident,
  type Resident,
  startAedesGateway,
  startOurGateway,
} from "./gateway-work.ts";
import { type HeldPackets, probeHeldPackets } from "./held-packets.ts";
import { type Idle, probeIdle, startIdleSessions, startSockets } from "./idle-work.ts";
import { runProbe } from "./probe.ts";
import { short, spread } from "./report.ts";
import { versionsOf } from "./root.ts";
import type { Figure, Row } from "./row.ts";
import { ratioOf, spreadOf } from "./statistics.ts";
import { atMost } from "./verdict.ts";

const KIB = 1024;

export const gatewayLoad: Row = {
  name: "P8",
  title: "gateway under load: 200 sessions at 10 messages/s; and idle",
  contenders: [],
  farEnds: {
    "P8 gateway": startOurGateway,
    "P8 aedes": startAedesGateway,
    "P8 sockets": startSockets,
    "P8 sessions": startIdleSessions,
  },
  probes: {
    ...{ "P8 load": probeLoad, "P8 idle": probeIdle },
    ...{ "P8 packets": probeHeldPackets, "P8 resident": probeResident },
  },
  async run(effort) {
    const { ours, aedes } = await runProbe<{ ours: Load; aedes: Load }>("P8 load", effort);
    const idle = await runProbe<Idle>("P8 idle", effort);
    const packets = await runProbe<HeldPackets>("P8 packets", effort);
    const resident = await runProbe<Resident>("P8 resident", effort);
    const kib = (bytes: number) => `${short(bytes / KIB)} KiB`;
    return {
      row: this.name,
      title: this.title,
      notes: [
        "load: 200 clients in a process of their own, both gateways side by side, each in its process, loaded in turn",
        "gateway: with its durable store, every message flushed before it is acknowledged and handed to a consumer",
        "aedes: MQTT.js at QoS 1; parses the JSON, keeps the last 1000 messages in memory, hands each to a consumer",
        "held, and one more: heap and buffers after a collection, of 1000 connections and of 100 000 packets; resident: of the installed program with its page, and of bare Node",
      ],
      versions: versionsOf("aedes", "mqtt"),
      groups: [],
      figures: figuresOf(idle, packets),
      facts: [
        `CPU a message: gateway ${spread(ours.cpuUs, "µs")}, aedes ${spread(aedes.cpuUs, "µs")}`,
        `p99 to the consumer: gateway ${spread(ours.p99Ms, "ms")}, aedes ${spread(aedes.p99Ms, "ms")}`,
        `held under load with 200 clients: gateway ${kib(ours.bytes)}, aedes ${kib(aedes.bytes)}`,
        `and before the first of them: gateway ${kib(ours.emptyBytes)}, aedes ${kib(aedes.emptyBytes)}`,
        `resident: gateway ${short(resident.gateway / KIB)} MiB, Node ${short(resident.node / KIB)} MiB`,
      ],
      verdicts: [
        atMost("CPU a message: gateway / aedes", ratioOf(ours.cpuUs, aedes.cpuUs), 0.5),
        atMost("held under load: gateway / aedes", ours.bytes / aedes.bytes, 0.5),
        atMost("p99 to the consumer: gateway / aedes", ratioOf(ours.p99Ms, aedes.p99Ms), 1),
        atMost("idle: resident, gateway / Node", resident.gateway / resident.node, 2),
        atMost("idle session / bare socket", ratioOf(idle.session, idle.socket), 1.2),
        atMost("detached session", spreadOf(idle.detached.map((bytes) => bytes / KIB)), 1, "KiB"),
      ],
    };
  },
};

/** Bytes of one more of each: heap and the buffers outside it, after a collection. */
function figuresOf(idle: Idle, packets: HeldPackets): Figure[] {
  const all: [string, number[]][] = [
    ["a bare socket that is listened to", idle.socket],
    ["a session with its connection, idle", idle.session],
    ["a session without a connection", idle.detached],
    ["a board with its session and connection, idle", idle.board],
    ["a board without a connection", idle.absentBoard],
    ["a packet of 100 bytes in a session's send buffer", packets.sendBuffer],
    ["a packet of 100 bytes in a peer's queue, with its bytes", packets.queue],
    ["a packet of 100 bytes kept in the durable store: memory", packets.spool],
    ["a packet of 100 bytes kept in the durable store: disk", packets.disk],
  ];
  return all.map(([what, bytes]) => ({ what, unit: "B", ...spreadOf(bytes) }));
}
