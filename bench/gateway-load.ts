/** P8: a whole gateway under load, against one made with aedes; and what it holds while nothing happens. */
import {
  type Idle,
  type Load,
  probeIdle,
  probeLoad,
  probeResident,
  type Resident,
  startAedesGateway,
  startIdleSessions,
  startOurGateway,
  startSockets,
} from "./gateway-work.ts";
import { runProbe } from "./probe.ts";
import { short, spread } from "./report.ts";
import { versionsOf } from "./root.ts";
import type { Row } from "./row.ts";
import { ratioOf } from "./statistics.ts";
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
  probes: { "P8 load": probeLoad, "P8 idle": probeIdle, "P8 resident": probeResident },
  async run(effort) {
    const { ours, aedes } = await runProbe<{ ours: Load; aedes: Load }>("P8 load", effort);
    const idle = await runProbe<Idle>("P8 idle", effort);
    const resident = await runProbe<Resident>("P8 resident", effort);
    const kib = (bytes: number) => `${short(bytes / KIB)} KiB`;
    return {
      row: this.name,
      title: this.title,
      notes: [
        "load: 200 clients in a process of their own, both gateways side by side, each in its process, loaded in turn",
        "gateway: with its durable store, every message flushed before it is acknowledged and handed to a consumer",
        "aedes: MQTT.js at QoS 1; parses the JSON, keeps the last 1000 messages in memory, hands each to a consumer",
        "held: heap and buffers after a collection; resident: of the installed program with its page, and of bare Node",
      ],
      versions: versionsOf("aedes", "mqtt"),
      groups: [],
      facts: [
        `CPU a message: gateway ${spread(ours.cpuUs, "µs")}, aedes ${spread(aedes.cpuUs, "µs")}`,
        `p99 to the consumer: gateway ${spread(ours.p99Ms, "ms")}, aedes ${spread(aedes.p99Ms, "ms")}`,
        `held under load with 200 clients: gateway ${kib(ours.bytes)}, aedes ${kib(aedes.bytes)}`,
        `and before the first of them: gateway ${kib(ours.emptyBytes)}, aedes ${kib(aedes.emptyBytes)}`,
        `held by a connection: socket ${kib(idle.socket)}, session ${kib(idle.session)}, board ${kib(idle.board)}`,
        `held without a connection: session ${kib(idle.detached)}, board ${kib(idle.absentBoard)}`,
        `resident: gateway ${short(resident.gateway / KIB)} MiB, Node ${short(resident.node / KIB)} MiB`,
      ],
      verdicts: [
        atMost("CPU a message: gateway / aedes", ratioOf(ours.cpuUs, aedes.cpuUs), 0.5),
        atMost("held under load: gateway / aedes", ours.bytes / aedes.bytes, 0.5),
        atMost("p99 to the consumer: gateway / aedes", ratioOf(ours.p99Ms, aedes.p99Ms), 1),
        atMost("idle: resident, gateway / Node", resident.gateway / resident.node, 2),
        atMost("idle session / bare socket", idle.session / idle.socket, 1.2),
        atMost("detached session", idle.detached / KIB, 1, "KiB"),
      ],
    };
  },
};
