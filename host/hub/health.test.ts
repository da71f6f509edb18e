/** How components are thought to be, in simulated time (MoniQue MON1 to MON4). */
import { beforeEach, describe, expect, test } from "vitest";
import type { Heartbeat } from "../monique/monitoring.ts";
import { readMonitoring } from "../monique/monitoring.ts";
import { Health } from "./health.ts";

const WALL = 1_795_301_705_000;
let now = 0;
let frequencies: Record<string, number> = {};
let changed: string[] = [];
let news: string[] = [];
let health: Health;

beforeEach(() => {
  now = 0;
  frequencies = {};
  changed = [];
  news = [];
  health = newHealth();
});

function newHealth(): Health {
  const ports = {
    frequencyMs: (name: string) => frequencies[name] ?? 0,
    onChanged: (name: string) => void changed.push(name),
    onNews: ({ name }: { name: string }, state: string) => void news.push(`${name} ${state}`),
  };
  return new Health(ports, { now: () => now, wall: () => WALL + now });
}

const speaker = (key: number) => ({ key, address: `127.0.0.1:${key}` });
const NAME = "example_calculator-py";

function beat(key = 1, fields: Partial<Heartbeat> = {}, creator = "0000-calculator"): string {
  const heartbeat = { sync_time: WALL + now, name: NAME, is_alive: true, message: "", ...fields };
  return health.heard(speaker(key), creator, heartbeat);
}

function pass(ms: number): void {
  const until = now + ms;
  while (health.deadline <= until) {
    now = Math.max(now, health.deadline);
    health.tick();
  }
  now = until;
}

const states = () => health.views().map(({ state }) => state);
const history = () => health.historyOf(NAME).map(({ at, state }) => [at - WALL, state]);

test("unknown once heard, alive by its rhythm, late after 1.5 of it, dead after 3, recovered, alive", () => {
  beat();
  expect(states()).toEqual(["unknown"]);
  for (let i = 0; i < 5; i++) {
    pass(10_000);
    beat();
    expect(states()).toEqual(["alive"]);
  }
  pass(14_999);
  expect(states()).toEqual(["alive"]);
  pass(1);
  expect(states()).toEqual(["late"]);
  pass(14_999);
  expect(states()).toEqual(["late"]);
  pass(1);
  expect(states()).toEqual(["dead"]);
  pass(3_600_000);
  beat();
  expect(states()).toEqual(["recovered"]);
  pass(10_000);
  beat();
  expect(states()).toEqual(["alive"]);
  expect(history()).toEqual([
    ...[
      [0, "unknown"],
      [10_000, "alive"],
      [65_000, "late"],
    ],
    ...[
      [80_000, "dead"],
      [3_680_000, "recovered"],
      [3_690_000, "alive"],
    ],
  ]);
});

test("its rhythm is the median of five gaps, the time it was dead is none of them, and 2 s the least", () => {
  const gaps = [10_000, 10_000, 31_000, 9000, 11_000, 10_000];
  beat();
  for (const gap of gaps) {
    now += gap;
    beat();
  }
  expect(health.views()[0].rhythmMs).toBe(10_000);
  pass(500_000);
  beat();
  expect(health.views()[0].rhythmMs).toBe(10_000);
  for (let i = 0; i < 5; i++) {
    now += 100;
    beat();
  }
  expect(health.views()[0].rhythmMs).toBe(2000);
});

test("a configured rhythm counts from the first heartbeat on, and may be changed", () => {
  frequencies[NAME] = 60_000;
  beat();
  expect(states()).toEqual(["alive"]);
  pass(89_999);
  expect(states()).toEqual(["alive"]);
  frequencies[NAME] = 600_000;
  health.configure();
  pass(600_000);
  expect(states()).toEqual(["alive"]);
});

test("who comes, goes and comes back is news; a part of the gateway never is", () => {
  frequencies = { example_known: 5000 };
  health = newHealth();
  beat(1);
  beat(2, { name: "example_known" });
  health.heardHere({ name: "bowline_store", creator: "gw", isAlive: true, message: "", frequencyMs: 5000 });
  health.connectionWent(1);
  beat(3);
  expect(news).toEqual([`${NAME} unknown`, "example_known unknown", `${NAME} gone`, `${NAME} recovered`]);
});

test("equal components are told apart by their connections, and counted", () => {
  beat(1);
  beat(2);
  expect(health.views().map(({ address, instances }) => [address, instances])).toEqual([
    ["127.0.0.1:1", 2],
    ["127.0.0.1:2", 2],
  ]);
  health.connectionWent(1);
  expect(health.views().map(({ state, instances }) => [state, instances])).toEqual([
    ["dead", 1],
    ["unknown", 1],
  ]);
});

