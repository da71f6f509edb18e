/** P9: what a message costs as all there is grows: sessions, packets that wait, fragments that are kept. */
import { type Curve, contendersOf, type MeasuredCurve, measureCurve } from "./curve.ts";
import { longCache } from "./growth-fragments.ts";
import { LongQueue } from "./growth-queue.ts";
import { longSession } from "./growth-session.ts";
import { messagesOfBoards, packetsOverSessions } from "./growth-sessions.ts";
import { longSpool } from "./growth-spool.ts";
import { short } from "./report.ts";
import type { Row } from "./row.ts";
import { atMost } from "./verdict.ts";

/** Of the time per message: how far any size may be from the median, %. */
const MOST_DEVIATION = 20;

const SESSIONS = [1, 10, 100, 1000, 10_000];
const PACKETS = [1000, 10_000, 100_000, 1_000_000];
const FRAGMENTS = [100, ...PACKETS];

const curves: Curve[] = [
  {
    ...{ name: "boards", title: "messages of boards, to a consumer", axis: "boards connected" },
    ...{ sizes: SESSIONS, work: messagesOfBoards },
  },
  {
    ...{ name: "sessions", title: "packets over sessions alone", axis: "sessions" },
    ...{ sizes: SESSIONS, work: packetsOverSessions },
  },
  {
    ...{ name: "session", title: "packets through one session", axis: "packets unacknowledged" },
    ...{ sizes: PACKETS, work: longSession },
  },
  {
    ...{ name: "queue", title: "packets through a peer's queue", axis: "packets queued" },
    ...{ sizes: PACKETS, work: (size) => new LongQueue(size) },
  },
  {
    ...{ name: "spool", title: "packets kept in the durable store", axis: "packets kept" },
    ...{ sizes: PACKETS, work: longSpool },
  },
  {
    ...{ name: "fragments", title: "fragments of IRC-IoT put together", axis: "fragments kept" },
    ...{ sizes: FRAGMENTS, work: longCache },
  },
];

export const growth: Row = {
  name: "P9",
  title: "what a message costs as all there is grows",
  contenders: curves.flatMap((curve) => contendersOf("P9", curve)),
  async run(effort, start) {
    // Long lives of much memory: until the collector has found its pace.
    const longer = { ...effort, warmUpMs: 2 * effort.warmUpMs, roundMs: 2 * effort.roundMs };
    const measured: MeasuredCurve[] = [];
    for (const curve of curves) measured.push(await measureCurve(this.name, curve, longer, start));
    return {
      row: this.name,
      title: this.title,
      notes: [
        "CPU time of a process for each size, all its threads, so that a busy machine and a disk disturb it least; flat: no size is more than 20 % from the median of its curve",
        "boards: wires in memory, for 10 000 sockets would be the kernel's cost; session, hello, JSON, watermark, store in memory, consumer; each message comes alone, is a commit and is acknowledged alone",
        "sessions: the same wires, connections and sessions, and nothing behind them",
        "one session: from the sender's buffer through its write to the gateway's session and back; the window of 256 KiB is lifted",
        "queue: packets join its end and leave at its head; its limits of 100 000 packets and 64 MiB are lifted",
        "kept: 250 packets to a flushed commit, each of which removes as many old ones",
        "fragments: five to a Datum, of 64 senders; the newest complete the oldest; its limits of 8 and 256 Datums are lifted",
      ],
      versions: [],
      groups: [],
      curves: measured,
      facts: measured.flatMap(factsOf),
      verdicts: measured.map(({ title, deviation }) =>
        atMost(`${title}: off the median`, deviation, MOST_DEVIATION, "%"),
      ),
    };
  },
};

function factsOf({ title, axis, points }: MeasuredCurve): string[] {
  const of = points.map(
    ({ size, ns: { median, min, max } }) => `${size}: ${short(median)} ns (${short(min)} – ${short(max)})`,
  );
  return [`${title}, by ${axis}: ${of.join(", ")}`];
}
