/** A page's console blocks as they are typed: their commands, run in a shell, and what is printed held against what is shown. */
import { type ChildProcess, spawn } from "node:child_process";
import { PATIENCE_MS } from "../../platform/testing/patience.ts";

export interface Command {
  line: string;
  /** What the page shows below it. */
  shown: string[];
  /** The machine of its prompt, `kitchen$ `; empty for `$ `. */
  at: string;
}

/** Every `$ command` of the console blocks, in order. */
export function commandsOf(page: string): Command[] {
  return [...page.matchAll(/^```console\n(.*?)^```/gms)].flatMap(([, block]) => commandsOfBlock(block));
}

/** Those of one console block. */
export function commandsOfBlock(block: string): Command[] {
  const [, ...parts] = block.split(/^ *([\w-]*)\$ /m);
  const commands: Command[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const [line, ...shown] = parts[i + 1]
      .trimEnd()
      .replace(/ \\\n */g, " ")
      .split("\n");
    commands.push({ line: line.trim(), shown: shown.filter((row) => row.trim() !== ""), at: parts[i] });
  }
  return commands;
}

/** A shown line as a pattern: numbers are any number, … is anything, names of one machine are any name. */
function patternOf(shown: string): RegExp {
  const escaped = shown.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const loose = escaped
    .replace(/pi-kitchen/g, "\\S+")
    .replace(/\/home\/pi\/bowline\/data/g, "\\S+")
    .replace(/PICO_R1_3|\/dev\/serial\/by-id\/[\w-]+/g, "\\S+")
    .replace(/…/g, ".*")
    .replace(/\b[A-Za-z0-9]{40}\b/g, "\\w+")
    .replace(/\blink [0-9a-f]{2}\b/g, "link \\S+")
    .replace(/\d+(\\\.\d+)?/g, "\\d+(\\.\\d+)?")
    .replace(/ +/g, " +");
  return new RegExp(`^ *${loose} *$`);
}

/** The first shown line that no printed line, after the ones matched before, fits. */
export function firstMissing(shown: string[], printed: string): string | undefined {
  const lines = printed.split("\n");
  let at = 0;
  for (const row of shown) {
    const found = lines.findIndex((line, i) => i >= at && patternOf(row).test(line));
    if (found < 0) return row;
    at = found + 1;
  }
  return undefined;
}

/** Runs lines in shells of their own, each in a process group of its own. */
export class Shell {
  private readonly running: { line: string; child: ChildProcess }[] = [];

  constructor(
    public cwd: string,
    public env: NodeJS.ProcessEnv,
  ) {}

  /** Resolves at its end, or when `until` holds; it then goes on. */
  type(
    line: string,
    until?: (printed: string) => boolean,
  ): Promise<{ printed: string; status: number | null }> {
    return new Promise((resolve, reject) => {
      const child = spawn("sh", ["-c", isPlain(line) ? `exec ${line}` : line], {
        cwd: this.cwd,
        env: this.env,
        detached: true,
      });
      this.running.push({ line, child });
      let printed = "";
      let errors = "";
      const timer = setTimeout(
        () => reject(new Error(`${line}: no end in ${PATIENCE_MS / 1000} s\n${printed}\n${errors}`)),
        PATIENCE_MS,
      );
      const finish = () => {
        clearTimeout(timer);
        resolve({ printed: printed + errors, status: child.exitCode });
      };
      child.stdout.setEncoding("utf8").on("data", (text) => {
        printed += text;
        if (until?.(printed + errors)) finish();
      });
      child.stderr.setEncoding("utf8").on("data", (text) => {
        errors += text;
        if (until?.(printed + errors)) finish();
      });
      child.on("close", finish);
    });
  }

  /** Ends the last command of that line, and what it started. */
  async end(line: string, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const found = [...this.running].reverse().find((one) => one.line === line);
    if (found === undefined) throw new Error(`${line} was not typed`);
    await stop(found.child, signal);
  }

  async endAll(): Promise<void> {
    for (const { child } of this.running) await stop(child, "SIGTERM");
  }
}

/** One program, which can take the shell's place. */
function isPlain(line: string): boolean {
  return !/&&|;|^\w+=/.test(line);
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once("close", resolve));
  process.kill(-child.pid, signal);
  await gone;
}
