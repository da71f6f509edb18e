/** P5: the serial link's decoder against those that come with serialport, and npm cobs. */
import { jsonMessage } from "./chunks.ts";
import { linkIn } from "./link-work.ts";
import { cobsFrames, fixedLength, slipFrames } from "./peer-work.ts";
import { versionsOf } from "./root.ts";
import { measure } from "./rounds.ts";
import type { Row } from "./row.ts";
import { atLeast, below } from "./verdict.ts";

const MESSAGE_BYTES = 100;
const MESSAGES = 1024;
const CHUNK = 64;
/** "0": what is left is the noise of measuring. */
const NOTHING = 0.5;

const messages = () => Array.from({ length: MESSAGES }, (_, i) => jsonMessage(1000 + i, MESSAGE_BYTES));

/** Bytes of every value, so that more than half of the frames hold one to be escaped. */
const blobs = () =>
  messages().map((message, i) =>
    message.map((_, k) => (Math.imul(i * MESSAGE_BYTES + k + 1, 0x9e3779b1) >>> 24) & 255),
  );

const contenders = [
  { name: "P5 link", label: "link: SLIP, CRC-32, sequence", work: () => linkIn(messages(), CHUNK) },
  { name: "P5 slip", label: "SlipDecoder", work: () => slipFrames(messages(), CHUNK) },
  { name: "P5 cobs", label: "cobs", work: () => cobsFrames(messages(), CHUNK) },
  { name: "P5 length", label: "parser-byte-length", work: () => fixedLength(messages(), CHUNK) },
  { name: "P5 blobs", label: "link, random bytes", work: () => linkIn(blobs(), CHUNK) },
];

export const linkDecode: Row = {
  name: "P5",
  title: "serial link decode, 100-byte payloads, 64-byte chunks",
  contenders,
  async run(effort, start) {
    const measurements = await measure(contenders, effort, start);
    const [ours, slip, cobs, length, random] = measurements;
    return {
      row: this.name,
      title: this.title,
      notes: [
        "link: unescapes, checks CRC-32, link byte and sequence of every frame (108 bytes on the wire)",
        "SlipDecoder: the same bytes, unescaped; checks nothing",
        "cobs: COBS frames (102 bytes); checks nothing",
        "parser-byte-length: counts to 100; checks nothing, and one lost byte shifts all that follows",
      ],
      versions: versionsOf("@serialport/parser-slip-encoder", "cobs", "@serialport/parser-byte-length"),
      groups: [{ title: "reading", measurements }],
      facts: [],
      verdicts: [
        atLeast("link / SlipDecoder", slip.ratio, 25, { aim: 40 }),
        atLeast("link / cobs", cobs.ratio, 5),
        atLeast("link / parser-byte-length", length.ratio, 1.5),
        below("allocated by reading", ours.bytes!, NOTHING, "B/frame"),
        below("allocated by reading random bytes", random.bytes!, NOTHING, "B/frame"),
      ],
    };
  },
};