test("one whose connection ends is dead at once, is itself when it comes again, and is forgotten after a day", () => {
  beat(1);
  pass(10_000);
  beat(1);
  health.connectionWent(1);
  expect(states()).toEqual(["dead"]);
  pass(1000);
  beat(7);
  expect(health.views()).toMatchObject([
    { state: "recovered", address: "127.0.0.1:7", heartbeats: 3, rhythmMs: 10_000, since: WALL },
  ]);
  expect(history()).toEqual([
    [0, "unknown"],
    [10_000, "alive"],
    [10_000, "gone"],
    [11_000, "recovered"],
  ]);
  health.connectionWent(7);
  pass(86_399_999);
  expect(states()).toEqual(["dead"]);
  pass(1);
  expect(health.views()).toEqual([]);
  expect(health.historyOf(NAME)).toEqual([]);
});

test("down is what it says, and silent what others saw", () => {
  beat();
  beat(1, { is_alive: false, message: "Communication layer's thread is down" });
  expect(health.views()[0]).toMatchObject({ isDown: true, message: "Communication layer's thread is down" });
  beat();
  health.setSilent("0000-calculator");
  expect(health.views()[0]).toMatchObject({ isDown: false, isSilent: true });
  health.answered("0000-other");
  expect(health.views()[0].isSilent).toBe(true);
  health.answered("0000-calculator");
  expect(health.views()[0].isSilent).toBe(false);
  expect(history().map(([, state]) => state)).toEqual(["unknown", "down", "alive", "up", "silent"]);
});

test("its own time is another clock's: shown, and nothing is judged by it", () => {
  beat(1, { sync_time: WALL - 5000 });
  pass(10_000);
  beat(1, { sync_time: WALL + 3_600_000 });
  expect(health.views()[0]).toMatchObject({ state: "alive", skewMs: -3_590_000, heardAt: WALL + 10_000 });
});

describe("what cannot be read", () => {
  const broken = (text: string) => readMonitoring(Buffer.from(text));

  test("is shown as it came, counted, and is a sign of life", () => {
    beat();
    now += 10_000;
    const raw = `{ "sync_time" : 1, "name" : "${NAME}", "is_alive" : true, "message" : "a "quote""}`;
    expect(health.heard(speaker(1), "0000-calculator", broken(raw))).toBe("unreadable");
    expect(health.views()).toMatchObject([
      { state: "alive", heartbeats: 2, invalid: 1, raw, syncTime: WALL },
    ]);
  });

  test("is whose connection has one name, and else nobody's", () => {
    expect(health.heard(speaker(1), "0000-calculator", broken("{"))).toBe("nameless");
    beat();
    expect(health.heard(speaker(1), "0000-calculator", broken("{"))).toBe("unreadable");
    expect(health.views()).toMatchObject([{ name: NAME, invalid: 1, raw: "{" }]);
  });
});

test("monitoring() is the last heartbeat of each name, without a message that is empty, as the original tells it", () => {
  beat(1, { message: "older" });
  now += 5;
  beat(2, { message: "newer" });
  beat(3, { name: "example_bank", is_alive: false });
  expect(health.monitoring()).toEqual([
    { sync_time: WALL + 5, name: "example_bank", is_alive: false },
    { sync_time: WALL + 5, name: NAME, is_alive: true, message: "newer" },
  ]);
});

test("who stood still itself reads what came meanwhile before it calls anybody late", () => {
  frequencies[NAME] = 10_000;
  beat();
  pass(10_000);
  beat();
  now += 60_000;
  health.tick();
  expect(states()).toEqual(["alive"]);
  beat();
  pass(2000);
  expect(states()).toEqual(["alive"]);
  now += 60_000;
  health.tick();
  pass(1000);
  expect(states()).toEqual(["dead"]);
});

test("those that are dead are forgotten when somebody says so; neither who is there nor a part of the gateway", () => {
  beat(1, {}, "one");
  beat(2, {}, "two");
  expect(health.forgetDead(NAME)).toBe(0);
  health.connectionWent(1);
  expect(health.forgetDead(NAME)).toBe(1);
  expect(health.views().map(({ creator }) => creator)).toEqual(["two"]);
  health.connectionWent(2);
  changed = [];
  expect([health.forgetDead(NAME), health.views(), history(), changed]).toEqual([1, [], [], [NAME]]);
  expect(health.kept(NAME)).toBeNull();
  const own = { name: "bowline_store", creator: "gw", isAlive: true, message: "", frequencyMs: 100 };
  health.heardHere(own);
  pass(60_000);
  expect([states(), health.forgetDead("bowline_store"), states()]).toEqual([["dead"], 0, ["dead"]]);
});

test("ten thousand are known, those that are gone make room, and who makes up more is refused", () => {
  for (let i = 0; i < 10_000; i++) beat(i, { name: `example_c-${i}` });
  expect(beat(10_000, { name: "example_more" })).toBe("no room");
  health.connectionWent(5);
  expect(beat(10_000, { name: "example_more" })).toBe("taken");
  expect(health.count).toBe(10_000);
  expect(health.viewsOf("example_c-5")).toEqual([]);
});

