/** P3: messages through the whole gateway to its store and a consumer, against brokers that keep them. */
import { jsonMessage } from "./chunks.ts";
import { mosquittoMissing, mosquittoVersion, startMosquittoConsumer } from "./mosquitto.ts";
import { jetStream, natsMissing, natsVersion, startJetStream } from "./nats.ts";
import { versionsOf } from "./root.ts";
import { measureRates } from "./rounds.ts";
import type { Row } from "./row.ts";
import { boardStream, startStoring } from "./store-work.ts";
import { mqttStream } from "./stream-peers.ts";
import { atLeast } from "./verdict.ts";

const MESSAGE_BYTES = 100;
const MESSAGES = 8192;

const messages = () => Array.from({ length: MESSAGES }, (_, i) => jsonMessage(1000 + i, MESSAGE_BYTES));

const durable = [
  {
    name: "P3 gateway disk",
    label: "gateway, flushed",
    work: () => boardStream(messages(), "P3 gateway on disk"),
  },
  { name: "P3 nats", label: "NATS JetStream, file", work: () => jetStream(messages(), "P3 nats") },
  {
    name: "P3 mosquitto disk",
    label: "mosquitto, persistence",
    work: () => mqttStream(messages(), "P3 mosquitto with persistence"),
  },
];

const inMemory = [
  {
    name: "P3 gateway memory",
    label: "gateway, memory",
    work: () => boardStream(messages(), "P3 gateway in memory"),
  },
  {
    name: "P3 mosquitto memory",
    label: "mosquitto",
    work: () => mqttStream(messages(), "P3 mosquitto in memory"),
  },
];

export const storing: Row = {
  name: "P3",
  title: "through the whole gateway, 100-byte JSON messages",
  contenders: [...durable, ...inMemory],
  farEnds: {
    "P3 gateway on disk": () => startStoring("disk"),
    "P3 gateway in memory": () => startStoring("memory"),
    "P3 nats": startJetStream,
    "P3 mosquitto with persistence": () =>
      startMosquittoConsumer(["persistence true", "autosave_interval 1"]),
    "P3 mosquitto in memory": () => startMosquittoConsumer(),
  },
  async run(effort, start) {
    const nats = natsVersion();
    const mosquitto = mosquittoVersion();
    const facts = [];
    if (nats === undefined) facts.push(`JetStream: skipped: ${natsMissing}`);
    if (mosquitto === undefined) facts.push(`mosquitto: skipped: ${mosquittoMissing}`);
    const isThere = ({ name }: { name: string }) =>
      !(name.includes("nats") && nats === undefined) &&
      !(name.includes("mosquitto") && mosquitto === undefined);
    const longer = { ...effort, warmUpMs: 3 * effort.warmUpMs, roundMs: 4 * effort.roundMs };
    const onDisk = await measureRates(durable.filter(isThere), longer, start);
    const kept = await measureRates(inMemory.filter(isThere), longer, start);
    const ratio = (label: string) => [...onDisk, ...kept].find((one) => one.label === label)?.ratio;
    const goals: [string, string, number][] = [
      ["flushed: gateway / NATS JetStream, file", "NATS JetStream, file", 5],
      ["flushed: gateway / mosquitto, persistence", "mosquitto, persistence", 3],
      ["in memory, JSON read: gateway / mosquitto", "mosquitto", 10],
    ];
    return {
      row: this.name,
      title: this.title,
      notes: [
        "gateway: session, hello, JSON, durable store, consumer; acknowledged after the flush of its commit",
        "JetStream: stored in files, flushed every two minutes, no consumer; mosquitto: to a persistent subscriber that reads the JSON, never flushed",
        "publishers: the best of 100, 1000 and 5000 unanswered",
      ],
      versions: [
        ...versionsOf("classic-level", "mqtt", "@nats-io/jetstream"),
        ...[nats, mosquitto].filter((version) => version !== undefined),
      ],
      groups: [
        { title: "kept on disk", measurements: onDisk },
        { title: "kept in memory", measurements: kept },
      ],
      facts,
      verdicts: goals.flatMap(([what, label, goal]) => {
        const found = ratio(label);
        return found === undefined ? [] : [atLeast(what, found, goal)];
      }),
    };
  },
};
