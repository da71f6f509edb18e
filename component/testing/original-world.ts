import { vi } from "vitest";
import { VerbRunner } from "../../host/cli/testing/run-verb.ts";
import { control, ServerUnderTest } from "../../host/http/testing/server-under-test.ts";
import { type Ear, HubBench } from "../../host/hub/testing/components.ts";
import { framesOf, messageOf, textOf } from "../../host/hub/testing/messages.ts";
import { decodeMessage } from "../../host/monique/body.ts";
import type { Message } from "../../host/monique/message.ts";
import { PATIENCE_MS } from "../../host/platform/testing/patience.ts";
import { until } from "../../host/platform/testing/until.ts";
import { startGateway, type TestGateway } from "../../host/testing/gateway.ts";
import { type Original, Originals } from "./original.ts";
import { dist } from "./programs.ts";

/** Who kills. */
export const killer = "0000-jobcontrol";
/** A hub on free ports. */
export const ports = ["com.in", "com.out", "tech.in", "tech.out"].map((port) => `monique.hub.${port}=0`);
/** Between two tasks that nobody may be there for, ms. */
const AGAIN_MS = 50;

/** A gateway, and all that passed on com and tech since the test began. */
export class World {
  readonly bench = new HubBench();
  com!: Ear;
  tech!: Ear;
  originals!: Originals;
  private push!: Awaited<ReturnType<HubBench["comIn"]>>;

  private constructor(
    readonly gw: TestGateway,
    private readonly http: ServerUnderTest,
  ) {}

  /** Pushes onto `stops` what ends it. */
  static async begin(stops: (() => unknown)[], ...set: string[]): Promise<World> {
    const gw = await startGateway(["monique.enabled=true", ...set]);
    stops.push(() => gw.stop());
    const http = await new ServerUnderTest(gw.gateway).start();
    stops.push(() => http.stop());
    const world = new World(gw, http);
    const { bench } = world;
    bench.hub = gw.gateway.components.hub!;
    stops.push(() => bench.closeSockets());
    [world.com, world.tech, world.push] = [await bench.comOut(), await bench.techOut(), await bench.comIn()];
    const { controller, ...addresses } = bench.hub.addresses!;
    world.originals = new Originals({ ...addresses, controller: controller.example_clock });
    await world.originals.open();
    stops.push(() => world.originals.close());
    return world;
  }

  get work() {
    return this.gw.gateway.work;
  }

  get workers(): number {
    return this.bench.hub.counts.controller.example_clock.workers;
  }

  async task(spec: string, data: object, fields: Partial<Message> = {}): Promise<string> {
    const message = messageOf({ type: "config", spec, data: textOf(data), ...fields });
    await this.push.send([...framesOf(message)]);
    return message.id;
  }

  async kill(task_id: unknown): Promise<void> {
    const message = messageOf({ type: "config", spec: "kill", creator: killer, data: textOf({ task_id }) });
    await (await this.bench.techIn()).send([...framesOf(message)]);
  }

  /** Says the task again until `isTrue` of one that was said: nobody knows when a component listens -> that one. */
  async untilOne(spec: string, data: object, isTrue: (id: string) => boolean): Promise<string> {
    const ids: string[] = [];
    const look = async () => {
      if (ids.some(isTrue)) return;
      ids.push(await this.task(spec, data));
      throw new Error(`${spec}: none of ${ids.length} was taken`);
    };
    await vi.waitFor(look, { timeout: PATIENCE_MS, interval: AGAIN_MS });
    return ids.find(isTrue)!;
  }

  /** Once it has answered all that it has heard so far. */
  async untilReady(spec: string, data: object): Promise<void> {
    await this.untilOne(spec, data, (id) => this.answers(id).length > 0);
    await this.untilAnswer(await this.task(spec, data));
  }

  messages(ear: Ear): Message[] {
    return ear.heard.map(([, body]) => decodeMessage(body) as Message);
  }

  /** What was said for a task: [type, spec, creator, data]. */
  answers(id: string): unknown[][] {
    return this.messages(this.com)
      .filter(({ pid, type }) => pid === id && type !== "config")
      .map(({ type, spec, creator, data }) => [type, spec, creator, JSON.parse(`${Buffer.from(data)}`)]);
  }

  async untilAnswer(id: string): Promise<unknown[][]> {
    await until(() => this.answers(id).length > 0);
    return this.answers(id);
  }

  hasChild(id: string): boolean {
    return this.messages(this.com).some(({ pid, type }) => pid === id && type === "config");
  }

  beats(name: string): { is_alive: boolean; message: string }[] {
    return this.messages(this.tech)
      .filter(({ spec, data }) => spec === "monitoring" && `${Buffer.from(data)}`.includes(`"${name}"`))
      .map(({ data }) => JSON.parse(`${Buffer.from(data)}`));
  }

  /** `bowline …` at this gateway. */
  async verb(...args: string[]): Promise<string> {
    const { out, err } = await new VerbRunner(`${this.http.base}/?token=${control}`).run(...args);
    return [...out, ...err].join("\n");
  }

  async monitoring(): Promise<{ name: string; is_alive: boolean; message?: string }[]> {
    return (await this.http.get("/v1/monitoring?last"))[1];
  }

  async outcomeOf(task: string) {
    await until(() => this.work.kills(100).some((one) => one.task === task && one.outcome !== "pending"));
    return this.work.kills(100).find((one) => one.task === task)!;
  }

  ours(file: string, name: string, params = {}): Promise<Original> {
    return this.originals.start([process.execPath, `${dist}examples/${file}.mjs`], name, params);
  }

  inPython(file: string, name: string, params = {}): Promise<Original> {
    const PYTHONPATH = `${dist}python`;
    return this.originals.start(["python3", file], name, params, { PYTHONPATH });
  }
}
