/** All that the hub decides, without sockets, timers and disk: messages, connections and the time go in, calls come out. */
import type { MoniqueFault } from "../monique/fault.ts";
import { isFault } from "../monique/fault.ts";
import type { Message } from "../monique/message.ts";
import { formatTag } from "../monique/tag.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { Audit, type AuditKind } from "./audit.ts";
import { tellNews } from "./component-news.ts";
import { copyOf } from "./copy-of.ts";
import { Drops } from "./drops.ts";
import { Health } from "./health.ts";
import type { HubSettings } from "./hub-settings.ts";
import { Intake, type KillRequest, type Sender } from "./intake.ts";
import { killTree } from "./kill-tree.ts";
import { Kills } from "./kills.ts";
import type { LocalWorkers } from "./local-workers.ts";
import { heartbeatMessage, type Parts, partsOf } from "./own-messages.ts";
import { RecentIds } from "./recent-ids.ts";
import type { Task, TaskFields } from "./task.ts";
import { TaskDesk } from "./task-desk.ts";
import type { Author, KillView, OwnHeartbeat } from "./views.ts";
import type { Worker } from "./worker.ts";

export type CoreSettings = Pick<
  HubSettings,
  "creator" | "allow" | "controller" | "frequenciesMs" | "taskLimits"
>;

export interface CorePorts {
  /** Parts are valid during the call only -> to how many connections it went. */
  publishCom(parts: readonly Uint8Array[]): number;
  publishTech(parts: readonly Uint8Array[]): void;
  /** To one worker of a spec; false: it takes nothing now. */
  send(spec: string, worker: { key: number }, parts: Parts): boolean;
  /** Connections that heard of a task and are open: those up to `upTo`. */
  listenersOf(tag: Uint8Array, upTo: number): number[];
  /** The newest connection that com is published to. */
  newestListener(): number;
  twins(): LocalWorkers | null;
  onTask(task: Task): void;
  /** From now on it is to be kept, until it has ended. */
  onTaskTaken(task: Task): void;
  /** It is to be stopped, also after a restart. */
  onTaskKilled(task: Task): void;
  onTaskEnded(task: Task): void;
  /** It is not known any more. */
  onTaskForgotten(task: Task): void;
  onComponent(name: string): void;
  onKill(view: KillView): void;
  onAuditLine(kind: AuditKind, place: number): void;
}

/** A connection that takes tasks; `creator`: who says that it is, "" when it says nothing. */
export interface NewWorker {
  key: number;
  address: string;
  creator?: string;
}

/** Ids of kills: one that is said again is not done again. */
const KILLS_REMEMBERED = 10_000;

export class HubCore {
  readonly desk: TaskDesk;
  readonly health: Health;
  readonly kills: Kills;
  readonly audit: Audit;
  readonly drops: Drops;
  readonly intake: Intake;
  private readonly killIds = new RecentIds(KILLS_REMEMBERED);
  private readonly workers = new Map<number, Worker>();
  private allowed: ReadonlySet<string> = new Set();

