/** A gateway as a user's, with its hub, and the components beside it: every one a process, on ports of this run's own. */
import { setMaxListeners } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { GatewayChild } from "../../host/cli/chaos/gateway-child.ts";
import type { GatewayClient } from "../../host/cli/gateway/client.ts";
import type { ComponentHistory, HubView, TaskView } from "../../host/http/work-api.ts";
import { BowlineError } from "../../host/platform/errors.ts";
import { freePort } from "../../host/testing/free-port.ts";
import { hold } from "../proof.ts";
import { Program } from "./program.ts";

/** Nothing that is waited for takes so long, on a machine that is several times as slow and stands still for seconds. */
const STALL_MS = 90_000;
const LOOK_MS = 5;
const HOST = "127.0.0.1";

/** Beside this program. */
export const besideProgram = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface Ports {
  com: { in: number; out: number };
  tech: { in: number; out: number };
  controller: Record<string, number>;
}

export interface Params {
  creator: string;
  frequency?: number;
  /** It is a worker of this spec. */
  worksFor?: string;
  [key: string]: unknown;
}

export class House {
  readonly gateway: GatewayChild;
  private readonly abort = new AbortController();
  private readonly programs: Program[] = [];
  private files = 0;
  private died = "";

  private constructor(
    readonly folder: string,
    readonly ports: Ports,
  ) {
    // Every call under way listens, and there are many.
    setMaxListeners(0, this.abort.signal);
    this.gateway = new GatewayChild({
      program: besideProgram("bowline.mjs"),
      configFile: join(folder, "bowline.yaml"),
      ...{ cwd: folder, env: process.env, set: [] },
      signal: this.abort.signal,
      onDied: (text) => {
        this.died = text;
      },
    });
  }

  /** `specs`: those that have workers. */
  static async open(specs: readonly string[]): Promise<House> {
    const folder = await mkdtemp(join(tmpdir(), "bowline-components-"));
    const controller = Object.fromEntries(
      await Promise.all(specs.map(async (spec) => [spec, await freePort()] as const)),
    );
    const pair = async () => ({ in: await freePort(), out: await freePort() });
    const house = new House(folder, { com: await pair(), tech: await pair(), controller });
    await writeFile(join(folder, "bowline.yaml"), JSON.stringify(house.configuration()));
    await house.gateway.start();
    return house;
  }

  async close(): Promise<void> {
    for (const program of this.programs) await program.end("SIGKILL");
    await this.gateway.stop();
    this.abort.abort();
    await rm(this.folder, { recursive: true, force: true });
  }

  get client(): GatewayClient {
    const { client } = this.gateway;
    hold(client !== undefined, `the gateway is not there: ${this.died}`);
    return client;
  }

  /** `command` as component `name`, with a config.json as the original has it. */
  async start(
    name: string,
    command: readonly string[],
    params: Params | Record<string, Params>,
  ): Promise<Program> {
    const all =
      typeof params.creator === "string" ? { [name]: params as Params } : (params as Record<string, Params>);
    const file = join(this.folder, `config-${this.files++}.json`);
    await writeFile(file, JSON.stringify(this.configJson(all)));
    const program = new Program(name, [...command, "-f", file]);
    this.programs.push(program);
    return program;
  }

  hub(): Promise<HubView> {
    return this.client.get("api/v1/hub") as Promise<HubView>;
  }

  /** undefined: it is not known, or not any more. */
  async task(id: string): Promise<TaskView | undefined> {
    try {
      return (await this.client.get(`api/v1/tasks/${id}`)) as TaskView;
    } catch (error) {
      if (error instanceof BowlineError && error.code === "TASK_UNKNOWN") return undefined;
      throw error;
    }
  }

  /** undefined: nobody has heard of it. */
  async component(name: string): Promise<ComponentHistory | undefined> {
    try {
      return (await this.client.get(`api/v1/components/${name}`)) as ComponentHistory;
    } catch (error) {
      if (error instanceof BowlineError && error.code === "COMPONENT_UNKNOWN") return undefined;
      throw error;
    }
  }

  /** Resolves once it is so; `what`: what is waited for, and how far it is. */
  async until(isSo: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
    const begin = performance.now();
    while (!(await isSo())) {
      hold(this.died === "", () => this.died);
      hold(performance.now() - begin < STALL_MS, () => `waiting until ${what()}${this.endings()}`);
      await setTimeout(LOOK_MS);
    }
  }

  /** What those who have ended said last. */
  private endings(): string {
    const ended = this.programs.filter(({ hasEnded }) => hasEnded);
    return ended.map(({ name, printed }) => `\n${name} has ended: ${printed.trim().slice(-500)}`).join("");
  }

  private configuration(): object {
    const { com, tech, controller } = this.ports;
    return {
      gateway: { id: "house" },
      data: join(this.folder, "data"),
      tcp: { port: 0 },
      http: { port: 0 },
      session: { syncIntervalMinMs: 5, syncIntervalMaxMs: 500 },
      monique: { hub: { com, tech }, controller, frequencyMs: 500 },
      log: { level: "silent" },
    };
  }

  private configJson(all: Record<string, Params>): object {
    const { com, tech, controller } = this.ports;
    const params = Object.entries(all).map(([name, { worksFor, ...own }]) => [
      name,
      {
        frequency: 250,
        logfile: "/dev/null",
        ...own,
        ...(worksFor !== undefined && { port: controller[worksFor] }),
      },
    ]);
    const monique = {
      "scheduler-in": { host: HOST, comport: com.in, techport: tech.in },
      "scheduler-out": { host: HOST, comport: com.out, techport: tech.out },
      controller: { host: HOST },
    };
    return { deploy: { monique }, params: Object.fromEntries(params) };
  }
}
