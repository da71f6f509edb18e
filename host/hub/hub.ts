/** The hub of components: joins its core to ports, timer and store, and is what others ask (MoniQue). */
import { isId } from "../monique/id.ts";
import type { Message } from "../monique/message.ts";
import { isCreator } from "../monique/names.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { within } from "../platform/within.ts";
import type { Store } from "../store/store.ts";
import { CoreTimer } from "./core-timer.ts";
import { HubChanges } from "./hub-changes.ts";
import { HubCore } from "./hub-core.ts";
import { hubCounts } from "./hub-counts.ts";
import { HubMemory } from "./hub-memory.ts";
import { HubServer } from "./hub-server.ts";
import type { HubAddresses, HubSettings } from "./hub-settings.ts";
import type { LocalWorkers } from "./local-workers.ts";
import { partsOf } from "./own-messages.ts";
import { type ReloadedSpecs, reloadedSpecs } from "./reloaded-specs.ts";
import { digestOf, fullQueue, messageOf, noSuchTask, reusedId } from "./submission.ts";
import type { Task } from "./task.ts";
import { viewTask } from "./task-view.ts";
import { TaskWaiters } from "./task-waiters.ts";
import {
  type Author,
  type ComponentView,
  type HistoryLine,
  isAskedFor,
  type KillView,
  type MonitoringLine,
  type NewTask,
  type OwnHeartbeat,
  type TaskQuery,
  type TaskView,
} from "./views.ts";

export interface HubServices {
  settings: HubSettings;
  store: Store;
  clock: Clock;
  log: Log;
}

/** Of a worker's READY, by our components: nothing else ties its connection to its heartbeats. */
const CREATOR_PROPERTY = "x-bowline-creator";
/** Whoever killed something is told so after so long, even when the store has not got it yet. */
const KEEP_KILL_MS = 2000;
export class Hub {
  /** Workers that live in this process; set before open(). */
  twins: LocalWorkers | null = null;
  readonly changes = new HubChanges();
  private settings: HubSettings;
  private readonly core: HubCore;
  private readonly memory: HubMemory;
  private readonly server: HubServer;
  private readonly waiters = new TaskWaiters();
  private readonly timer: CoreTimer;
  private recalled: Task[] = [];
  private isStopping = false;
  private reloading: Promise<unknown> = Promise.resolve();

  constructor(private readonly services: HubServices) {
    const { settings, store, clock, log } = services;
    this.settings = settings;
    this.server = this.newServer();
    this.core = this.newCore();
    this.timer = new CoreTimer(this.core, clock);
    this.memory = new HubMemory(store, log, this.core);
  }

  get addresses(): HubAddresses | null {
    return this.server.addresses;
  }

  /** Remembers what was kept; nobody is heard yet. */
  async open(): Promise<void> {
    this.recalled = await this.memory.recall();
  }