  constructor(
    private settings: CoreSettings,
    private readonly ports: CorePorts,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    const { onTask, onTaskTaken, onComponent, onAuditLine } = ports;
    const creator = () => this.settings.creator;
    const publish = (parts: Parts) => ports.publishCom(parts);
    this.audit = new Audit({ onLine: onAuditLine });
    this.drops = new Drops(log, clock);
    this.health = new Health(
      {
        frequencyMs: (name) => this.settings.frequenciesMs[name] ?? 0,
        onChanged: onComponent,
        onNews: (component, state) => tellNews(log, component, state),
      },
      clock,
    );
    this.desk = new TaskDesk(
      {
        ...{ creator, publish, onChanged: onTask, onTaken: onTaskTaken, twins: () => ports.twins() },
        send: (worker, task) => ports.send(task.spec, worker, task.parts!),
        onEnded: (task) => {
          this.kills.taskEnded(task);
          ports.onTaskEnded(task);
        },
        onForgotten: (task) => ports.onTaskForgotten(task),
        onSilent: (task, worker) => this.workerSilent(task, worker),
        onUnanswered: (creator) => this.health.setSilent(creator),
        onStopped: (task) => this.kills.taskStopped(task),
      },
      clock,
    );
    this.kills = new Kills(
      {
        ...{ creator, publish, task: (id) => this.desk.registry.get(id) },
        tell: (parts) => ports.publishTech(parts),
        withdraw: (task) => this.desk.withdraw(task),
        endKilled: (task) => this.desk.endKilled(task),
        listeners: (task) => ports.listenersOf(tagOf(task), task.heardUpTo),
        killLocally: (id) => ports.twins()!.kill(id),
        onKilled: (task) => ports.onTaskKilled(task),
        onFailed: (task, fault) => this.localKillFailed(task, fault),
        onKill: (view) => this.killTold(view),
      },
      clock,
    );
    this.intake = new Intake(
      {
        ...{
          publishCom: (parts) => ports.publishCom(parts),
          publishTech: (parts) => ports.publishTech(parts),
        },
        isAllowed: (spec) => this.isAllowed(spec),
        isOwnName: (name) => ports.twins()?.names().has(name) === true,
        onTask: (fields, tag, body, listeners) => this.taskCame(fields, tag, body, { digest: "", listeners }),
        onLateTask: (fields) => this.desk.comeTooLate(fields),
        onAnswer: (taskId, answer) => {
          if (taskId !== "") this.desk.answered(taskId, answer);
          this.health.answered(answer.on);
        },
        onNews: (taskId, creator) => this.desk.heard(taskId, creator),
        onHeartbeat: (speaker, creator, beat) => this.health.heard(speaker, creator, beat),
        onKill: (taskId, request) => this.killAsked(taskId, request),
      },
      this.drops,
      clock,
    );
    this.configure(settings);
  }

  configure(settings: CoreSettings): void {
    this.settings = settings;
    this.allowed = new Set(settings.allow);
    this.desk.controller.configure(settings.controller, settings.taskLimits);
    this.health.configure();
  }

  /** A task that was published; undefined when it is known already. `digest`: of one that was handed over here. */
  taskCame(
    fields: TaskFields,
    tag: Uint8Array,
    body: Uint8Array,
    { digest, listeners }: { digest: string; listeners: number },
  ): Task | undefined {
    const heardUpTo = this.ports.newestListener();
    const refusal = this.ports.twins()?.refusal(fields.spec);
    // A component may have a spec that begins as ours do: then it is asked for, or has a port of its own.
    const isRefused = refusal !== undefined && this.ports.listenersOf(tag, heardUpTo).length === 0;
    const published = { digest, heardUpTo, listeners, refusal: isRefused ? refusal : undefined };
    return this.desk.come(fields, tag, body, published);
  }

  /** What was handed over here and is no task: what it means to one is what it means of a component. */
  said({ type, pid, creator, encoding, data }: Message): void {
    if (pid === "" || type === "config") return;
    if (type === "data") this.desk.heard(pid, creator);
    else this.desk.answered(pid, { type, on: creator, encoding, data, isHandedOver: true });
  }

  /** One that was kept over a restart goes on. */
  begin(task: Task): void {
    this.desk.begin(task);
    if (task.isKilled) this.kills.resume(task);
  }

  isAllowed(spec: string): boolean {
    return this.allowed.size === 0 || this.allowed.has(spec);
  }

  workerCame(spec: string, { key, address, creator = "" }: NewWorker): void {
    this.workers.set(key, this.desk.controller.workerCame(spec, key, address, creator));
  }

  /** `isDismissed`: it was we who closed its connection. */
  workerWent(key: number, isDismissed: boolean): void {
    const worker = this.workers.get(key);
    if (worker === undefined) return;
    this.workers.delete(key);
    const given = [...worker.given];
    this.desk.controller.workerWent(worker, isDismissed);
    // What it was told to stop goes with it, and waits for nothing.
    if (!isDismissed) this.kills.workerWent(given);
  }

