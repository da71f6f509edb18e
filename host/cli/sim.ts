/** `bowline sim`: a simulated board on its own, running the firmware a real one runs. */

import { lstat, mkdir, readFile, readlink, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { BowlineError, ExitCode, typedMend } from "../platform/errors.ts";
import { PtyBoard } from "../simulator/pty-board.ts";
import { SimulatedBoard } from "../simulator/simulated-board.ts";
import { checkBoardId } from "./arguments/board-id.ts";
import { parseDuration } from "./arguments/duration.ts";
import { parseHostPort } from "./arguments/options.ts";
import { hostInUrl } from "./gateway/locate.ts";
import { printable } from "./output/display.ts";
import { adoptingParent } from "./process/parent.ts";
import { firmwarePath } from "./process/program-files.ts";
import type { Terminal } from "./process/terminal.ts";
import { untilAborted } from "./process/waiting.ts";
import { lockLink } from "./sim/link-lock.ts";
import { SimWatch } from "./sim/sim-watch.ts";

/** Answers to a flasher, by the hundred (host/flash/conversation.ts). */
const FLASHING = /^@[A-Z]\d+ /;

interface SimOptions {
  serial?: string;
  tcp?: string;
  id: string;
  app?: string;
  blank?: boolean;
  storage?: string;
  interval: string;
  keyFile?: string;
}

/** What is flashed onto a blank board may loop for ever; the board then takes Ctrl-C all the same. */
const LOOP_LIMIT_MS = 5000;

export function addSim(program: Command, terminal: Terminal): void {
  program
    .command("sim")
    .description("a simulated board on its own, running the real firmware")
    .addOption(
      new Option("--serial <path>", "a pseudo-terminal, linked at PATH (the default)").conflicts("tcp"),
    )
    .option("--tcp <host:port>", "over the network, to the gateway's tcp.port")
    .option("--id <id>", "name of the board", "sim-1")
    .option(
      "--app <file.js>",
      "a firmware of your own, built for the board; read anew at every restart of it",
    )
    .addOption(
      new Option(
        "--blank",
        "with nothing on it, at its prompt: a board to try `bowline flash` with",
      ).conflicts(["app", "tcp", "keyFile"]),
    )
    .option("--storage <folder>", "keeps its flash, and with it what was flashed; else it is new each time")
    .option(
      "--key-file <file>",
      "its key, as `bowline key add --out` wrote it; never on the command line itself",
    )
    .option("--interval <duration>", "time between two telemetry messages; takes s, m, h", "10s")
    .addHelpText(
      "after",
      "\nRuns until Ctrl-C. A gateway that is not there is tried again by the firmware itself." +
        "\nA line when it is connected, not let in, or has lost its gateway.",
    )
    .action((options: SimOptions) => sim(options, terminal));
}

async function sim(options: SimOptions, terminal: Terminal): Promise<void> {
  const parent = adoptingParent();
  try {
    const board = await createBoard(options, terminal);
    await board.start();
    for (const line of board.lines) terminal.print(line);
    parent.tell({ ready: true });
    await untilAborted(terminal.signal, parent.gone);
    await board.stop();
  } catch (error) {
    if (error instanceof BowlineError) {
      const { code, message, exitCode, mend } = error;
      parent.tell({ error: { code, message, exitCode, mend } });
    }
    throw error;
  }
}

interface RunningBoard {
  start(): void | Promise<void>;
  stop(): void | Promise<void>;
  /** Said once it runs. */
  lines: string[];
}

async function createBoard(options: SimOptions, terminal: Terminal): Promise<RunningBoard> {
  const { id } = options;
  checkBoardId(id);
  const key =
    options.keyFile === undefined ? {} : { key: await readKey(resolve(terminal.cwd, options.keyFile)) };
  const watch = new SimWatch(id, options.tcp === undefined, (line) => terminal.print(line));
  const shared = {
    id,
    wire: watch,
    ...(options.blank
      ? { loopLimitMs: LOOP_LIMIT_MS }
      : {
          bundle:
            options.app === undefined ? firmwarePath() : await findApp(resolve(terminal.cwd, options.app)),
        }),
    ...(options.storage !== undefined && { storageDir: resolve(terminal.cwd, options.storage) }),
    // No console to give time to: the firmware begins at once.
    config: { grace: 0, interval: parseDuration("--interval", options.interval) / 1000, ...key },
    // Two boards shall not measure the same.
    seed: seedOf(id),
    onConsole: (line: string) => {
      if (!FLASHING.test(line)) terminal.print(`${id}> ${printable(line)}`);
    },
    onRestart: (reason: string) => terminal.print(`${id} restarts: ${printable(reason)}`),
  };
  const title = `simulated board ${id}`;
  if (options.tcp !== undefined) {
    const { host, port } = parseHostPort("--tcp", options.tcp);
    const board = new SimulatedBoard({ ...shared, transport: { kind: "tcp", host, port } });
    const lines = [`${title} calls the gateway at ${hostInUrl(host)}:${port}`];
    return { start: () => board.start(), stop: () => stopQuietly(watch, board), lines };
  }
  const link = resolve(terminal.cwd, options.serial ?? join(tmpdir(), `bowline-${id}.tty`));
  const release = await takeLink(link);
  const board = new PtyBoard({ ...shared, link });
  const wayOn = [
    `  in bowline.yaml:  serial: [ { path: ${link} } ]`,
    `  or for a try:     ${typedMend(`bowline up --set serial.0.path=${link}`)}`,
  ];
  const wayToFlash = typedMend(`bowline flash --port ${link}`);
  const holds = options.storage === undefined ? "nothing is on it" : "what --storage holds is on it";
  const lines = [`${title} on ${link}`, ...(options.blank ? [`  ${holds}:  ${wayToFlash}`] : wayOn)];
  return { start: () => board.start(), stop: () => stopQuietly(watch, board).finally(release), lines };
}

async function stopQuietly(watch: SimWatch, board: Pick<RunningBoard, "stop">): Promise<void> {
  watch.mute();
  await board.stop();
}

async function readKey(path: string): Promise<string> {
  try {
    return (await readFile(path, "latin1")).trim();
  } catch (error) {
    const text = `reading --key-file: ${(error as Error).message}`;
    throw new BowlineError("KEY_UNREADABLE", text, ExitCode.notFound, "bowline key add ID --out FILE");
  }
}

async function findApp(path: string): Promise<string> {
  const isFile = await stat(path)
    .then((found) => found.isFile())
    .catch(() => false);
  if (!isFile)
    throw new BowlineError("APP_NOT_FOUND", `reading --app: ${path}: no such file`, ExitCode.notFound);
  if (path.endsWith(".js")) return path;
  const text = `reading --app: ${path} is no .js file; boards run the built one`;
  throw new BowlineError("USAGE", text, ExitCode.usage);
}

/** Takes the path -> what gives it back. Only a link that a board left behind is replaced; never a file, no other device. */
async function takeLink(link: string): Promise<() => void> {
  await makeFolder(link);
  const release = await lockLink(link);
  if (release === undefined) {
    const text = `linking the pseudo-terminal at ${link}: another simulated board has it`;
    throw new BowlineError(
      "PATH_TAKEN",
      text,
      ExitCode.busy,
      "stop that one, or give another --serial and --id",
    );
  }
  const found = await lstat(link).catch(() => undefined);
  const target = found?.isSymbolicLink() ? await readlink(link) : undefined;
  if (found === undefined || target?.startsWith("/dev/pts/")) return release;
  release();
  const text = `linking the pseudo-terminal at ${link}: something else is there; allowed: a new path`;
  throw new BowlineError("PATH_TAKEN", text, ExitCode.busy, `ls -ld ${link}, and another --serial`);
}

async function makeFolder(link: string): Promise<void> {
  try {
    await mkdir(dirname(link), { recursive: true });
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const exitCode = code === "EACCES" ? ExitCode.permission : ExitCode.failure;
    throw new BowlineError(
      "PATH_UNUSABLE",
      `making the folder of ${link}: ${message}`,
      exitCode,
      "another --serial",
    );
  }
}

function seedOf(id: string): number {
  return Array.from(id).reduce((seed, letter) => (seed * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003, 7);
}
