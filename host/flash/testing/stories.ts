/** What may happen to a board that is flashed, and what may run on it when its power failed meanwhile. */

/** A board, switched off; its Storage is reached without running anything. */
export interface Bench {
  /** Flashes a program of that name, or restores; all that it takes, from power-on to power-off. */
  act(what: Act): Promise<void>;
  writeFile(name: string, text: string): Promise<void>;
  eraseFile(name: string): Promise<void>;
}

export type Act = "flash old" | "flash new" | "restore";

export interface Story {
  title: string;
  /** What the board went through before. */
  before(bench: Bench): Promise<unknown>;
  act: Act;
  /** Of the board and of its programs, where that matters: page by page, and bytes. */
  flash?: { pageBytes: number; pages: number };
  programBytes?: number;
  /** What may run afterwards; "" is the prompt alone. Each of them must be seen. */
  allowed: readonly string[];
}

/** Of some chunks. */
const PROGRAM_BYTES = 700;

/** It says its name, and that it is well, as the firmware does. */
export function namedProgram(name: string, bytes = PROGRAM_BYTES): string {
  const well = `(function(s,m){m=s.read("bl.n");s.write("bl.n","good",m.indexOf("\\xff"))})(require("Storage"));`;
  return `print("I am ${name}");\n${well}\n${"// nothing\n".repeat(bytes / 11)}`;
}

const OTHER = `print("I am other");\n${"// nothing\n".repeat(50)}`;
const writeOther = (bench: Bench) => bench.writeFile(".bootcde", OTHER);

export const stories: readonly Story[] = [
  {
    title: "an empty board is flashed",
    before: async () => {},
    act: "flash new",
    allowed: ["", "new"],
  },
  {
    title: "our program is replaced",
    before: (bench) => bench.act("flash old"),
    act: "flash new",
    allowed: ["new", "old"],
  },
  {
    title: "another program is replaced",
    before: writeOther,
    act: "flash new",
    allowed: ["new", "other"],
  },
  {
    title: "our program is replaced where there is no room for two: the prompt is what a cut may leave",
    before: (bench) => bench.act("flash old"),
    act: "flash new",
    flash: { pageBytes: 4096, pages: 4 },
    programBytes: 6000,
    allowed: ["", "new", "old"],
  },
  {
    title: "a board goes back to nothing",
    before: (bench) => bench.act("flash new"),
    act: "restore",
    allowed: ["", "new"],
  },
  {
    title: "our former program comes back, from where it still is",
    async before(bench) {
      await bench.act("flash old");
      await bench.act("flash new");
    },
    act: "restore",
    allowed: ["new", "old"],
  },
  {
    title: "our former program comes back, written anew",
    async before(bench) {
      await bench.act("flash old");
      await bench.act("flash new");
      await bench.eraseFile("bl.a");
    },
    act: "restore",
    allowed: ["new", "old"],
  },
  {
    title: "another program comes back",
    async before(bench) {
      await writeOther(bench);
      await bench.act("flash new");
    },
    act: "restore",
    allowed: ["new", "other"],
  },
];
