import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Author, KillView, TaskQuery, TaskView } from "../hub/views.ts";
import type { Outcome } from "../peers/request-book.ts";
import { RequestBook } from "../peers/request-book.ts";
import { silentLog } from "../platform/log.ts";
import { openTestStore } from "../testing/stores.ts";
import { type TaskHub, Work } from "./work.ts";

const clock = { now: () => 5, wall: () => 1000 };
const by: Author = { via: "http", who: "control at 127.0.0.1" };
const ID = "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot";

/** A hub that knows what a test gives it, and notes what it is asked. */
class NotingHub {
  known: TaskView[] = [];
  readonly noted: KillView[] = [];
  readonly refused: string[] = [];
  readonly killed: string[] = [];
  task = (id: string) => this.known.find((one) => one.id === id);
  tasks = ({ limit }: TaskQuery) => this.known.slice(0, limit);
  noteKill = (kill: KillView) => void this.noted.push(kill);
  /** Kills that were noted when somebody waited for them to be kept. */
  kept = 0;
  killsKept = async () => {
    this.kept = this.noted.length;
  };
  refuseKill = (id: string) => void this.refused.push(id);
  kill = async (id: string) => {
    this.killed.push(id);
    return { task: id, outcome: "unknown" } as KillView;
  };
}

afterEach(() => vi.useRealTimers());

let book: RequestBook;
let hub: NotingHub;
let work: Work;
/** What becomes of a request that is to be cancelled. */
let cancelled: Outcome;

beforeEach(async () => {
  book = new RequestBook(await openTestStore(), clock);
  hub = new NotingHub();
  cancelled = { outcome: "cancelled" };
  work = workOf(hub as unknown as TaskHub);
});

function workOf(known: TaskHub | null): Work {
  const router = {
    hasLeft: (rq: number) => book.facts(rq)?.isSent === true,
    cancel: (rq: number) => {
      book.conclude(rq, cancelled);
      return cancelled.outcome === "cancelled";
    },
    whenStopped: async () => "told" as const,
  };
  return new Work({ hub: known, book, router, clock, log: silentLog });
}

async function ask(key?: string): Promise<number> {
  const request = { device: "sim-1", message: { ot: "l:led" }, deadline: 3000, timeoutMs: 2000 };
  const { rq, accepted } = book.accept({ ...request, ...(key !== undefined && { key }) });
  await accepted;
  return rq;
}

const taskOfHub = (fields: Partial<TaskView>) =>
  ({ id: ID, spec: "example_clock", at: 0, ...fields }) as TaskView;

test("requests to boards stand among the tasks of the hub, the newest first, by key or number", async () => {
  const rq = await ask();
  await ask("lamp-on-17");
  hub.known = [taskOfHub({ at: 999 }), taskOfHub({ id: "older", at: 1 })];
  const ids = (query: Partial<TaskQuery> = {}) => work.tasks({ limit: 10, ...query }).map(({ id }) => id);
  expect(ids().sort()).toEqual([`${rq}`, "lamp-on-17", ID, "older"].sort());
  expect(ids({ limit: 3 })).not.toContain("older");
  expect(work.task(`${rq}`)).toMatchObject({ spec: "l:led", state: "queued" });
  expect(work.task("lamp-on-17")).toMatchObject({ spec: "l:led" });
  expect(work.task("17")).toBeUndefined();
});

test("they are found by state and spec as tasks are", async () => {
  const rq = await ask();
  const over = await ask();
  book.conclude(over, { outcome: "expired" });
  await book.outcome(over);
  const found = (query: Partial<TaskQuery>) => work.tasks({ limit: 10, ...query }).map(({ id }) => id);
  expect(found({ state: "queued" })).toEqual([`${rq}`]);
  expect(found({ state: "silent" })).toEqual([]);
  expect(found({ spec: "l:led" })).toHaveLength(2);
  expect(found({ spec: "l:info" })).toEqual([]);
});

test("the request that carries a task of the hub to its board is that task, not another", async () => {
  await ask(ID);
  hub.known = [taskOfHub({ at: 1 })];
  expect(work.tasks({ limit: 10 })).toEqual(hub.known);
  await work.kill(ID, { by, children: false });
  expect(hub.killed).toEqual([ID]);
});

test("a request that is killed before it left is withdrawn, and that is audited", async () => {
  const rq = await ask();
  const kill = await work.kill(`${rq}`, { by, children: false });
  expect(kill).toMatchObject({
    ...{ at: 1000, task: `${rq}`, by, spec: "l:led", outcome: "confirmed", how: "withdrawn before it left" },
    children: [],
  });
  expect(hub.noted).toEqual([kill]);
  expect(hub.kept).toBe(1);
  expect(work.task(`${rq}`)?.state).toBe("killed");
});

test("of one that had left the board was told", async () => {
  const rq = await ask();
  book.sent(rq, true);
  expect(await work.kill(`${rq}`, { by, children: false })).toMatchObject({ how: "the board was told" });
});

