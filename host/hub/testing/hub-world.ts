/**
 * A hub among components that come and go at random, in simulated time: every step is followed by a look at all that it
 * promises of tasks and kills.
 */

import { decodeMessage } from "../../monique/body.ts";
import { drawId } from "../../monique/id.ts";
import type { Message } from "../../monique/message.ts";
import { silentLog } from "../../platform/log.ts";
import { type Random, randomInteger, seededRandom } from "../../transports/random.ts";
import type { CorePorts } from "../hub-core.ts";
import { HubCore } from "../hub-core.ts";
import type { Parts } from "../own-messages.ts";
import type { Task } from "../task.ts";
import type { KillView } from "../views.ts";
import { framesOf, messageOf, textOf } from "./messages.ts";

const SPECS = ["example_clock", "example_bank"];
const PATIENCE_MS = 5000;
/** Longer than any kill is waited for, and than any task may still live. */
const FINISH_ROUNDS = 40;
const WALL = 1_795_301_705_000;
const SENDER = { key: 1, address: "127.0.0.1:1", names: [] };

/** One worker of the world: it does what it is given in the order in which it comes, as libzmq hands it over. */
interface Worker {
  key: number;
  spec: string;
  /** Ids of what lies in its socket, the first of them being done. */
  inbox: string[];
  isThere: boolean;
  /** It never answers, but stays. */
  isDeaf: boolean;
}

export interface Figures {
  tasks: number;
  results: number;
  killed: number;
  expired: number;
  errors: number;
  again: number;
  kills: Record<string, number>;
}

export class HubWorld {
  now = 0;
  readonly core: HubCore;
  private readonly random: Random;
  private readonly workers: Worker[] = [];
  private readonly sent = new Map<string, Message>();
  /** When an id was killed, and it was known to be open. */
  private readonly killed = new Set<string>();
  private readonly ended = new Map<string, string>();
  private readonly kept = new Set<Task>();
  private readonly views = new Set<KillView>();
  private readonly firstOfSpec = new Map<string, number>();
  private readonly order = new Map<string, number>();
  /** What components do comes on other connections, after the call that told them. */
  private readonly reactions: (() => void)[] = [];
  private nextKey = 100;
  private again = 0;

  constructor(readonly seed: number) {
    this.random = seededRandom(seed);
    const ports: CorePorts = {
      publishCom: () => 0,
      publishTech: (parts) => this.heardOnTech(parts),
      send: (spec, { key }, parts) => this.send(spec, key, parts),
      listenersOf: () => [],
      newestListener: () => 0,
      twins: () => null,
      onTask: () => {},
      onTaskTaken: (task) => void this.kept.add(task),
      onTaskKilled: () => {},
      onTaskEnded: (task) => this.taskEnded(task),
      onTaskForgotten: () => {},
      onComponent: () => {},
      onKill: (view) => void this.views.add(view),
      onAuditLine: () => {},
    };
    const clock = { now: () => this.now, wall: () => WALL + this.now };
    const controller = SPECS.map((spec) => ({ spec, port: 0, patienceMs: PATIENCE_MS }));
    this.core = new HubCore(
      { creator: "gw-1", allow: [], controller, frequenciesMs: {} },
      ports,
      clock,
      silentLog,
    );
  }

  /** Plays so many steps, then lets everything come to its end. */
  play(steps: number): Figures {
    for (let i = 0; i < steps; i++) {
      this.step();
      this.look();
    }
    this.finish();
    return this.figures();
  }

  private step(): void {
    const roll = this.random();
    if (roll < 0.3) this.ask();
    else if (roll < 0.55) this.answer(this.someone());
    else if (roll < 0.62) this.come(this.random() < 0.1);
    else if (roll < 0.68) this.go(this.someone());
    else if (roll < 0.75) this.kill();
    else if (roll < 0.77) this.lateAnswer();
    else if (roll < 0.79) this.reconfigure();
    else this.pass(this.random() < 0.05 ? 4000 : randomInteger(this.random, 0, 250));
  }

  private ask(): void {
    const again = this.random() < 0.05 ? this.some([...this.sent.values()]) : undefined;
    const expires_at = this.random() < 0.2 ? WALL + this.now + randomInteger(this.random, -50, 2000) : 0;
    const spec = this.some(SPECS)!;
    const message = again ?? messageOf({ type: "config", spec, expires_at, creator: "0000-asker" });
    if (again === undefined) {
      this.sent.set(message.id, message);
      this.order.set(message.id, this.order.size);
    }
    this.core.intake.receiveCom([...framesOf(message)], SENDER);
  }

