/** The gateway under test: this program's `up` in a process of its own, killed and started again as it is told. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { BowlineError } from "../../platform/errors.ts";
import { parseHostPort } from "../arguments/options.ts";
import { GatewayClient } from "../gateway/client.ts";

export interface GatewayChildOptions {
  /** This program: what node runs. */
  program: string;
  configFile: string;
  /** Its folder; relative paths and other files of configuration are looked for here. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Settings over the file's, `key=value`. */
  set: readonly string[];
  signal: AbortSignal;
  /** It ended, and nobody had told it to. */
  onDied(text: string): void;
}

const READY_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 10_000;
/** Characters of its output that are kept, for the one who has to find out why it ended. */
const KEPT_OUTPUT = 2000;

export class GatewayChild {
  /** Where boards connect to; undefined while it is not there. */
  tcp: { host: string; port: number } | undefined;
  private api: GatewayClient | undefined;
  private child: ChildProcess | undefined;
  private isExpected = false;
  private isStopped = false;

  constructor(private readonly options: GatewayChildOptions) {}

  /** Its API; undefined while it is not there. */
  get client(): GatewayClient | undefined {
    return this.api;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Resolves once it listens; rejects with what it said when it does not come that far. */
  async start(): Promise<void> {
    // Who started it again after a kill may not know that all is over.
    if (this.isStopped) return;
    const { program, configFile, cwd, env, set } = this.options;
    const args = ["up", "--quiet", "--config", configFile, ...set.flatMap((one) => ["--set", one])];
    // detached: a Ctrl-C at the terminal is ours, and we stop it. The channel tells it when we have gone.
    const child = spawn(process.execPath, [program, ...args], {
      cwd,
      env: withoutSettings(env),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
    });
    this.child = child;
    this.isExpected = false;
    const banner = await readBanner(child);
    const page = new URL(banner.page);
    const token = page.searchParams.get("token") ?? "";
    this.tcp = parseHostPort("the gateway's banner", banner.tcp);
    this.api = new GatewayClient({ url: new URL("/", page), token }, this.options.signal);
    child.once("exit", (code, signal) => {
      this.tcp = this.api = undefined;
      if (!this.isExpected) this.options.onDied(`the gateway ended (${signal ?? `exit code ${code}`})`);
    });
  }

  /** kill -9; resolves when it has gone. */
  kill(): Promise<void> {
    return this.end("SIGKILL");
  }

  /** Ends it in order, or with force when it takes too long; it is not started again. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.close();
  }

  /** Ends it in order, or with force when it takes too long; start() may follow. */
  async close(): Promise<void> {
    const force = setTimeout(() => this.child?.kill("SIGKILL"), STOP_GRACE_MS);
    await this.end("SIGTERM");
    clearTimeout(force);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.isExpected = true;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }
}

/** The user's own settings are for the user's own gateway. */
export function withoutSettings(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("BOWLINE_")));
}

function readBanner(child: ChildProcess): Promise<{ page: string; tcp: string }> {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (why: string) => {
      clearTimeout(timer);
      const said = output.trim().split("\n").slice(-5).join("; ");
      reject(new BowlineError("CHILD_FAILED", `starting the gateway: ${why}; it said: ${said || "nothing"}`));
    };
    const timer = setTimeout(() => {
      fail(`not ready within ${READY_TIMEOUT_MS / 1000} s`);
      child.kill("SIGKILL");
    }, READY_TIMEOUT_MS);
    const take = (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-KEPT_OUTPUT);
      const page = /^page +(http:\S+)$/m.exec(output)?.[1];
      const tcp = /^boards tcp (\S+)$/m.exec(output)?.[1];
      if (page === undefined || tcp === undefined) return;
      clearTimeout(timer);
      resolve({ page, tcp });
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    child.once("error", (error) => fail(error.message));
    child.once("close", (code, signal) => fail(`it ended (${signal ?? `exit code ${code}`})`));
  });
}
