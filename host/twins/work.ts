/** All work there is: tasks of components, and requests to boards whoever asked for them, seen and stopped by one name. */
import type { PeerCancel } from "../gateways/served-requests.ts";
import type { Hub } from "../hub/hub.ts";
import type { LocalKill } from "../hub/local-workers.ts";
import {
  type Author,
  type ComponentView,
  type HistoryLine,
  isAskedFor,
  type KillView,
  type MonitoringLine,
  type NewTask,
  type TaskQuery,
  type TaskView,
  type WorkChange,
} from "../hub/views.ts";
import type { RequestBook } from "../peers/request-book.ts";
import type { Clock } from "../platform/clock.ts";
import { BowlineError, ExitCode } from "../platform/errors.ts";
import type { Log } from "../platform/log.ts";
import { within } from "../platform/within.ts";
import { Topic } from "../router/router.ts";
import { viewBoardTask } from "./board-task.ts";
import { type Withdrawing, withdraw } from "./withdraw.ts";

/** The part of the hub that work is seen and stopped by. */
export interface TaskHub {
  submit(task: NewTask, by: Author): Promise<TaskView>;
  whenEnded(id: string, signal?: AbortSignal): Promise<TaskView>;
  kill(id: string, options: { by: Author; children?: boolean }): Promise<KillView>;
  refuseKill(id: string, by: Author, why: string): void;
  /** Of a request to a board, which the hub does not know. */
  noteKill(kill: KillView): void;
  /** Resolves once it cannot be lost that they were killed. */
  killsKept(): Promise<void>;
  task(id: string): TaskView | undefined;
  tasks(query: TaskQuery): TaskView[];
  kills(limit: number): KillView[];
  readonly addresses: Hub["addresses"];
  readonly counts: Hub["counts"];
  components(): ComponentView[];
  history(name: string): HistoryLine[];
  forgetDead(name: string): number;
  monitoring(): MonitoringLine[];
}

export interface WorkServices {
  /** null: the section is not enabled, and there are requests to boards alone. */
  hub: TaskHub | null;
  book: Pick<RequestBook, "views" | "view" | "facts" | "byKey" | "outcome" | "isOpen">;
  router: Withdrawing;
  clock: Clock;
  log: Log;
}

/** ms that a board has to be rid of a request: as long as the hub gives a component. */
const CONFIRM_MS = 10_000;
const NUMBER = /^\d{1,10}$/;

export class Work {
  readonly changes: Topic<WorkChange>;

  constructor(private readonly services: WorkServices) {
    this.changes = new Topic((error) => services.log.error({ error: String(error) }, "a listener failed"));
  }

  components(): ComponentView[] {
    return this.services.hub?.components() ?? [];
  }

  history(name: string): HistoryLine[] {
    return this.services.hub?.history(name) ?? [];
  }

  /** -> how many components of that name were dead, and are forgotten. */
  forgetDead(name: string): number {
    return this.services.hub?.forgetDead(name) ?? 0;
  }

  monitoring(): MonitoringLine[] {
    return this.services.hub?.monitoring() ?? [];
  }

  task(id: string): TaskView | undefined {
    const rq = this.requestOf(id);
    return this.services.hub?.task(id) ?? (rq === undefined ? undefined : this.viewOf(rq));
  }

  /** The newest first. */
  tasks(query: TaskQuery): TaskView[] {
    const { hub, book } = this.services;
    const requests = book
      .views()
      .flatMap(({ rq }) => this.viewOf(rq) ?? [])
      .filter((view) => isAskedFor(view, query) && hub?.task(view.id) === undefined);
    const all = [...(hub?.tasks(query) ?? []), ...requests];
    return all.sort((a, b) => b.at - a.at).slice(0, query.limit);
  }

  kills(limit: number): KillView[] {
    return this.services.hub?.kills(limit) ?? [];
  }

  /** Where the hub listens, and what it has counted; null: there is none. */
  hubView(): Pick<Hub, "addresses" | "counts"> | null {
    const { hub } = this.services;
    return hub === null ? null : { addresses: hub.addresses, counts: hub.counts };
  }

