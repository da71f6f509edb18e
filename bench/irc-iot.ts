/** P11: IRC-IoT written and read, in one line and in several, beside JSON alone and the reference. */
import { type Lines, probeLines, SIZES } from "./irc-lines.ts";
import { checkout, type IrcTask, jsonOnly, ourIrcIot, Reference } from "./irc-work.ts";
import { runProbe } from "./probe.ts";
import { spread } from "./report.ts";
import { measureRates } from "./rounds.ts";
import type { Row } from "./row.ts";
import { ratioOf } from "./statistics.ts";
import { atLeast, atMost } from "./verdict.ts";

const MOST_GROWTH = 1.2;
const LEAST_FILLED = 85;

/** How many times as many messages per CPU second as the reference. */
const encoding = { goal: 10, aim: 15 };
const decoding = { goal: 5, aim: 6.5 };
const goals: Record<IrcTask, { goal: number; aim: number }> = {
  "encode-small": encoding,
  "decode-small": decoding,
  "encode-fragmented": encoding,
  "decode-fragmented": decoding,
};
const tasks = Object.keys(goals) as IrcTask[];

const contendersOf = (task: IrcTask) => [
  { name: `P11 ours ${task}`, label: "ours", work: () => ourIrcIot(task) },
  {
    name: `P11 json ${task}`,
    label: task.endsWith("small") ? "JSON alone" : "JSON and zlib alone",
    work: () => jsonOnly(task),
  },
  { name: `P11 reference ${task}`, label: "PyIRCIoT", work: () => new Reference(task) },
];

export const ircIot: Row = {
  name: "P11",
  title: "IRC-IoT, Datums of 131 bytes in a line, and of two kilobytes in several",
  contenders: tasks.flatMap(contendersOf),
  probes: { "P11 lines": probeLines },
  async run(effort, start) {
    // Decoder, reassembly, base and zlib are much code for the compiler, and a cycle of theirs is long.
    const warm = { ...effort, warmUpMs: 8 * effort.warmUpMs };
    const groups = [];
    const verdicts = [];
    for (const task of tasks) {
      const contenders = contendersOf(task).slice(0, checkout === "" ? 2 : 3);
      const measurements = await measureRates(contenders, warm, start);
      groups.push({ title: task, measurements });
      if (checkout === "") continue;
      const { goal, aim } = goals[task];
      verdicts.push(atLeast(`${task}: ours / PyIRCIoT, by CPU`, measurements[2].cpuRatio, goal, { aim }));
    }
    const { filled, datumsPerLine, perByte } = await runProbe<Lines>("P11 lines", effort);
    const growth = ratioOf(perByte.at(-1)!, perByte[0]);
    verdicts.push(
      atMost("64 KiB in fragments / 1 KiB, per byte", growth, MOST_GROWTH),
      atLeast("lines filled with telemetry", filled, LEAST_FILLED, "%"),
    );
    return {
      row: this.name,
      title: this.title,
      notes: [
        "ours: Datum to text of a line, and text to a checked Datum; in several lines with zlib, base85 and reassembly",
        "JSON alone: the same objects and texts, and nothing else: the limit",
        checkout === ""
          ? "PyIRCIoT: not compared; PYIRCIOT=/path/to/checkout compares it"
          : "PyIRCIoT: the Datum's encapsulation and decapsulation, without the check that its bots do before; its fragments are cleared after each Datum, which it does not do itself",
        "what ngircd's penalties let pass is measured where a server runs",
      ],
      versions: [],
      groups,
      facts: [
        ...SIZES.map(
          (size, i) => `Datum of ${size} bytes in fragments, there and back: ${spread(perByte[i], "ns/B")}`,
        ),
        `telemetry: ${datumsPerLine.toFixed(2)} Datums a line, ${filled.toFixed(1)} % of its bytes used`,
      ],
      verdicts,
    };
  },
};
