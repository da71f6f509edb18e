/** The board's power fails at any write or erasure while it is flashed or restored: the next start runs a whole program. */
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../platform/testing/until.ts";
import { folderForEach } from "../testing/folders.ts";
import { interpreters } from "../testing/interpreter.ts";
import { PromptBoard } from "../testing/prompt-board.ts";
import { stopAfterEach } from "../testing/stops.ts";
import { flashBoard, openBoard, restart, restoreBoard } from "./flash.ts";

const stops = stopAfterEach();
const folder = folderForEach("cut");

/** It says its name and that it is well, as the firmware does; two pieces long. */
const program = (name: string) =>
  `print("I am ${name}");\n(function(s,m){m=s.read("bl.n");s.write("bl.n","good",m.indexOf("\\xff"))})(require("Storage"));\n${"// nothing\n".repeat(50)}`;
const OTHER = `print("I am other");\n${"// nothing\n".repeat(50)}`;

type Act = "flash new" | "restore";
interface Story {
  title: string;
  /** What the board went through before. */
  before: (board: PromptBoard) => Promise<void>;
  act: Act;
  /** What may run afterwards; "" is the prompt alone. */
  allowed: string[];
}

const backupFolder = () => folder();

async function act(board: PromptBoard, what: Act | "flash old", signal = new AbortController().signal) {
  board.powerOn();
  const opened = await openBoard({ path: board.path, allowReset: false, signal, onNote: () => {} });
  try {
    const options = { backupFolder: backupFolder(), signal, onProgress: () => {} };
    if (what === "restore") await restoreBoard(opened, options);
    else {
      const name = what.slice("flash ".length);
      await flashBoard(opened, { ...options, program: program(name), config: { for: name } });
    }
    await restart(opened);
  } finally {
    await opened.close();
    await board.powerOff();
  }
}

async function writeOther(board: PromptBoard) {
  await board.evaluate(`require("Storage").write(".bootcde",${JSON.stringify(OTHER)})`);
}

const stories: Story[] = [
  { title: "an empty board is flashed", before: async () => {}, act: "flash new", allowed: ["", "new"] },
  {
    title: "our program is replaced",
    before: (board) => act(board, "flash old"),
    act: "flash new",
    allowed: ["old", "new"],
  },
  { title: "another program is replaced", before: writeOther, act: "flash new", allowed: ["other", "new"] },
  {
    title: "a board goes back to nothing",
    before: (board) => act(board, "flash new"),
    act: "restore",
    allowed: ["", "new"],
  },
  {
    title: "our former program comes back",
    async before(board) {
      await act(board, "flash old");
      await act(board, "flash new");
      await board.evaluate(`require("Storage").erase("bl.a")`);
    },
    act: "restore",
    allowed: ["old", "new"],
  },
  {
    title: "another program comes back",
    async before(board) {
      await writeOther(board);
      await act(board, "flash new");
    },
    act: "restore",
    allowed: ["other", "new"],
  },
];

/** What runs after a start, "" for the prompt alone. */
async function runs(board: PromptBoard): Promise<string> {
  board.powerOn();
  await until(() => expect(board.saidSinceBoot).toMatch(/>$/));
  board.type('\x10print("here "+"it is")\n');
  await until(() => expect(board.saidSinceBoot).toContain("here it is"));
  const said = board.saidSinceBoot;
  await board.powerOff();
  expect(said).not.toMatch(/Uncaught/);
  const names = [...said.matchAll(/I am (\w+)/g)].map(([, name]) => name);
  return names.join(" and ");
}

// One cut after another on the same board would tell less: each is made on the state that `before` left.
const boards = interpreters.map((path) => ({ path, name: basename(path) }));
describe
  .skipIf(boards.length === 0)
  .each(boards.length > 0 ? boards : [{ path: "", name: "no interpreter" }])(
  "power cuts on $path (ESPRUINO_BIN=/path/to/espruino npm test; skipped where it is not set)",
  ({ path }) => {
    test.each(stories)("$title: cut at any write, and in the middle of it", async (story) => {
      const board = await PromptBoard.create(path);
      stops.push(() => board.stop());
      await story.before(board);
      const state = await board.save();
      const seen = new Map<string, number>();
      for (let at = 1; ; at++) {
        let didCut = false;
        for (const half of [false, true]) {
          await board.load(state);
          await board.cutAt(at, half);
          const abort = new AbortController();
          const acted = act(board, story.act, abort.signal).catch((error) => error);
          // A board that is gone answers nothing: without waiting for that as long as one would.
          void board.off.then(() => abort.abort());
          const outcome = await acted;
          didCut ||= board.hasFailed;
          if (board.hasFailed) expect(outcome, "it was cut, and says that all is well").toBeInstanceOf(Error);
          else expect(outcome, "nothing was cut").toBeUndefined();
          await board.cutAt(0);
          const ran = await runs(board);
          seen.set(ran, (seen.get(ran) ?? 0) + 1);
          expect(story.allowed, `cut at ${at}${half ? ", half" : ""}: ${board.said}`).toContain(ran);
        }
        if (!didCut) break;
      }
      console.log(story.title, seen);
      expect([...seen.keys()].sort()).toEqual([...story.allowed].sort());
    });
  },
);