  private come(isDeaf: boolean): void {
    if (this.there().length >= 6) return;
    const worker = { key: this.nextKey++, spec: this.some(SPECS)!, inbox: [], isThere: true, isDeaf };
    this.workers.push(worker);
    this.core.workerCame(worker.spec, { key: worker.key, address: `worker ${worker.key}` });
  }

  private go(worker: Worker | undefined): void {
    if (worker === undefined) return;
    worker.isThere = false;
    this.core.workerWent(worker.key, false);
  }

  private answer(worker: Worker | undefined): void {
    if (worker === undefined || worker.isDeaf) return;
    const id = worker.inbox.shift();
    if (id !== undefined) this.say(id, this.random() < 0.9 ? "result" : "error");
  }

  /** Its connection was closed before its answer came on the other one. */
  private lateAnswer(): void {
    const gone = this.some(this.workers.filter(({ isThere, inbox }) => !isThere && inbox.length > 0));
    if (gone !== undefined) this.say(gone.inbox.shift()!, "result");
  }

  private say(pid: string, type: "result" | "error", data: unknown = { code: 500, message: "no" }): void {
    const { spec } = this.sent.get(pid)!;
    const message = messageOf({ type, spec, pid, creator: "0000-worker", data: textOf(data) });
    this.core.intake.receiveCom([...framesOf(message)], SENDER);
  }

  private kill(): void {
    const known = this.random() < 0.9 ? this.some([...this.sent.keys()]) : drawId();
    const task_id = this.random() < 0.05 ? "" : (known ?? drawId());
    const message = messageOf({ type: "config", spec: "kill", data: textOf({ task_id }) });
    const task = this.core.desk.registry.get(task_id);
    if (task !== undefined && !task.hasEnded) this.killed.add(task_id);
    this.core.intake.receiveTech([...framesOf(message)], SENDER);
    if (this.random() < 0.1) this.core.intake.receiveTech([...framesOf(message)], SENDER);
  }

  /** A spec is taken out of the configuration, or put back. */
  private reconfigure(): void {
    const specs = this.random() < 0.5 ? SPECS : SPECS.slice(0, 1);
    const controller = specs.map((spec) => ({ spec, port: 0, patienceMs: PATIENCE_MS }));
    this.core.configure({ creator: "gw-1", allow: [], controller, frequenciesMs: {} });
    for (const worker of this.there().filter(({ spec }) => !specs.includes(spec))) {
      worker.isThere = false;
      this.core.workerWent(worker.key, true);
    }
  }

  /** Whoever does what is to be stopped, stops: by an end of its connection, by saying so, or not at all. */
  private heardOnTech(parts: readonly Uint8Array[]): void {
    const message = decodeMessage(parts[1]) as Message;
    if (message.spec !== "kill") return;
    const { task_id } = JSON.parse(Buffer.from(message.data).toString()) as { task_id: string };
    const worker = this.there().find(({ inbox, isDeaf }) => inbox[0] === task_id && !isDeaf);
    const roll = this.random();
    if (worker === undefined || roll > 0.8) return;
    if (roll < 0.4) return void this.reactions.push(() => this.go(worker));
    worker.inbox.shift();
    this.reactions.push(() => this.say(task_id, "error", { code: 301, message: "task killed" }));
  }

  private pass(ms: number): void {
    const until = this.now + ms;
    while (this.core.deadline <= until) {
      this.now = Math.max(this.now, this.core.deadline);
      this.core.tick();
      this.react();
    }
    this.now = until;
  }

  private send(spec: string, key: number, parts: Parts): boolean {
    const worker = this.workers.find((one) => one.key === key)!;
    this.hold(worker.isThere, `a task is sent to worker ${key}, which is gone`);
    this.hold(worker.spec === spec, `a task of ${spec} is sent to a worker of ${worker.spec}`);
    const { id } = decodeMessage(parts[1]) as Message;
    const others = this.there().filter(({ inbox }) => inbox.includes(id));
    this.hold(others.length === 0, `task ${id} is given to ${key} while ${others[0]?.key} has it`);
    this.hold(
      !this.ended.has(id),
      `task ${id} is given to ${key} though it has ended: ${this.ended.get(id)}`,
    );
    this.hold(!this.killed.has(id), `task ${id} is given to ${key} though it was killed`);
    const { expires_at } = this.sent.get(id)!;
    this.hold(
      expires_at === 0 || expires_at > WALL + this.now,
      `task ${id} is given to ${key} after its time`,
    );
    const given = this.core.desk.registry.get(id)!;
    if (given.deliveries > 0) this.again++;
    else this.inOrder(spec, id);
    worker.inbox.push(id);
    return true;
  }