  /** Opens the ports, and goes on with the tasks that were kept. */
  async start(): Promise<void> {
    // In their order, before any that comes now.
    for (const task of this.recalled.splice(0)) this.core.begin(task);
    this.timer.arm();
    if (this.settings.listens === false) return;
    try {
      await this.server.start(this.settings.controller);
    } catch (error) {
      await this.server.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.reloading;
    await this.server.stop();
    this.timer.stop();
    this.core.kills.stop();
    this.memory.stop();
  }

  /** Resolves once it cannot be lost; the same id again is the same task. Throws a BowlineError for what is refused. */
  async submit(task: NewTask, by: Author): Promise<TaskView> {
    const { core, settings } = this;
    const limits = {
      maxMessageBytes: settings.maxMessageBytes,
      isAllowed: (spec: string) => core.isAllowed(spec),
    };
    const message = messageOf(task, by, settings.creator, this.services.clock.wall(), limits);
    const view = message.type === "config" ? this.handOver(message) : this.say(message);
    // What is new was refused while the store takes nothing; what is known need not wait for it.
    if (this.services.store.fault === null) await this.memory.whenTasksKept();
    return view;
  }

  /** Resolves with how it ended; rejects when there is no such task, or `signal` says so. */
  whenEnded(id: string, signal?: AbortSignal): Promise<TaskView> {
    const task = this.core.desk.registry.get(id);
    if (task === undefined) return Promise.reject(noSuchTask(id));
    return this.waiters.whenEnded(task, signal);
  }

  /** Resolves with what came of it; an id of another form is refused, and audited. */
  async kill(id: string, { by, children = false }: { by: Author; children?: boolean }): Promise<KillView> {
    if (!isId(id))
      return this.core.refuseKill(id.slice(0, 60), by, "no id of a task: allowed are 40 letters and digits");
    const outcome = this.core.kill(id, by, children);
    this.timer.arm();
    const view = await outcome;
    await this.killsKept();
    return view;
  }

  /**
   * Resolves once the kills that were told cannot be lost: whoever is told that a task was stopped shall not see it done by
   * the next hub, and finds who stopped it. A disk that takes nothing stops no kill.
   */
  async killsKept(): Promise<void> {
    const { memory, services } = this;
    if (services.store.fault !== null) return;
    await within(KEEP_KILL_MS, Promise.all([memory.whenTasksKept(), memory.whenKillsKept()]));
  }

  /** Somebody who may not wanted it killed. */
  refuseKill(id: string, by: Author, why: string): void {
    this.core.refuseKill(id.slice(0, 60), by, why);
  }

  /** A kill of what the hub does not know: it is audited with the others. */
  noteKill(kill: KillView): void {
    this.core.noteKill(kill);
  }

  task(id: string): TaskView | undefined {
    const task = this.core.desk.registry.get(id);
    return task && viewTask(task);
  }

  /** Newest first. */
  tasks(query: TaskQuery = { limit: 100 }): TaskView[] {
    const views: TaskView[] = [];
    for (const task of [...this.core.desk.registry.all()].reverse()) {
      if (views.length >= query.limit) break;
      if (isAskedFor(task, query)) views.push(viewTask(task));
    }
    return views;
  }

  /** Newest first. */
  kills(limit: number): KillView[] {
    return this.core.audit.newest(limit);
  }

  components(): ComponentView[] {
    return this.core.health.views();
  }

  component(name: string): ComponentView[] {
    return this.core.health.viewsOf(name);
  }

  /** The newest first, as tasks and kills are. */
  history(name: string): HistoryLine[] {
    return [...this.core.health.historyOf(name)].reverse();
  }

  /** As the original REST service tells it. */
  monitoring(): MonitoringLine[] {
    return this.core.health.monitoring();
  }

  /** A heartbeat of one of the gateway's own parts: shown, and published on tech. */
  beat(own: OwnHeartbeat): void {
    this.core.beat(own);
    this.timer.arm();
  }

  /** One of the gateway's own parts is there no more. */
  forget(name: string): void {
    this.core.health.forgetHere(name);
  }

  /** Components of this name that are dead are shown no more, until they are heard -> how many those were. */
  forgetDead(name: string): number {
    return this.core.health.forgetDead(name);
  }

  /** Whether anybody might hear what is published on com. */
  get isHeard(): boolean {
    return this.server.comOut.hasReaders;
  }

  /** A message of the gateway's own, onto com. Tasks are handed over by submit(). */
  publish(message: Message): void {
    if (message.type === "config") throw new TypeError("publish: a task; submit() takes it");
    this.server.comOut.publish(partsOf(message));
  }

  /**
   * Takes over `allow`, `controller` and `frequenciesMs`; the ports of the hub itself stay where they are. Rejects when a port
   * of `controller` cannot be had: then all is as it was. One after the other, whoever asks.
   */
  reload(settings: HubSettings): Promise<ReloadedSpecs> {
    const run = this.reloading.then(() => this.reloadNow(settings));
    this.reloading = run.catch(() => {});
    return run;
  }

  private async reloadNow(settings: HubSettings): Promise<ReloadedSpecs> {
    const { controller } = this.settings;
    if (this.server.addresses !== null) await this.openPorts(settings.controller);
    this.settings = settings;
    this.core.configure(settings);
    this.timer.arm();
    return reloadedSpecs(controller, settings.controller);
  }

  private async openPorts(specs: HubSettings["controller"]): Promise<void> {
    try {
      await this.server.configure(specs);
    } catch (error) {
      await this.server.configure(this.settings.controller);
      throw error;
    }
  }

  get counts() {
    return hubCounts(this.core, this.server, this.settings.controller);
  }

  private handOver(message: Message): TaskView {
    const { core, services } = this;
    const digest = digestOf(message);
    const known = core.desk.registry.get(message.id);
    if (known !== undefined) {
      if (known.spec !== message.spec || (known.digest !== "" && known.digest !== digest))
        throw reusedId(message.id);
      return viewTask(known);
    }
    const [tag, body] = partsOf(message);
    if (services.store.fault !== null) throw services.store.fault;
    const { controller } = core.desk;
    if (core.desk.wayOf(message.spec) !== "everyone" && !controller.hasRoom(tag.length + body.length))
      throw fullQueue(message.id, controller.limits);
    const listeners = this.server.comOut.publish([tag, body]);
    const task = core.taskCame(
      {
        ...{ id: message.id, spec: message.spec, creator: message.creator, parent: message.pid },
        ...{ createdAt: message.created_at, expiresAt: message.expires_at },
      },
      tag,
      body,
      { digest, listeners },
    )!;
    this.timer.arm();
    return viewTask(task);
  }

  /** What is no task is over once it was said; it may be the answer to one. */
  private say(message: Message): TaskView {
    // It may end a task, and that is to be kept.
    if (message.pid !== "" && this.services.store.fault !== null) throw this.services.store.fault;
    this.server.comOut.publish(partsOf(message));
    this.core.said(message);
    this.timer.arm();
    const { id, spec, creator, pid, created_at, expires_at } = message;
    return {
      ...{ id, spec, creator, parent: pid, children: [], state: "result", on: "", createdAt: created_at },
      ...{ expiresAt: expires_at, at: created_at, deliveries: 0, isSilent: false },
    };
  }

  private newServer(): HubServer {
    const { settings, log } = this.services;
    const where = (port: string) => `monique.${port}`;
    return new HubServer(settings, {
      onCom: (parts, peer) => {
        this.core.intake.receiveCom(parts, peer);
        this.timer.arm();
      },
      onTech: (parts, peer) => {
        this.core.intake.receiveTech(parts, peer);
        this.timer.arm();
      },
      onWorker: (spec, peer) => {
        const { key, address, properties } = peer;
        const creator = Buffer.from(properties.get(CREATOR_PROPERTY) ?? []).toString("utf8");
        this.core.workerCame(spec, { key, address, creator: isCreator(creator) ? creator : "" });
        this.timer.arm();
      },
      onWorkerGone: ({ key }, isDismissed) => {
        this.core.workerWent(key, isDismissed);
        this.timer.arm();
      },
      onListenerGone: ({ key }) => this.core.kills.listenerWent(key),
      onSpeakerGone: ({ key }) => {
        // That we leave says nothing of how they are.
        if (this.isStopping) return;
        this.core.health.connectionWent(key);
        this.timer.arm();
      },
      onFault: ({ code, text }, { address }, port) =>
        log.warn({ code, via: `monique ${address}` }, `a connection to ${where(port)} was ended: ${text}`),
      onAcceptError: ({ message }, port) =>
        log.warn({ code: "ACCEPT_FAILED" }, `a connection to ${where(port)} could not be taken: ${message}`),
    });
  }

  private newCore(): HubCore {
    const { settings, clock, log } = this.services;
    const { server, changes } = this;
    return new HubCore(
      settings,
      {
        publishCom: (parts) => server.comOut.publish(parts),
        publishTech: (parts) => void server.techOut.publish(parts),
        send: (spec, worker, parts) => server.send(spec, worker, parts),
        listenersOf: (tag, upTo) => server.listenersOf(tag, upTo),
        newestListener: () => server.newestListener,
        twins: () => this.twins,
        onTask: (task) => {
          if (task.way === "everyone" && task.digest !== "") this.memory.changed(task);
          if (changes.isHeard) changes.add(task, { kind: "task", id: task.id });
        },
        onTaskTaken: (task) => this.memory.taken(task),
        onTaskKilled: (task) => this.memory.changed(task),
        onTaskEnded: (task) => this.taskEnded(task),
        onTaskForgotten: (task) => this.memory.forgotten(task),
        onComponent: (name) => {
          this.memory.component(name);
          changes.add(name, { kind: "component", name });
        },
        onKill: (kill) => changes.add(kill, { kind: "kill", kill }),
        onAuditLine: (kind, place) => this.memory.auditLine(kind, place),
      },
      clock,
      log,
    );
  }

  private taskEnded(task: Task): void {
    this.memory.over(task);
    this.waiters.tell(task);
  }
}
