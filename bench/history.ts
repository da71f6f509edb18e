/** H1: a week of values of 200 boards in the history, beside a LevelDB that keeps each value as it is. */
import { PLAIN_BYTES, VALUES } from "./history-feed.ts";
import { type Kept, type KeptHistory, probeBare, probeHistory } from "./history-work.ts";
import { runProbe } from "./probe.ts";
import { short, spread } from "./report.ts";
import { versionsOf } from "./root.ts";
import type { Row } from "./row.ts";
import { median, spreadOf } from "./statistics.ts";
import { atMost } from "./verdict.ts";

const MB = 1e6;
/** The last, in which all is done that ever is. */
const STEADY_DAYS = 4;
/** A merge more than now shows in both. */
const MOST_OF_LEVEL = 0.15;
const MOST_OF_COLUMNS = 2;
/** It unpacks what LevelDB alone has as it is; and thins most of a week. */
const MOST_TIME = 2;

export const historyRow: Row = {
  name: "H1",
  title: "history of 200 boards: 10 messages a second of 8 numbers each, 8 days of a clock that is moved",
  contenders: [],
  probes: { "H1 history": probeHistory, "H1 LevelDB": probeBare },
  async run(effort) {
    const ours = await runProbe<KeptHistory>("H1 history", effort);
    const bare = await runProbe<Kept>("H1 LevelDB", effort);
    const steady = ours.written.slice(-STEADY_DAYS);
    const [bareDay] = bare.written.slice(-1);
    const times = (bytes: number) => spreadOf(steady.map((one) => one / bytes));
    const plain = ours.messages * PLAIN_BYTES;
    const inMb = (all: readonly number[]) =>
      spread(
        all.map((bytes) => bytes / MB),
        "MB",
      );
    const aValue = (bytes: number) => `${short(bytes / (ours.messages * VALUES))} bytes a value`;
    return {
      row: this.name,
      title: this.title,
      notes: [
        `history: of defaults, on disk; its last ${STEADY_DAYS} days, in which all is thinned and given up that ever is`,
        "LevelDB: classic-level, a put of 16 bytes a value, as many at once; thins nothing, keeps all, and is in its second day: its merges only grow",
        "columns: a double of each value and of each time, written once: what it is without packing, index and thinning",
        "written: what the process handed to the system (wchar of /proc/self/io), logs and merges among it",
        "read: from the process's own database, of one series after the other; LevelDB has each in one piece",
      ],
      versions: versionsOf("classic-level"),
      groups: [],
      facts: [
        `written a day: history ${inMb(steady)}, ${aValue(spreadOf(steady).median)}; ` +
          `LevelDB ${short(bareDay / MB)} MB, ${aValue(bareDay)}; columns ${short(plain / MB)} MB`,
        `each day from the first: ${ours.written.map((bytes) => short(bytes / MB)).join(", ")} MB`,
        `read, a series: history a day ${spread(ours.dayMs, "ms")}, a week ${spread(ours.weekMs, "ms")}; ` +
          `LevelDB a day ${spread(bare.dayMs, "ms")}`,
        `held: ${short(ours.held / 2 ** 20)} MiB of heap and buffers, before it writes what it gathered`,
      ],
      verdicts: [
        atMost("written a day: history / LevelDB", times(bareDay), MOST_OF_LEVEL),
        atMost("written a day: history / columns", times(plain), MOST_OF_COLUMNS),
        atMost("a day of one series: history / LevelDB", median(ours.dayMs) / median(bare.dayMs), MOST_TIME),
        atMost(
          "a week by the history / a day by LevelDB",
          median(ours.weekMs) / median(bare.dayMs),
          MOST_TIME,
        ),
      ],
    };
  },
};