  async submit(task: NewTask, by: Author): Promise<TaskView> {
    const { hub } = this.services;
    if (hub !== null) return hub.submit(task, by);
    throw disabled(`running ${task.spec}`);
  }

  async whenEnded(id: string, signal: AbortSignal): Promise<TaskView> {
    const { hub } = this.services;
    if (hub !== null) return hub.whenEnded(id, signal);
    throw disabled(`waiting for task ${id}`);
  }

  /** Resolves with its outcome, which is audited. */
  async kill(id: string, { by, children }: { by: Author; children: boolean }): Promise<KillView> {
    const { hub } = this.services;
    const rq = hub?.task(id) === undefined ? this.requestOf(id) : undefined;
    if (rq !== undefined) return this.killRequest(rq, id, by);
    if (hub !== null) return hub.kill(id, { by, children });
    throw disabled(`killing task ${id.slice(0, 80)}`);
  }

  refuseKill(id: string, by: Author, why: string): void {
    const { hub, log } = this.services;
    if (hub !== null) hub.refuseKill(id, by, why);
    else log.warn({ task: id.slice(0, 80), ...by, why }, "a kill was refused");
  }

  /** Another gateway wanted a request of its own withdrawn. */
  noteCancel({ key, ot, end }: PeerCancel, gateway: string): void {
    const by: Author = { via: "peer", who: gateway };
    if (end === "refused") return this.refuseKill(key, by, "only who made a request may withdraw it");
    this.note({
      ...{ at: this.services.clock.wall(), task: key, by, spec: ot, outcome: cancelOutcomes[end] },
      ...{ how: end === "cancelled" ? "withdrawn by who asked" : "", why: "", ms: 0, children: [] },
    });
  }

  /** A request to a board is other than before. */
  noteRequest(rq: number): void {
    const view = this.viewOf(rq);
    if (view !== undefined) this.changes.publish({ kind: "task", id: view.id });
  }

  private async killRequest(rq: number, task: string, by: Author): Promise<KillView> {
    const { book, clock, router } = this.services;
    const [at, since] = [clock.wall(), clock.now()];
    const kill: KillView = {
      ...{ at, task, by, spec: book.view(rq)?.ot ?? "", outcome: "finished before", how: "", why: "" },
      ...{ ms: 0, children: [] },
    };
    if (book.isOpen(rq)) {
      const ended = Promise.all([withdraw(router, rq), book.outcome(rq)]);
      const [how, end] = (await within(CONFIRM_MS, ended)) ?? [];
      if (end === undefined) kill.outcome = "unconfirmed";
      else if (end.outcome === "cancelled") Object.assign(kill, { outcome: "confirmed", how: words[how!] });
    }
    kill.ms = Math.round(clock.now() - since);
    this.note(kill);
    await this.services.hub?.killsKept();
    return kill;
  }

  private note(kill: KillView): void {
    const { hub, log } = this.services;
    if (hub !== null) hub.noteKill(kill);
    else log.info({ task: kill.task, ...kill.by, outcome: kill.outcome }, "a task was killed");
  }

  private viewOf(rq: number): TaskView | undefined {
    const { book } = this.services;
    const view = book.view(rq);
    const facts = book.facts(rq);
    return view === undefined || facts === undefined ? undefined : viewBoardTask(view, facts);
  }

  /** Of its number, or of the key it came with. */
  private requestOf(id: string): number | undefined {
    const { book } = this.services;
    const rq = NUMBER.test(id) ? Number(id) : book.byKey(id);
    return rq !== undefined && book.view(rq) !== undefined ? rq : undefined;
  }
}

const cancelOutcomes = { cancelled: "confirmed", finished: "finished before", unknown: "unknown" } as const;

const words: Readonly<Record<LocalKill, string>> = {
  withdrawn: "withdrawn before it left",
  told: "the board was told",
  "passed on": "the next gateway, which tells the board, has it",
  unknown: "it was withdrawn before",
};

function disabled(what: string): BowlineError {
  const text = `${what}: there is no hub (monique.enabled is false); allowed: requests to boards`;
  return new BowlineError("MONIQUE_DISABLED", text, ExitCode.busy, "set monique.enabled to true");
}
