/**
 * The same cuts as in power-cut.test.ts, on the real interpreter over a pty: at a write or an erasure, before it or in the midst
 * of what it writes. A few of them; SEED=n others.
 */
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { folderForEach } from "../testing/folders.ts";
import { interpreters } from "../testing/interpreter.ts";
import { PromptBoard } from "../testing/prompt-board.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { seededRandom } from "../transports/random.ts";
import { flashBoard, openBoard, restart, restoreBoard } from "./flash.ts";
import { type Act, type Bench, namedProgram, stories } from "./testing/stories.ts";

const stops = stopAfterEach();
const folder = folderForEach("cut");
const SEED = Number(process.env.SEED ?? 1);
const CUTS = 3;
/** Fewer than any story makes. */
const WRITES = 12;
const HERE_MS = 2000;
const TRIES = 30;

class InterpreterBench implements Bench {
  constructor(readonly board: PromptBoard) {}

  async act(what: Act): Promise<void> {
    const { board } = this;
    board.powerOn();
    const gone = new AbortController();
    const { signal } = gone;
    // A board that is gone answers nothing: without waiting for that as long as one would.
    const watched = board.off.then(() => gone.abort());
    try {
      const opened = await openBoard({ path: board.path, allowReset: false, signal, onNote() {} });
      const options = { backupFolder: join(folder(), "backups"), signal, onProgress() {} };
      if (what === "restore") await restoreBoard(opened, options);
      else {
        const name = what.slice("flash ".length);
        await flashBoard(opened, { ...options, program: namedProgram(name), config: { for: name } });
      }
      await restart(opened);
    } finally {
      await board.powerOff();
      await watched;
    }
  }

  async writeFile(name: string, text: string): Promise<void> {
    await this.board.evaluate(`require("Storage").write(${JSON.stringify(name)},${JSON.stringify(text)})`);
  }

  async eraseFile(name: string): Promise<void> {
    await this.board.evaluate(`require("Storage").erase(${JSON.stringify(name)})`);
  }

  /** What a start runs, "" for the prompt alone. */
  async run(): Promise<string> {
    const { board } = this;
    board.powerOn();
    for (let tries = 0; !board.saidSinceBoot.includes("here it is"); tries++) {
      if (tries === TRIES) throw new Error(`no prompt: ${JSON.stringify(board.saidSinceBoot)}`);
      board.type('\x10print("here "+"it is")\n');
      const isHere = () => expect(board.saidSinceBoot).toContain("here it is");
      await vi.waitFor(isHere, { timeout: HERE_MS }).catch(() => {}); // typed before it listened: once more
    }
    const said = board.saidSinceBoot;
    await board.powerOff();
    return [...said.matchAll(/I am (\w+)/g)].map(([, name]) => name).join(" and ");
  }
}

const withRoom = stories.filter(({ flash }) => flash === undefined);
describe.skipIf(interpreters.length === 0).each(interpreters.length > 0 ? interpreters : ["no interpreter"])(
  "power cuts on %s (ESPRUINO_BIN=/path/to/espruino npm test; skipped where it is not set)",
  (path) => {
    test.each(withRoom.map((story) => [story.title, story] as const))("%s", async (_, story) => {
      const board = await PromptBoard.create(path);
      stops.push(() => board.stop());
      const bench = new InterpreterBench(board);
      await story.before(bench);
      const state = await board.save();
      const random = seededRandom(SEED + stories.indexOf(story));
      let cuts = 0;
      for (let i = 0; i < CUTS; i++) {
        const at = 1 + Math.floor(random() * WRITES);
        const half = random() < 0.5;
        await board.load(state);
        await board.cutAt(at, half);
        const failure = await bench.act(story.act).then(
          () => null,
          (error: unknown) => error,
        );
        if (failure !== null) cuts++;
        await board.cutAt(0);
        const ran = await bench.run();
        expect(story.allowed, `cut at ${at}${half ? ", half of it" : ""}, SEED=${SEED}`).toContain(ran);
      }
      expect(cuts).toBeGreaterThan(0);
    });
  },
);
