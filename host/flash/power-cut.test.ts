/**
 * The simulated board's power fails at any word it writes while it is flashed or restored: the next start runs a whole
 * program, the old one or the new one, and the next flashing succeeds. CUTS=all tries every word; SEED=n others.
 */
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { boardKinds } from "../simulator/board-kinds.ts";
import { SimulatedBoard } from "../simulator/simulated-board.ts";
import { folderForEach } from "../testing/folders.ts";
import { seededRandom } from "../transports/random.ts";
import { flashBoard, openBoard, restart, restoreBoard } from "./flash.ts";
import { SimulatedWire } from "./testing/simulated-wire.ts";
import { type Act, type Bench, namedProgram, type Story, stories } from "./testing/stories.ts";

const folder = folderForEach("cut");
const SEED = Number(process.env.SEED ?? 1);
/** Of some hundred words a story; the stages between them are few. */
const SAMPLED_CUTS = 12;

class SimulatedBench implements Bench {
  /** What it printed since it was switched on. */
  printed: string[] = [];
  /** Words written and pages erased by the last act. */
  operations = 0;
  /** Where its backups go: those that a story restores, unless said otherwise. */
  backupFolder = join(folder(), "backups");
  readonly wire = new SimulatedWire();
  readonly board: SimulatedBoard;

  constructor(
    readonly place: string,
    private readonly story: Story,
  ) {
    this.board = new SimulatedBoard({
      id: "sim-1",
      kind: { ...boardKinds.esp32, ...(story.flash && { flash: story.flash }) },
      transport: { kind: "serial", port: this.wire },
      storageDir: this.place,
      onConsole: (line) => this.printed.push(line),
    });
  }

  /** cutAfter: so many operations after the prompt was there. */
  async act(what: Act, cutAfter = Number.POSITIVE_INFINITY): Promise<void> {
    const { signal } = new AbortController();
    this.board.start();
    try {
      const openWire = async () => this.wire;
      const opened = await openBoard({ path: "", allowReset: false, signal, onNote() {}, openWire });
      const { memory } = this.board.flash;
      const before = memory.operations;
      // As a USB port does when its board has no power.
      const lose = () => this.wire.onLost("the device hung up");
      if (cutAfter < Number.POSITIVE_INFINITY) this.board.cutPowerAfter(cutAfter, lose);
      const options = { backupFolder: this.backupFolder, signal, onProgress() {} };
      if (what === "restore") await restoreBoard(opened, options);
      else {
        const name = what.slice("flash ".length);
        await flashBoard(opened, {
          ...options,
          program: namedProgram(name, this.story.programBytes),
          config: { for: name },
        });
      }
      this.operations = memory.operations - before;
      await restart(opened);
    } finally {
      this.board.stop();
    }
  }

  async writeFile(name: string, text: string): Promise<void> {
    this.board.flash.write(name, Buffer.from(text, "latin1"));
  }

  async eraseFile(name: string): Promise<void> {
    this.board.flash.erase(name);
  }

  /** What a start runs. */
  run(): string {
    this.printed = [];
    this.board.start();
    this.board.stop();
    // Half a loader, or half a repair, is a syntax error, and nothing of it but its room a name of ff: it runs nothing.
    expect(this.printed.join("\n")).not.toMatch(/Uncaught (?!SyntaxError|ReferenceError: "\xff+")/);
    return this.printed.flatMap((line) => /^I am (\w+)$/.exec(line)?.[1] ?? []).join(" and ");
  }
}

test.each(stories.map((story) => [story.title, story] as const))("%s", async (_, story) => {
  const first = new SimulatedBench(join(folder(), "before"), story);
  await story.before(first);
  const copy = (name: string) => {
    const place = join(folder(), name);
    mkdirSync(place);
    cpSync(first.place, place, { recursive: true });
    return new SimulatedBench(place, story);
  };
  const whole = copy("whole");
  await whole.act(story.act);
  const seen = new Set([first.run(), whole.run()]);
  for (const cutAfter of cutsOf(whole.operations)) {
    const bench = copy(`cut-${cutAfter}`);
    await expect(
      bench.act(story.act, cutAfter),
      `cut after ${cutAfter} of ${whole.operations}, SEED=${SEED}`,
    ).rejects.toThrow();
    const ran = bench.run();
    expect(story.allowed, `cut after ${cutAfter} of ${whole.operations}, SEED=${SEED}`).toContain(ran);
    seen.add(ran);
    bench.backupFolder = join(folder(), "later");
    await bench.act("flash new");
    expect(bench.run(), `flashed again after a cut after ${cutAfter}`).toBe("new");
  }
  expect([...seen].sort()).toEqual([...story.allowed].sort());
});

/** The last ones always: there is the commit. */
function cutsOf(operations: number): number[] {
  if (process.env.CUTS === "all") return Array.from({ length: operations }, (_, i) => i);
  const random = seededRandom(SEED);
  const cuts = new Set([0, operations - 1, operations - 2]);
  while (cuts.size < Math.min(SAMPLED_CUTS, operations)) cuts.add(Math.floor(random() * operations));
  return [...cuts].filter((cut) => cut >= 0);
}
