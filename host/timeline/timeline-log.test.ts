/** What is said to the log is in the timeline as well, as often and no more often. */
import { beforeEach, expect, test, vi } from "vitest";
import type { Clock } from "../platform/clock.ts";
import { silentLog } from "../platform/log.ts";
import type { Entry } from "./log-entry.ts";
import type { Timeline } from "./timeline.ts";
import { TimelineLog } from "./timeline-log.ts";

let now = 0;
const clock: Clock = { now: () => now, wall: () => now };
let entries: Entry[];
let lines: string[];
let log: TimelineLog;

beforeEach(() => {
  vi.useFakeTimers();
  now = 0;
  entries = [];
  lines = [];
  const write = (_fields: object, text: string) => void lines.push(text);
  const given = { ...silentLog, info: write, warn: write, error: write };
  log = new TimelineLog(given, { add: (entry: Entry) => entries.push(entry) } as unknown as Timeline, clock);
  return () => vi.useRealTimers();
});

test("each line goes to the log, and what is news to the timeline", () => {
  log.info({ device: "a", event: "up" }, "connected");
  log.info({ via: "tcp 10.0.0.7:4711" }, "connection dropped");
  log.debug({ device: "a", event: "repeats", repeats: 2 }, "came again");
  log.warn({ peer: "42", reason: "x" }, "not connected");
  expect(lines).toEqual(["connected", "connection dropped", "not connected"]);
  expect(entries.map(({ kind, text }) => [kind, text])).toEqual([
    ["up", "connected"],
    ["repeats", "came again"],
    ["note", "not connected"],
  ]);
});

test("what flaps is a few entries and one with a count, whose last is how things are", () => {
  for (let i = 0; i < 400; i++) {
    now += 50;
    log.info({ device: "a", event: "down" }, "disconnected");
    log.info({ device: "a", event: "resumed", via: `tcp 10.0.0.7:${i}` }, "session resumed");
  }
  now += 60_000;
  vi.advanceTimersByTime(60_000);
  expect(entries.length).toBe(22);
  const [last, before] = [...entries].reverse();
  expect([before.kind, before.fields?.times]).toEqual(["down", 390]);
  expect([last.kind, last.fields?.times, last.fields?.via]).toEqual(["resumed", 390, "tcp 10.0.0.7:399"]);
});

test("of entries that are one with a count the numbers add up: none of what was lost is overlooked", () => {
  for (let i = 0; i < 30; i++)
    log.warn({ device: "a", event: "loss", missing: 3, via: `tcp ${i}` }, "messages may be missing");
  log.mute();
  const sum = entries.reduce((all, { fields }) => all + (fields?.missing as number), 0);
  expect([sum, entries.length, entries.at(-1)?.fields]).toEqual([
    90,
    11,
    { missing: 60, via: "tcp 29", times: 20, seconds: 0 },
  ]);
});

test("one that flaps holds up no other: components, gateways and strangers each have their own", () => {
  for (let i = 0; i < 30; i++) log.warn({ component: "a", event: "fault" }, "is dead");
  log.warn({ component: "b", event: "fault" }, "is dead");
  for (let i = 0; i < 30; i++) log.warn({ via: `tcp 10.0.0.7:${i}`, code: "KEY_NEEDED" }, "hello refused");
  log.warn({ via: "tcp 10.0.0.8:1", code: "KEY_NEEDED" }, "hello refused");
  expect(entries.map(({ subject }) => subject.name).filter((name) => /b|8:1/.test(name))).toEqual([
    "b",
    "tcp 10.0.0.8:1",
  ]);
  expect(entries.length).toBe(10 + 1 + 10 + 1);
});

test("a stranger on IRC who names boards without end fills the timeline no more than one who names one", () => {
  for (let i = 0; i < 3000; i++) {
    now += 1000;
    log.info(
      { component: "irc", network: "lab", nick: "eve", asked: `x-${i}` },
      "IRC command refused: NOT_PROVED",
    );
  }
  expect(entries.length).toBeLessThan(20);
  expect(entries[0].subject).toEqual({ kind: "network", name: "lab" });
});

test("muted, it tells what it holds and then nothing", () => {
  for (let i = 0; i < 12; i++) log.info({ device: "a", event: "down" }, "disconnected");
  log.mute();
  log.info({ device: "a", event: "over" }, "session over");
  expect([entries.length, entries.at(-1)?.fields?.times]).toEqual([11, 2]);
});
