/** A condition becomes a problem when it lasts, keeps its beginning, and is told when it changes. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RecordChange } from "../store/store.ts";
import type { Condition } from "./condition.ts";
import type { ProblemsView } from "./problem.ts";
import { ProblemWatch } from "./problem-watch.ts";

const T0 = 1_795_301_705_000;
const documents = new Map<string, object>();
const store = {
  keep(changes: RecordChange[], onCommitted: () => void): void {
    for (const { key, value } of changes)
      if (value === null) documents.delete(key);
      else documents.set(key, value);
    onCommitted();
  },
  records: async <T>(prefix: string) =>
    [...documents].filter(([key]) => key.startsWith(prefix)) as unknown as [string, T][],
};

let conditions: Condition[];
let watch: ProblemWatch;
let told: ProblemsView[];
let faults: unknown[];
let looks: number;

async function begin(): Promise<void> {
  told = [];
  watch = new ProblemWatch({
    ...{ store, wall: () => Date.now(), onFault: (error) => faults.push(error) },
    look: () => {
      looks++;
      return conditions;
    },
  });
  watch.subscribe((view) => told.push(view));
  await watch.load();
  watch.start();
}

beforeEach(async () => {
  vi.useFakeTimers({ now: T0 });
  documents.clear();
  [conditions, faults, looks] = [[], [], 0];
  await begin();
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

const away = (seen: Partial<Condition> = {}): Condition => ({
  ...{
    code: "BOARD_AWAY",
    level: "warning",
    subject: { kind: "board", name: "b-1" },
    what: "is away",
    mend: "plug",
  },
  ...seen,
});
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const shown = () => watch.view().problems.map(({ code, level, since }) => [code, level, since - T0]);

test("since when all is well is the start, then the end of the last problem", async () => {
  await pass(30_000);
  expect(watch.view().wellSince).toBe(T0);
  conditions = [away()];
  await pass(15_000);
  expect(watch.view().wellSince).toBe(0);
  conditions = [];
  await pass(15_000);
  const since = watch.view().wellSince;
  expect(since).toBe(watch.view().checkedAt);
  await pass(60_000);
  expect(watch.view().wellSince).toBe(since);
});

test("what lasts longer than its grace is a problem, since it began, and later critical", async () => {
  conditions = [away({ graceMs: 60_000, criticalAfterMs: 600_000 })];
  await pass(15_000);
  expect(watch.view().state).toBe("ok");
  await pass(75_000);
  expect(shown()).toEqual([["BOARD_AWAY", "warning", 15_000]]);
  const [{ since }] = watch.view().problems;
  await pass(600_000);
  expect(watch.view()).toMatchObject({ state: "critical", problems: [{ level: "critical", since }] });
  conditions = [];
  await pass(15_000);
  expect(watch.view()).toMatchObject({ state: "ok", problems: [] });
});

test("since is what the view knows, and never later than now", () => {
  vi.setSystemTime(T0 + 5000);
  conditions = [away({ since: T0 - 9000 }), away({ code: "PORT_FAULT", since: T0 + 1e9 })];
  expect(shown()).toEqual([
    ["BOARD_AWAY", "warning", -9000],
    ["PORT_FAULT", "warning", 5000],
  ]);
});

test("the worst comes first, and of those the longest", () => {
  vi.setSystemTime(T0 + 5000);
  conditions = [
    away({ code: "A", since: T0 - 1 }),
    away({ code: "B", since: T0 - 9 }),
    away({ code: "C", level: "critical", since: T0 }),
  ];
  expect(shown().map(([code]) => code)).toEqual(["C", "B", "A"]);
});

test("it is told when it changes, and only then", async () => {
  expect(told.map(({ state }) => state)).toEqual(["ok"]);
  conditions = [away()];
  await pass(60_000);
  conditions = [];
  await pass(60_000);
  expect(told.map(({ state }) => state)).toEqual(["ok", "warning", "ok"]);
});

test("it is looked at every 15 s, every 2 s while somebody is shown it, and at once when one asks", async () => {
  looks = 0;
  await pass(60_000);
  expect(looks).toBe(4);
  const leave = watch.attend();
  looks = 0;
  await pass(60_000);
  expect(looks).toBe(30);
  leave();
  await pass(2000);
  looks = 0;
  await pass(60_000);
  expect(looks).toBe(4);
  await pass(3000);
  watch.view();
  watch.view();
  expect(looks).toBe(5);
});

test("it is looked at soon after something happened, once for many, and at once when one asks", async () => {
  looks = 0;
  for (let i = 0; i < 100; i++) watch.note();
  await pass(1000);
  expect(looks).toBe(1);
  watch.note();
  conditions = [away()];
  expect(watch.view().state).toBe("warning");
  expect(looks).toBe(2);
});

test("a gateway that was restarted knows since when; what is no more then begins anew", async () => {
  conditions = [away()];
  await pass(20_000);
  const since = watch.view().problems[0].since;
  watch.stop();
  await pass(100_000);
  await begin();
  expect(watch.view().problems[0].since).toBe(since);
  conditions = [];
  await pass(400_000);
  expect([...documents]).toEqual([]);
  conditions = [away()];
  await pass(15_000);
  expect(watch.view().problems[0].since).toBeGreaterThan(since + 400_000);
});

test("what is no more soon after a start begins anew at once, whatever an earlier gateway wrote down", async () => {
  conditions = [away({ graceMs: 60_000 })];
  await pass(100_000);
  watch.stop();
  await begin();
  expect(watch.view().problems.length).toBe(1);
  conditions = [];
  await pass(15_000);
  conditions = [away({ graceMs: 60_000 })];
  await pass(15_000);
  expect(watch.view().problems).toEqual([]);
});

test("of very many the first are told, and the rest counted", async () => {
  conditions = Array.from({ length: 300 }, (_, i) =>
    away({ subject: { kind: "board", name: `b-${i}` }, level: i % 10 === 0 ? "warning" : "critical" }),
  );
  await pass(15_000);
  const { problems, more, counts } = watch.view();
  expect([problems.length, more]).toEqual([200, 100]);
  expect(counts).toEqual({ warning: 30, critical: 270 });
});

test("a look that fails is told, and the next one is made all the same", async () => {
  conditions = null as unknown as Condition[];
  await pass(15_000);
  expect(faults.length).toBeGreaterThan(0);
  conditions = [away()];
  await pass(15_000);
  expect(watch.view().state).toBe("warning");
});