  /** What was given to nobody before is given in the order in which it came. */
  private inOrder(spec: string, id: string): void {
    const [last, own] = [this.firstOfSpec.get(spec) ?? -1, this.order.get(id)!];
    this.hold(own > last, `task ${id}, number ${own}, is given for the first time behind number ${last}`);
    this.firstOfSpec.set(spec, own);
    const back = [...this.core.desk.registry.all()].find(
      (task) => task.spec === spec && !task.hasEnded && task.list !== null && task.deliveries > 0,
    );
    this.hold(back === undefined, `task ${id} is given while ${back?.id}, which a worker had before, waits`);
  }

  private taskEnded(task: Task): void {
    this.hold(!this.ended.has(task.id), `task ${task.id} ends twice`);
    this.ended.set(task.id, task.state);
    this.kept.delete(task);
  }

  /** What holds at any time. */
  private look(): void {
    this.react();
    const { registry, controller } = this.core.desk;
    for (const id of this.sent.keys())
      this.hold(registry.get(id) !== undefined, `task ${id} is not known any more`);
    const open = [...registry.all()].filter((task) => !task.hasEnded && task.way === "controller");
    this.hold(
      open.length === controller.fill.tasks,
      `${controller.fill.tasks} tasks are held; ${open.length} are open`,
    );
    this.hold(open.length === this.kept.size, `${this.kept.size} tasks are kept; ${open.length} are open`);
    const bytes = open.reduce((sum, task) => sum + task.size, 0);
    this.hold(bytes === controller.fill.bytes, `${controller.fill.bytes} bytes are held; ${bytes} are there`);
  }

  /** Honest workers for all that is left, and time for everything to end. */
  private finish(): void {
    const controller = SPECS.map((spec) => ({ spec, port: 0, patienceMs: PATIENCE_MS }));
    this.core.configure({ creator: "gw-1", allow: [], controller, frequenciesMs: {} });
    for (const worker of this.there()) this.go(worker);
    this.pass(400);
    for (const spec of SPECS) {
      const worker: Worker = { key: this.nextKey++, spec, inbox: [], isThere: true, isDeaf: false };
      this.workers.push(worker);
      this.core.workerCame(spec, { key: worker.key, address: "honest" });
    }
    for (let i = 0; i < FINISH_ROUNDS; i++) {
      for (const worker of this.there()) while (worker.inbox.length > 0) this.answer(worker);
      this.pass(PATIENCE_MS / 10);
    }
    this.look();
    const open = [...this.core.desk.registry.all()].filter(
      (task) => !task.hasEnded && task.way === "controller",
    );
    this.hold(open.length === 0, `task ${open[0]?.id} has not ended: ${open[0]?.state}`);
    const waiting = [...this.views].filter(({ outcome }) => outcome === "pending");
    this.hold(waiting.length === 0, `the kill of ${waiting[0]?.task} has no outcome`);
  }

  private figures(): Figures {
    const states = [...this.ended.values()];
    const count = (state: string) => states.filter((one) => one === state).length;
    const kills: Record<string, number> = {};
    for (const { outcome } of this.views) kills[outcome] = (kills[outcome] ?? 0) + 1;
    return {
      ...{
        tasks: this.sent.size,
        results: count("result"),
        killed: count("killed"),
        expired: count("expired"),
      },
      ...{ errors: count("error"), again: this.again, kills },
    };
  }

  private react(): void {
    for (const act of this.reactions.splice(0)) act();
  }

  private there(): Worker[] {
    return this.workers.filter(({ isThere }) => isThere);
  }

  private someone(): Worker | undefined {
    return this.some(this.there());
  }

  private some<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.random() * all.length)];
  }

  private hold(isTrue: boolean, what: string): void {
    if (!isTrue) throw new Error(`seed ${this.seed}, at ${this.now} ms: ${what}`);
  }
}
