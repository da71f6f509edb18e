/**
 * A pseudo-terminal without a native module: `script` of util-linux holds the master, we speak over its stdin and stdout,
 * and `path` is what a serial port opens.
 *
 * The program inside only keeps the other side open. It is `tail --pid`, not `sleep`, so that it ends, and script with it,
 * when this process is killed; script alone goes on after its stdin has ended.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { BowlineError, ExitCode } from "../platform/errors.ts";

const COMMAND = "script";
const READY_TIMEOUT_MS = 10_000; // 27 ms when idle, 191 under load

export interface Pty {
  /** The device to open: /dev/pts/N. */
  readonly path: string;
  readonly pid: number;
  /** What the opener wrote; what came before the listener waits for it. One listener. */
  onData(listener: (chunk: Uint8Array) => void): void;
  /** False: more than a pipe holds is waiting, the opener does not read. */
  write(bytes: Uint8Array): boolean;
  /** Unplugs: the opener sees its device vanish. Resolves when the process has gone; twice is harmless. */
  close(): Promise<void>;
}

/** Whether script is installed: for suites that skip without it, and for doctor. */
export function isPtyAvailable(): boolean {
  return spawnSync(COMMAND, ["--version"]).status === 0;
}

/** The speed its opener has chosen; throws where that cannot be read, as while another user has it for himself. */
export function ptyBaud(path: string): number {
  const { stdout, stderr } = spawnSync("stty", ["-F", path, "speed"], { encoding: "latin1" });
  const baud = Number.parseInt(stdout, 10);
  if (Number.isNaN(baud)) throw new Error(`reading the speed of ${path} by stty: ${stderr.trim()}`);
  return baud;
}

/** Rejects with PTY_UNAVAILABLE where `command`, script, is missing or not that of util-linux. */
export async function openPty(command = COMMAND): Promise<Pty> {
  const inside = `stty raw -echo && echo "PTY:$(tty)" && exec tail --pid=${process.pid} -f /dev/null`;
  const child = spawn(command, ["-qfc", inside, "/dev/null"], { env: { ...process.env, SHELL: "/bin/sh" } });
  const gone = once(child, "close").catch(() => []); // a spawn error is reported by readPath()
  child.stdin.on("error", () => {}); // EPIPE once it is killed: `close` says so
  try {
    return createPty(child, await readPath(child), gone);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

function createPty(child: ChildProcessWithoutNullStreams, path: string, gone: Promise<unknown>): Pty {
  return {
    path,
    pid: child.pid as number,
    onData(listener) {
      child.stdout.on("data", listener);
      child.stdout.resume();
    },
    write: (bytes) => child.stdin.write(bytes),
    async close() {
      child.kill("SIGKILL"); // the kernel then hangs up on the program inside
      child.stdout.resume(); // 'close' comes after the last byte has been read
      await gone;
    },
  };
}

/** The first line is `PTY:/dev/pts/N`; what follows it stays in stdout. */
function readPath(child: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = "";
    const refuse = (why: string) => reject(unavailable(why));
    const timer = setTimeout(() => refuse(`no terminal within ${READY_TIMEOUT_MS} ms`), READY_TIMEOUT_MS);
    child.once("error", (error) => {
      clearTimeout(timer);
      refuse(error.message);
    });
    child.once("close", () => {
      clearTimeout(timer);
      refuse(`it ended, saying ${JSON.stringify(seen)}`);
    });
    child.stderr.on("data", (text) => {
      seen += text;
    });
    child.stdout.on("data", function onFirst(chunk: Buffer) {
      seen += chunk.toString("latin1");
      const line = /PTY:(\/\S+)\r?\n/.exec(seen);
      if (line === null) return;
      clearTimeout(timer);
      stopReading(child.stdout, onFirst, seen.slice(line.index + line[0].length));
      resolve(line[1]);
    });
  });
}

function stopReading(stream: Readable, listener: (chunk: Buffer) => void, rest: string): void {
  stream.off("data", listener);
  stream.pause();
  if (rest !== "") stream.unshift(Buffer.from(rest, "latin1"));
}

function unavailable(why: string): BowlineError {
  const text = `open a pseudo-terminal by script: ${why}; use --tcp instead, or install it`;
  return new BowlineError("PTY_UNAVAILABLE", text, ExitCode.notFound, "sudo apt-get install bsdutils");
}