  kill(taskId: string, by: Author, withChildren: boolean): Promise<KillView> {
    const task = this.desk.registry.get(taskId);
    if (task === undefined || !withChildren) return this.kills.ask({ taskId, by, asked: null });
    return killTree(task, ({ id }) => this.kills.ask({ taskId: id, by, asked: null }));
  }

  /** A kill that is not done is audited all the same. */
  refuseKill(task: string, by: Author, why: string): KillView {
    const view = { at: this.clock.wall(), task, by, spec: "", how: "", ms: 0, children: [] };
    return this.kills.refuse({ ...view, outcome: "refused", why: "" }, why);
  }

  /** A kill that others began, or whose outcome they know. */
  noteKill(kill: KillView): void {
    this.audit.record(kill);
    this.ports.onKill(kill);
  }

  /** A heartbeat of one of the gateway's own parts. */
  beat(own: OwnHeartbeat): void {
    this.health.heardHere(own);
    this.ports.publishTech(partsOf(heartbeatMessage(own, this.clock.wall())));
  }

  get deadline(): number {
    return Math.min(this.desk.deadline, this.health.deadline, this.kills.deadline);
  }

  tick(): void {
    this.desk.tick();
    this.health.tick();
    this.kills.tick();
  }

  private killAsked(taskId: string | MoniqueFault, { id, killer, parts, sender }: KillRequest): void {
    const by: Author = { via: "tech", who: whoIs(sender, killer.creator) };
    if (isFault(taskId)) return void this.refuseKill("", by, taskId.text);
    if (killer.expiresAt > 0 && killer.expiresAt <= this.clock.wall())
      return void this.refuseKill(taskId, by, "its time was over when it came");
    if (this.killIds.see(id)) return void this.refuseKill(taskId, by, "it was said before");
    // What came of it is in the audit; nobody waits for it here.
    void this.kills.ask({ taskId, by, asked: { killer, parts: [copyOf(parts[0]), copyOf(parts[1])] } });
  }

  private killTold(view: KillView): void {
    this.noteKill(view);
    const known = this.desk.registry.get(view.task);
    if (known !== undefined) this.ports.onTask(known);
    const { task, by, outcome, how, why, ms } = view;
    const who = `${by.via} ${by.who}`;
    if (outcome === "pending") return;
    // Whoever tries it a hundred thousand times is one line a minute.
    if (outcome === "refused")
      return this.drops.count("KILL_REFUSED", who, () => `kill of task ${task}: ${why}`);
    const fields = { task, by: who, outcome, how, ms };
    if (outcome !== "unconfirmed") return this.log.info(fields, "a task was to be stopped");
    const text = "a task was told to stop and nothing shows that it did";
    this.log.warn({ code: "KILL_UNCONFIRMED", ...fields }, how === "" ? text : `${text}: ${how}`);
  }

  private localKillFailed({ id }: Task, fault: unknown): void {
    const text = fault instanceof Error ? fault.message : String(fault);
    this.log.warn({ code: "KILL_FAILED", task: id }, `a board's task could not be stopped: ${text}`);
  }

  private workerSilent(task: Task, worker: Worker): void {
    if (worker.creator !== "") this.health.setSilent(worker.creator);
    const fields = { code: "WORKER_SILENT", task: task.id, spec: task.spec };
    this.log.warn(
      fields,
      `worker ${worker.creator || worker.address} has answered nothing, and is given the next task`,
    );
  }
}

/** Whoever has a certificate has proved it; of others what they say is all there is. */
function whoIs({ names }: Sender, creator: string): string {
  return names.length > 0 ? names.join(", ") : creator;
}

function tagOf({ spec, id, parent, creator }: Task): Uint8Array {
  return formatTag({ type: "config", spec, id, pid: parent, creator });
}
