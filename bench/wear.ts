/** W1: what a flash card has to bear of a message that is kept and handed on. */
import { runProbe } from "./probe.ts";
import { short } from "./report.ts";
import { versionsOf } from "./root.ts";
import type { Row } from "./row.ts";
import { atMost } from "./verdict.ts";
import { PAYLOAD_BYTES, probeWear, type Worn } from "./wear-work.ts";

/** users.md D8. */
const MOST_CALM_BYTES = 600;
const MOST_FULL = 2.6;
const A_DAY = 10 * 86_400;

export const wear: Row = {
  name: "W1",
  title: `bytes written for a message of ${PAYLOAD_BYTES} bytes that is kept, handed on and given up again`,
  contenders: [],
  probes: { "W1 calm": probeWear("calm"), "W1 full": probeWear("full") },
  async run(effort) {
    const calm = await runProbe<Worn>("W1 calm", effort);
    const full = await runProbe<Worn>("W1 full", effort);
    return {
      row: this.name,
      title: this.title,
      notes: [
        "calm: 10 messages a commit, as at 10 a second with store.commitDelayMs: 1000; full: 1000 a commit",
        "the store is full all the time: what comes in pushes out as much, with LevelDB's merges of it",
        "a forwarder hands all on meanwhile, its cursor among what is written; written: wchar of /proc/self/io",
      ],
      versions: versionsOf("classic-level"),
      groups: [],
      facts: [
        `calm: ${short(calm.bytesPerMessage)} bytes a message, ${short((calm.bytesPerMessage * A_DAY) / 1e6)} MB a day; ` +
          `full: ${short(full.bytesPerMessage)} bytes; handed on: ${calm.handedOn} and ${full.handedOn}`,
      ],
      verdicts: [
        atMost("calm: bytes written for a message", calm.bytesPerMessage, MOST_CALM_BYTES, "bytes"),
        atMost("full: written / payload", full.bytesPerMessage / PAYLOAD_BYTES, MOST_FULL),
      ],
    };
  },
};
