/** P2: acknowledged packets over loopback TCP, one process to another, against MQTT QoS 1 and bytes alone. */
import { jsonMessage } from "./chunks.ts";
import { versionsOf } from "./root.ts";
import { measureRates } from "./rounds.ts";
import type { Row } from "./row.ts";
import { mqttStream, rawStream, startAedes, startByteSink } from "./stream-peers.ts";
import { sessionStream, startSink } from "./stream-work.ts";
import { atLeast } from "./verdict.ts";

const SMALL = { bytes: 100, messages: 16_384 };
const LARGE = { bytes: 65_536, messages: 64 };

const messagesOf = ({ bytes, messages }: typeof SMALL) =>
  Array.from({ length: messages }, (_, i) => jsonMessage(1000 + i, bytes));

const small = [
  {
    name: "P2 session 100",
    label: "session",
    work: () => sessionStream(messagesOf(SMALL), "P2 session sink"),
  },
  {
    name: "P2 mqtt 100",
    label: "MQTT.js QoS 1 → aedes",
    work: () => mqttStream(messagesOf(SMALL), "P2 aedes"),
  },
  {
    name: "P2 raw 100",
    label: "raw TCP in slabs",
    work: () => rawStream(messagesOf(SMALL), "P2 raw sink 100"),
  },
];

const large = [
  {
    name: "P2 session 64k",
    label: "session",
    work: () => sessionStream(messagesOf(LARGE), "P2 session sink"),
  },
  {
    name: "P2 raw 64k",
    label: "raw TCP in slabs",
    work: () => rawStream(messagesOf(LARGE), "P2 raw sink 64k"),
  },
];

export const stream: Row = {
  name: "P2",
  title: "acknowledged session over loopback TCP, store in memory",
  contenders: [...small, ...large],
  farEnds: {
    "P2 session sink": startSink,
    "P2 aedes": startAedes,
    "P2 raw sink 100": () => startByteSink(SMALL.bytes * SMALL.messages, SMALL.bytes),
    "P2 raw sink 64k": () => startByteSink(LARGE.bytes * LARGE.messages, LARGE.bytes),
  },
  async run(effort, start) {
    // A run's end waits for the last sync packet, up to 20 ms.
    const longer = { ...effort, warmUpMs: 3 * effort.warmUpMs, roundMs: 4 * effort.roundMs };
    const of100 = await measureRates(small, longer, start);
    const of64k = await measureRates(large, longer, start);
    const [, mqtt, raw] = of100;
    return {
      row: this.name,
      title: this.title,
      notes: [
        "each in two processes, CPU of both; all wait for the last acknowledgement",
        "session: window of 256 KiB; the gateway's listener, connection and session server count and accept every packet",
        "MQTT.js: the best of 100, 1000 and 5000 publishes unacknowledged; the subscriber is in the broker's process",
        "raw TCP: slabs of 64 KiB made before, nothing acknowledged, bytes counted",
        "64 KiB: a session copies each byte into its send buffer, into the write, and where two reads cut a packet, which bytes alone do not; a window of 512 KiB or 1 MiB is no faster",
      ],
      versions: versionsOf("mqtt", "aedes"),
      groups: [
        { title: "100-byte messages", measurements: of100 },
        { title: "64-KiB messages", measurements: of64k },
      ],
      facts: [],
      verdicts: [
        atLeast("100 bytes: session / MQTT.js QoS 1 → aedes", mqtt.ratio, 25, { aim: 50 }),
        atLeast("100 bytes: session / raw TCP in slabs", raw.ratio, 0.25, { aim: 0.5 }),
        atLeast("64 KiB: session / raw TCP in slabs", of64k[1].ratio, 0.85, { aim: 0.95 }),
      ],
    };
  },
};
