/** P1: the session's decoder against those of MQTT and WebSocket, and what it allocates in and out. */
import { jsonMessage } from "./chunks.ts";
import { mqttPackets, touchEveryByte, wsFrames } from "./peer-work.ts";
import { versionsOf } from "./root.ts";
import { measure } from "./rounds.ts";
import type { Row } from "./row.ts";
import { sessionIn, sessionOut } from "./session-work.ts";
import { atLeast, below } from "./verdict.ts";

const MESSAGE_BYTES = 100;
/** As many frames of any size fill whole chunks of 64 and of 1024 bytes. */
const MESSAGES = 1024;
const CHUNK_SIZES = [64, 1024];

const messages = () => Array.from({ length: MESSAGES }, (_, i) => jsonMessage(1000 + i, MESSAGE_BYTES));

const readers = (size: number) => [
  { name: `P1 session ${size}`, label: "session", work: () => sessionIn(messages(), size) },
  { name: `P1 mqtt ${size}`, label: "mqtt-packet QoS 1", work: () => mqttPackets(messages(), size) },
  { name: `P1 ws ${size}`, label: "ws Receiver", work: () => wsFrames(messages(), size) },
  { name: `P1 touch ${size}`, label: "touching every byte", work: () => touchEveryByte(messages(), size) },
];

const writers = [{ name: "P1 out", label: "session, sending", work: () => sessionOut(messages()) }];

export const sessionDecode: Row = {
  name: "P1",
  title: "session decode, 100-byte packets",
  contenders: [...CHUNK_SIZES.flatMap(readers), ...writers],
  async run(effort, start) {
    const groups = [];
    const verdicts = [];
    for (const size of CHUNK_SIZES) {
      const measurements = await measure(readers(size), effort, start);
      const [ours, mqtt, ws, touch] = measurements;
      const at = `${size}-byte chunks`;
      groups.push({ title: `reading, ${at}`, measurements });
      verdicts.push(atLeast(`${at}: session / mqtt-packet`, mqtt.ratio, 15));
      verdicts.push(atLeast(`${at}: session / ws`, ws.ratio, 3));
      if (size === 64)
        verdicts.push(atLeast(`${at}: session / touching every byte`, touch.ratio, 0.5, { aim: 0.65 }));
      verdicts.push(below(`${at}: allocated by reading`, ours.bytes!, 1, "B/packet"));
    }
    const sending = await measure(writers, effort, start);
    groups.push({ title: "sending: append, pump, acknowledgements read", measurements: sending });
    verdicts.push(below("allocated by sending", sending[0].bytes!, 1, "B/packet"));
    return {
      row: this.name,
      title: this.title,
      notes: [
        "session: acknowledges every packet with sync packets; the clock stands still within 1024 packets",
        "mqtt-packet: decodes QoS 1 publishes (112 bytes), sends no PUBACK",
        "ws: binary frames without a mask (102 bytes), as a client reads them; acknowledges nothing",
        "touching every byte: adds up the session's bytes, finds no packets",
      ],
      versions: versionsOf("mqtt-packet", "ws"),
      groups,
      facts: [],
      verdicts,
    };
  },
};
