/** What happened is kept in order, bounded, and found again by a gateway that goes on. */
import { expect, test } from "vitest";
import type { RecordChange } from "../store/store.ts";
import type { Happening } from "./happening.ts";
import type { Entry } from "./log-entry.ts";
import { Timeline } from "./timeline.ts";

const DAY_MS = 86_400_000;
const T0 = 1_795_301_705_000;
const nothing = async () => null;

/** A store that commits at once. */
class Documents {
  readonly all = new Map<string, Happening>();

  keep(changes: RecordChange[], onCommitted: () => void): void {
    for (const { key, value } of changes)
      if (value === null) this.all.delete(key);
      else this.all.set(key, structuredClone(value) as Happening);
    onCommitted();
  }

  async records<T>(prefix: string): Promise<[string, T][]> {
    const found = [...this.all].filter(([key]) => key.startsWith(prefix));
    return found.sort(([a], [b]) => (a < b ? -1 : 1)) as [string, T][];
  }
}

class World {
  now = T0;
  /** By so much the wall clock is wrong. */
  wrongMs = 0;
  readonly store = new Documents();
  readonly faults: unknown[] = [];
  timeline = this.fresh();

  fresh(): Timeline {
    return new Timeline({
      ...{
        store: this.store,
        clock: { now: () => this.now, wall: () => this.now + this.wrongMs },
        onFault: (error) => this.faults.push(error),
      },
      nameOfGateway: (id) => (id === "42" ? "gw2" : id),
    });
  }

  async begin(): Promise<this> {
    await this.timeline.load(nothing);
    return this;
  }

  /** The gateway is killed, and another begins. */
  async restart(missed: Parameters<Timeline["load"]>[0] = nothing): Promise<void> {
    this.timeline = this.fresh();
    await this.timeline.load(missed);
  }

  all(query: Partial<Parameters<Timeline["page"]>[0]> = {}) {
    return this.timeline.page({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 10_000, ...query });
  }
}

const entry = (text: string, seen: Partial<Entry> = {}): Entry => ({
  ...{ level: "info", kind: "note", subject: { kind: "board", name: "b-1" }, text },
  ...seen,
});
const texts = (happenings: readonly Happening[]) => happenings.map(({ text }) => text);

test("the newest comes first, numbered without a gap, also after a restart", async () => {
  const world = await new World().begin();
  world.timeline.add(entry("a"));
  world.timeline.add(entry("b"));
  world.timeline.stop();
  await world.restart();
  world.timeline.add(entry("c"));
  expect(world.all().happenings.map(({ n, text }) => [n, text])).toEqual([
    [3, "c"],
    [2, "b"],
    [1, "a"],
  ]);
});

test("what was said before the store is open comes behind what the gateway before could not say", async () => {
  const world = new World();
  world.timeline.add(entry("early"));
  await world.timeline.load(async () => [entry("killed"), T0 - 5000]);
  expect(world.all().happenings.map(({ n, at, text }) => [n, at - T0, text])).toEqual([
    [2, 0, "early"],
    [1, -5000, "killed"],
  ]);
});

test("how things stood is told of the beginning, also of a time in which nothing happened", async () => {
  const world = await new World().begin();
  world.timeline.add(entry("connected", { kind: "up" }));
  world.now += DAY_MS;
  world.timeline.add(entry("disconnected", { kind: "down" }));
  const { happenings, before } = world.all({ from: T0 + 1000, to: T0 + 2000 });
  expect([texts(happenings), texts(before)]).toEqual([[], ["connected"]]);
});

test("it is bounded by number, by age, and in the store as well; the newest stays", async () => {
  const world = await new World().begin();
  for (let i = 0; i < 5010; i++) world.timeline.add(entry(`${i}`));
  world.timeline.stop();
  expect([world.all().happenings.length, world.all().gaveUpBefore]).toEqual([5000, T0]);
  expect(world.store.all.size).toBe(5000);
  world.now += 15 * DAY_MS;
  world.timeline.add(entry("later"));
  world.timeline.stop();
  expect(texts(world.all().happenings)).toEqual(["later"]);
  await world.restart();
  world.now += 15 * DAY_MS;
  world.timeline.add(entry("much later"));
  expect(world.all().happenings.map(({ n }) => n)).toEqual([5012]);
});

test("a clock that is wrong by years for a moment, or at a start, gives nothing up", async () => {
  const world = await new World().begin();
  world.timeline.add(entry("before"));
  world.wrongMs = 3650 * DAY_MS;
  world.timeline.add(entry("then"));
  world.timeline.stop();
  await world.restart();
  world.timeline.add(entry("still"));
  world.wrongMs = 0;
  world.timeline.add(entry("after"));
  expect(texts(world.all().happenings)).toEqual(["after", "still", "then", "before"]);
});

test("time, subject and number choose; how things stood before is told beside", async () => {
  const world = await new World().begin();
  const gateway = { kind: "gateway", name: "42" } as const;
  for (const one of [
    entry("up", { kind: "up" }),
    entry("here", { kind: "up", subject: gateway }),
    entry("down", { kind: "down" }),
    entry("noted"),
    entry("up again", { kind: "up" }),
  ]) {
    world.now += 1000;
    world.timeline.add(one);
  }
  expect(texts(world.all({ from: T0 + 4000, to: T0 + 4000 }).happenings)).toEqual(["noted"]);
  expect(texts(world.all({ limit: 2 }).happenings)).toEqual(["up again", "noted"]);
  expect(texts(world.all({ limit: 2 }).before)).toEqual(["down", "here"]);
  expect(texts(world.all({ from: T0 + 3000 }).before)).toEqual(["up", "here"]);
  expect(world.all().before).toEqual([]);
  expect(texts(world.all({ subject: { kind: "gateway", name: "gw2" } }).happenings)).toEqual(["here"]);
});

test("listeners hear it as it happens, and one that throws keeps no other from hearing", async () => {
  const world = await new World().begin();
  const heard: string[] = [];
  world.timeline.subscribe(() => {
    throw new Error("mine");
  });
  const end = world.timeline.subscribe(({ text }) => heard.push(text));
  world.timeline.add(entry("a"));
  end();
  world.timeline.add(entry("b"));
  expect([heard, world.faults.length]).toEqual([["a"], 2]);
});