test("after a restart they are as they were, and dead if they are not heard within their rhythm", () => {
  beat(1, { message: "well" });
  pass(10_000);
  beat(1, { message: "well" });
  const kept = JSON.parse(JSON.stringify(health.kept(NAME)));
  health = newHealth();
  now = 1_000_000;
  health.restore(NAME, kept);
  expect(health.views()).toMatchObject([{ state: "alive", instances: 0, message: "well", rhythmMs: 10_000 }]);
  pass(29_000);
  expect(states()).toEqual(["late"]);
  beat(9);
  expect(health.views()).toMatchObject([{ state: "alive", instances: 1, heartbeats: 3, rhythmMs: 10_000 }]);
  expect(history().map(([, state]) => state)).toEqual(["unknown", "alive", "late", "alive"]);
});

test("a part of the gateway is judged by the rhythm that it says, whatever it says in between", () => {
  const own = { name: NAME, creator: "gw", isAlive: true, message: "open", frequencyMs: 60_000 };
  health.heardHere(own);
  expect(states()).toEqual(["alive"]);
  pass(1000);
  health.heardHere({ ...own, message: "speaking" });
  health.configure();
  pass(89_999);
  expect(states()).toEqual(["alive"]);
  pass(1);
  expect(states()).toEqual(["late"]);
  expect(health.views()[0].rhythmMs).toBe(60_000);
});

test("components of one creator: one that has said something since is not silent, and an answer changes only who was", () => {
  beat(1, { name: "example_a" });
  health.setSilent("0000-calculator");
  health.setSilent("0000-calculator");
  expect(health.historyOf("example_a").map(({ state }) => state)).toEqual(["unknown", "silent"]);
  beat(1, { name: "example_b" });
  changed = [];
  health.answered("0000-calculator");
  expect(changed).toEqual(["example_a"]);
  expect(health.views().map(({ isSilent }) => isSilent)).toEqual([false, false]);
});

test("of a name that was heard on two connections the original's answer is the newer heartbeat; of one never read there is none", () => {
  beat(1, { message: "first" });
  pass(10);
  beat(2, { message: "second" });
  pass(10);
  beat(1, { message: "third" });
  const unread = readMonitoring(Buffer.from('{"name":"example_odd","is_alive":"?"}'));
  expect(health.heard(speaker(3), "0000-odd", unread)).toBe("unreadable");
  expect(health.views().map(({ name }) => name)).toContain("example_odd");
  expect(health.monitoring()).toEqual([
    { sync_time: WALL + 20, name: NAME, is_alive: true, message: "third" },
  ]);
});

test("a heartbeat without a time of its own tells no skew", () => {
  now = 5000;
  beat(1, { sync_time: WALL });
  beat(2, { sync_time: 0 });
  expect(health.views().map(({ skewMs }) => skewMs)).toEqual([5000, 0]);
});

test("of a name that flaps the newest hundred changes are known", () => {
  for (let i = 0; i < 60; i++) {
    beat(1, { is_alive: false });
    pass(1);
    beat(1, { is_alive: true });
    pass(1);
  }
  const known = health.historyOf(NAME);
  expect(known).toHaveLength(100);
  expect(known[known.length - 1]).toMatchObject({ at: WALL + 119, state: "up" });
  expect(known[0].at).toBeGreaterThan(WALL);
});

test("ten thousand are remembered over a restart; who comes then takes the place of the one heard longest ago", () => {
  const kept = (heardAt: number) => ({
    ...{ name: "", creator: "c", address: "", state: "alive" as const, isDown: false, message: "" },
    ...{ since: WALL, syncTime: WALL, heardAt, skewMs: 0, rhythmMs: 60_000, heartbeats: 1, invalid: 0 },
    raw: "",
  });
  for (let i = 0; i < 10_000; i++)
    health.restore(`example_${i}`, { components: [kept(i === 7 ? 1 : 2 + i)], history: [] });
  health.restore("example_late", { components: [kept(3)], history: [] });
  expect([health.count, health.viewsOf("example_late")]).toEqual([10_000, []]);
  beat();
  expect([health.count, health.viewsOf("example_7"), health.viewsOf(NAME).length]).toEqual([10_000, [], 1]);
});

test("after we stood still nobody is judged for a second, however often it is looked", () => {
  for (let i = 0; i < 6; i++) {
    beat();
    now += 10_000;
  }
  beat();
  now += 100_000;
  health.tick();
  now += 999;
  health.tick();
  expect(states()).toEqual(["alive"]);
  now += 1;
  health.tick();
  expect(states()).toEqual(["dead"]);
});
