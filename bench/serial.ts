/** P6: a session over a pseudo-terminal, against npm serialport with the same batches; and over paced lines. */
import { isPtyAvailable } from "../host/transports/pty.ts";
import { jsonMessage } from "./chunks.ts";
import { runProbe } from "./probe.ts";
import { spread } from "./report.ts";
import { versionsOf } from "./root.ts";
import { measureRates } from "./rounds.ts";
import type { Row } from "./row.ts";
import {
  cableBytes,
  cableSession,
  MESSAGE_BYTES,
  probePaced,
  probeRoundTrip,
  type RoundTrips,
  startCableEcho,
  startCableSink,
  startRawEcho,
  startRawPort,
} from "./serial-work.ts";
import { ratioOf, spreadOf } from "./statistics.ts";
import { atLeast, atMost } from "./verdict.ts";

const MESSAGES = 2048;
const BAUDS = [115_200, 921_600];

const messages = () => Array.from({ length: MESSAGES }, (_, i) => jsonMessage(1000 + i, MESSAGE_BYTES));

const contenders = [
  { name: "P6 session", label: "session over link", work: () => cableSession(messages(), "P6 sink") },
  { name: "P6 raw", label: "bytes by serialport", work: () => cableBytes(messages(), "P6 raw sink") },
];

const pacedName = (baud: number) => `P6 paced ${baud}`;

export const serial: Row = {
  name: "P6",
  title: "session over a pseudo-terminal, 100-byte messages",
  contenders,
  farEnds: {
    "P6 sink": startCableSink,
    "P6 raw sink": startRawPort,
    "P6 echo": startCableEcho,
    "P6 raw echo": startRawEcho,
  },
  probes: {
    "P6 round trip": probeRoundTrip,
    ...Object.fromEntries(BAUDS.map((baud) => [pacedName(baud), (effort) => probePaced(effort, baud)])),
  },
  async run(effort, start) {
    const report = {
      row: this.name,
      title: this.title,
      notes: [
        "board's side to gateway's side, which opens the port; between them stands script(1), which makes the terminal",
        "session: link with CRC-32, at most 64 packets unacknowledged, each acknowledged",
        "serialport: batches of 32 messages, two under way, each answered with two bytes; checks nothing",
        "paced: bytes leave the board's side at the line's rate; the share of the line that is payload",
      ],
      versions: versionsOf("serialport"),
      groups: [],
      facts: [],
      verdicts: [],
    };
    if (!isPtyAvailable())
      return { ...report, skipped: "script is not installed: sudo apt-get install bsdutils" };
    const longer = { ...effort, warmUpMs: 3 * effort.warmUpMs, roundMs: 4 * effort.roundMs };
    const rates = await measureRates(contenders, longer, start);
    const trips = await runProbe<RoundTrips>("P6 round trip", effort);
    const verdicts = [
      atLeast("rate: session / serialport", rates[1].ratio, 0.85, { aim: 0.95 }),
      atMost("round trip: session / serialport", ratioOf(trips.session, trips.bytes), 1.25),
    ];
    // Rounds of a paced line differ little.
    const fewer = { ...effort, rounds: Math.min(3, effort.rounds) };
    for (const baud of BAUDS) {
      const shares = await runProbe<number[]>(pacedName(baud), fewer);
      verdicts.push(
        atLeast(`payload at ${baud} baud`, spreadOf(shares.map((share) => 100 * share)), 92, {
          aim: 95,
          unit: "%",
        }),
      );
    }
    const facts = [
      `round trip: session ${spread(trips.session, "µs")}, serialport ${spread(trips.bytes, "µs")}`,
    ];
    return { ...report, groups: [{ title: "as fast as it goes", measurements: rates }], facts, verdicts };
  },
};
