/**
 * Components of the original library for Python, unmodified, where MQ_COMPONENT_PY names a checkout of mq-component-py (0.1.2.2
 * was tried): the ones it has as examples, and programs that a test writes for it.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../host/platform/testing/until.ts";
import { isRunning } from "./programs.ts";

const checkout = process.env.MQ_COMPONENT_PY ?? "";
const hasPackages = (python: string) => spawnSync(python, ["-c", "import zmq, msgpack"]).status === 0;
const python =
  checkout === "" ? undefined : ["python3", "/usr/bin/python3"].find((path) => hasPackages(path));

export const isOriginalThere =
  existsSync(join(checkout, "mq/component/component.py")) && python !== undefined;
export const originalNeeded =
  "needs MQ_COMPONENT_PY=/path/to/mq-component-py, and zmq and msgpack for Python: sudo apt-get install python3-zmq python3-msgpack";

/** Where a hub listens. */
export interface HubPorts {
  com: { in: number; out: number };
  tech: { in: number; out: number };
  controller?: number;
}

interface Params {
  creator?: string;
  /** ms */
  frequency?: number;
  isWorker?: boolean;
}

/** What was started for one test; all of it ends with it. */
export class Originals {
  private folder = "";
  private readonly all: Original[] = [];

  constructor(private readonly ports: HubPorts) {}

  async open(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "bowline-original-"));
  }

  async close(): Promise<void> {
    for (const one of this.all.splice(0)) await one.end();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** One of its examples, as component `name`. */
  example(file: string, name: string, params: Params = {}): Promise<Original> {
    return this.start([python!, join(checkout, "examples", file)], name, params);
  }

  /** One of its examples, with the configuration in that file. */
  exampleWith(file: string, config: string): Original {
    return this.startWith([python!, join(checkout, "examples", file)], config);
  }

  /** A program that uses its library, as component example_own. */
  async own(text: string, params: Params = {}): Promise<Original> {
    const path = await this.write(`own-${this.all.length}.py`, text);
    return this.start([python!, path], "example_own", params);
  }

  /** Any program, with the same configuration. */
  async start(
    command: readonly string[],
    name: string,
    params: Params = {},
    env: NodeJS.ProcessEnv = {},
  ): Promise<Original> {
    const config = await this.write(`config-${this.all.length}.json`, this.config(name, params));
    return this.startWith(command, config, env);
  }

  private startWith(command: readonly string[], config: string, env: NodeJS.ProcessEnv = {}): Original {
    const [file, ...args] = command;
    const child = spawn(file, [...args, "-f", config], {
      cwd: this.folder,
      env: {
        ...process.env,
        PYTHONPATH: checkout,
        PYTHONUNBUFFERED: "1",
        PYTHONDONTWRITEBYTECODE: "1",
        ...env,
      },
      // Its processes are ended as a group: it has no end of its own.
      detached: true,
    });
    const one = new Original(child);
    this.all.push(one);
    return one;
  }

  async write(file: string, text: string): Promise<string> {
    const path = join(this.folder, file);
    await writeFile(path, text);
    return path;
  }

  /** Of the example `file` of the checkout, with these ports in the place of its own. */
  async exampleConfig(): Promise<string> {
    const config = JSON.parse(await readFile(join(checkout, "examples/config.json"), "utf8"));
    Object.assign(config.deploy.monique, this.places());
    for (const one of Object.values(config.params) as Record<string, unknown>[]) {
      one.logfile = "/dev/null";
      if (one.port !== undefined) one.port = this.ports.controller;
    }
    return JSON.stringify(config, null, 2);
  }

  private config(name: string, { creator = name, frequency = 60_000, isWorker = false }: Params): string {
    const port = isWorker ? { port: this.ports.controller } : {};
    const params = { [name]: { creator, logfile: "/dev/null", frequency, ...port } };
    return JSON.stringify({ deploy: { monique: this.places() }, params });
  }

  private places() {
    const { com, tech } = this.ports;
    return {
      "scheduler-in": { host: "127.0.0.1", comport: com.in, techport: tech.in },
      "scheduler-out": { host: "127.0.0.1", comport: com.out, techport: tech.out },
      controller: { host: "127.0.0.1" },
    };
  }
}

/** One of the original's components, or another program beside them. */
export class Original {
  printed = "";
  private readonly closed: Promise<void>;

  constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.printed += text;
      });
    this.closed = new Promise((resolve) => child.once("close", () => resolve()));
  }

  /** Its processes that run, in the order in which they were begun: the fourth does the work until it is killed. */
  async processes(): Promise<number[]> {
    const { pid } = this.child;
    const all = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ");
    const running = await Promise.all(all.map(isRunning));
    return all.filter((_pid, i) => running[i]).map(Number);
  }

  async says(text: string): Promise<void> {
    await until(() => {
      if (!this.printed.includes(text))
        throw new Error(`it has not printed ${JSON.stringify(text)}:\n${this.printed}`);
    });
  }

  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null)
      process.kill(-this.child.pid!, "SIGKILL");
    await this.closed;
  }
}
