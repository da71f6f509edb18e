/** W1: what a flash card has to bear of a message that is kept and handed on. */
import { mosquittoMissing, mosquittoVersion } from "./mosquitto.ts";
import { runProbe } from "./probe.ts";
import { short } from "./report.ts";
import { versionsOf } from "./root.ts";
import type { Row } from "./row.ts";
import type { Effort } from "./runner.ts";
import { atMost } from "./verdict.ts";
import { handOnToBroker } from "./wear-broker.ts";
import { PAYLOAD_BYTES, probeWear, type Worn } from "./wear-work.ts";

/** users.md D8. */
const MOST_CALM_BYTES = 600;
const MOST_FULL = 2.6;
const A_DAY = 10 * 86_400;

export const wear: Row = {
  name: "W1",
  title: `bytes written for a message of ${PAYLOAD_BYTES} bytes that is kept, handed on and given up again`,
  contenders: [],
  probes: {
    "W1 calm": probeWear("calm"),
    "W1 full": probeWear("full"),
    "W1 calm, MQTT": probeWear("calm", handOnToBroker),
    "W1 full, MQTT": probeWear("full", handOnToBroker),
  },
  async run(effort) {
    const calm = await runProbe<Worn>("W1 calm", effort);
    const full = await runProbe<Worn>("W1 full", effort);
    const broker = mosquittoVersion();
    const told = broker === undefined ? null : await tell(effort);
    return {
      row: this.name,
      title: this.title,
      notes: [
        "calm: 10 messages a commit, as at 10 a second with store.commitDelayMs: 1000, and a clock that is as quick; full: 1000 a commit",
        "the store is full all the time: what comes in pushes out as much, with LevelDB's merges of it",
        "a forwarder hands all on meanwhile, its cursor among what is written; written: wchar of /proc/self/io",
        broker === undefined
          ? mosquittoMissing
          : "MQTT: to a real mosquitto, with the newest values and Home Assistant; without what goes to the network",
      ],
      versions: [...versionsOf("classic-level"), ...(broker === undefined ? [] : [broker])],
      groups: [],
      facts: [
        `calm: ${short(calm.bytesPerMessage)} bytes a message, ${short((calm.bytesPerMessage * A_DAY) / 1e6)} MB a day; ` +
          `full: ${short(full.bytesPerMessage)} bytes; handed on: ${calm.handedOn} and ${full.handedOn}`,
        ...(told === null
          ? []
          : [
              `MQTT, calm: ${short(told.calm.bytesPerMessage)} bytes a message, ${short((told.calm.bytesPerMessage * A_DAY) / 1e6)} MB a day; ` +
                `full: ${short(told.full.bytesPerMessage)} bytes; handed on: ${told.calm.handedOn} and ${told.full.handedOn}`,
            ]),
      ],
      verdicts: [
        atMost("calm: bytes written for a message", calm.bytesPerMessage, MOST_CALM_BYTES, "bytes"),
        atMost("full: written / payload", full.bytesPerMessage / PAYLOAD_BYTES, MOST_FULL),
        ...(told === null
          ? []
          : [
              atMost(
                "MQTT, calm: bytes written for a message",
                told.calm.bytesPerMessage,
                MOST_CALM_BYTES,
                "bytes",
              ),
              atMost("MQTT, full: written / payload", told.full.bytesPerMessage / PAYLOAD_BYTES, MOST_FULL),
            ]),
      ],
    };
  },
};

async function tell(effort: Effort): Promise<{ calm: Worn; full: Worn }> {
  const calm = await runProbe<Worn>("W1 calm, MQTT", effort);
  return { calm, full: await runProbe<Worn>("W1 full, MQTT", effort) };
}
