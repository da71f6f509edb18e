/** Heartbeats of the gateway's own parts in simulated time (MoniQue MON3). */
import { beforeEach, expect, test } from "vitest";
import { Heartbeats } from "./heartbeats.ts";
import type { Part } from "./parts.ts";

let now = 0;
/** Those that tell nobody when they change, and those that do. */
let quiet: Part[];
let loud: Map<string, Part>;
/** Of the loud ones, how often one was looked at. */
let looks: number;
let told: string[];
let heartbeats: Heartbeats;

beforeEach(() => {
  now = 0;
  quiet = [part("a_b")];
  loud = new Map();
  looks = 0;
  told = [];
  heartbeats = new Heartbeats({
    ...{ creator: "gw", frequencyMs: 1000, clock: { now: () => now } },
    quiet: () => quiet,
    find: (name) => {
      looks++;
      return loud.get(name);
    },
    beat: ({ name, isAlive, message }) => void told.push(`${now} ${name} ${isAlive} ${message}`),
    forget: (name) => void told.push(`${now} ${name} gone`),
  });
});

const part = (name: string, isAlive = true, text = "fine"): Part => ({ name, isAlive, words: () => text });

function lookUntil(end: number): void {
  for (; now <= end; now += 100) heartbeats.look();
}

test("a part says how it is when it comes, and once an interval", () => {
  lookUntil(2500);
  expect(told).toEqual(["0 a_b true fine", "1000 a_b true fine", "2000 a_b true fine"]);
});

test("it says at once that it is alive no more, and goes on from there", () => {
  lookUntil(400);
  quiet = [part("a_b", false, "away")];
  lookUntil(1900);
  expect(told).toEqual(["0 a_b true fine", "500 a_b false away", "1500 a_b false away"]);
});

test("one that has something new to say does not wait for its interval, which begins anew then", () => {
  lookUntil(400);
  quiet = [part("a_b", true, "hello")];
  heartbeats.hurry("a_b");
  heartbeats.hurry("a_z");
  lookUntil(1500);
  expect(told).toEqual(["0 a_b true fine", "500 a_b true hello", "1500 a_b true hello"]);
});

test("words that change seldom are said at once, and others in their time", () => {
  lookUntil(0);
  quiet = [part("a_b", true, "busy"), { ...part("a_c", true, "one"), isSteady: true }];
  lookUntil(200);
  quiet[1] = { ...part("a_c", true, "two"), isSteady: true };
  lookUntil(1300);
  expect(told).toEqual([
    ...["0 a_b true fine", "100 a_c true one", "300 a_c true two"],
    ...["1000 a_b true busy", "1300 a_c true two"],
  ]);
});

test("one that says when it changes is looked at then, and when it is due", () => {
  quiet = [];
  loud.set("a_c", part("a_c"));
  heartbeats.lookAt(part("a_c"));
  now = 50;
  heartbeats.lookAt(part("a_c", true, "busy"));
  heartbeats.lookAt(part("a_c", false, "away"));
  loud.set("a_c", part("a_c", false, "gone fishing"));
  lookUntil(1950);
  expect(looks).toBe(1);
  expect(told).toEqual(["0 a_c true fine", "50 a_c false away", "1050 a_c false gone fishing"]);
});

test("one that is there no more is forgotten, and its name is nobody's", () => {
  lookUntil(0);
  heartbeats.lookAt(part("a_c"));
  expect([...heartbeats.names]).toEqual(["a_b", "a_c"]);
  quiet = [];
  lookUntil(1200);
  expect(told.slice(2)).toEqual(["100 a_b gone", "1100 a_c gone"]);
  expect(heartbeats.names.size).toBe(0);
});

test("one that came for another is found although they are as many", () => {
  lookUntil(0);
  quiet = [part("a_c")];
  lookUntil(100);
  expect(told.slice(1)).toEqual(["100 a_b gone", "100 a_c true fine"]);
});