test("one that was answered meanwhile, or before, had finished", async () => {
  const rq = await ask();
  cancelled = { outcome: "delivered", reply: { re: rq } };
  const outcomes = async () => (await work.kill(`${rq}`, { by, children: false })).outcome;
  expect([await outcomes(), await outcomes()]).toEqual(["finished before", "finished before"]);
});

test("what is no request is the hub's to kill or to refuse", async () => {
  for (const id of [ID, "null", "4711"]) await work.kill(id, { by, children: true });
  expect(hub.killed).toEqual([ID, "null", "4711"]);
  work.refuseKill(ID, by, "why");
  expect(hub.refused).toEqual([ID]);
});

test("what another gateway withdraws is audited with its name", () => {
  const cancel = { gateway: 7n, key: "gateway 7.1.2.3", ot: "l:led" };
  for (const end of ["cancelled", "finished", "unknown", "refused"] as const)
    work.noteCancel({ ...cancel, end }, "attic");
  const peer = { via: "peer", who: "attic" };
  expect(hub.noted).toMatchObject([
    { by: peer, task: cancel.key, spec: "l:led", outcome: "confirmed", how: "withdrawn by who asked" },
    { by: peer, outcome: "finished before", how: "" },
    { by: peer, outcome: "unknown", how: "" },
  ]);
  expect(hub.refused).toEqual([cancel.key]);
});

test("without a hub there are requests to boards alone, which can be killed", async () => {
  const alone = workOf(null);
  const rq = await ask();
  expect(alone.tasks({ limit: 10 })).toHaveLength(1);
  expect((await alone.kill(`${rq}`, { by, children: false })).outcome).toBe("confirmed");
  expect([alone.components(), alone.monitoring(), alone.history("a_b"), alone.kills(9)]).toEqual([
    [],
    [],
    [],
    [],
  ]);
  const disabled = { code: "MONIQUE_DISABLED" };
  await expect(alone.kill(ID, { by, children: false })).rejects.toMatchObject(disabled);
  await expect(alone.submit({ spec: "a_b", data: {} }, by)).rejects.toMatchObject(disabled);
});

test("whoever looks hears of a request when it comes, leaves and ends", async () => {
  const heard: unknown[] = [];
  work.changes.subscribe((change) => heard.push(change));
  book.onChange = (rq) => work.noteRequest(rq);
  const rq = await ask("lamp-on-17");
  book.sent(rq, true);
  book.end(rq, { outcome: "expired" });
  expect(heard).toEqual(Array.from({ length: 3 }, () => ({ kind: "task", id: "lamp-on-17" })));
});

test("what the hub has counted is told; there is nothing to tell without one", () => {
  Object.assign(hub, { addresses: null, counts: { components: 3 } });
  expect(work.hubView()).toEqual({ addresses: null, counts: { components: 3 } });
  expect(workOf(null).hubView()).toBeNull();
});

test("tasks are handed over to the hub and waited for there, and without one nobody takes them", async () => {
  const view = taskOfHub({ state: "result" });
  Object.assign(hub, { submit: async () => view, whenEnded: async () => view, forgetDead: () => 2 });
  const { signal } = new AbortController();
  expect(await work.submit({ spec: "example_clock", data: 1 }, by)).toBe(view);
  expect(await work.whenEnded(ID, signal)).toBe(view);
  expect(work.forgetDead("example_clock")).toBe(2);
  const alone = workOf(null);
  await expect(alone.whenEnded(ID, signal)).rejects.toMatchObject({ code: "MONIQUE_DISABLED" });
  expect(alone.forgetDead("example_clock")).toBe(0);
});

test("a kill that is refused where there is no hub is in the log", () => {
  const warned: object[] = [];
  const log = { ...silentLog, warn: (fields: object) => void warned.push(fields) };
  const router = { hasLeft: () => false, cancel: () => false, whenStopped: async () => "told" as const };
  new Work({ hub: null, book, router, clock, log }).refuseKill(`${ID}${"x".repeat(99)}`, by, "why");
  expect(warned).toEqual([{ task: `${ID}${"x".repeat(40)}`, ...by, why: "why" }]);
});

test("of a request that is known no more nobody hears", () => {
  const heard: unknown[] = [];
  work.changes.subscribe((change) => heard.push(change));
  work.noteRequest(4711);
  expect(heard).toEqual([]);
});

test("a board that does not say within 10 s that it was told: the kill is unconfirmed", async () => {
  const rq = await ask();
  const router = {
    ...{ hasLeft: () => true, cancel: () => true },
    whenStopped: () => new Promise<never>(() => {}),
  };
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const patient = new Work({ hub: hub as unknown as TaskHub, book, router, clock, log: silentLog });
  const kill = patient.kill(`${rq}`, { by, children: false });
  await vi.advanceTimersByTimeAsync(9_999);
  expect(hub.noted).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(await kill).toMatchObject({ outcome: "unconfirmed", how: "" });
  expect(hub.noted).toHaveLength(1);
});
