import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Clock } from "./clock.ts";
import { RepeatLimit } from "./repeat-limit.ts";

/** Simulated time: the timers' and the clock's are one. */
const clock: Clock = { now: () => Date.now(), wall: () => Date.now() };
const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 3_600_000;

let lines: string[];
let log: RepeatLimit;

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  const say = (level: string) => (fields: object, text: string) =>
    void lines.push(`${level} ${text} ${JSON.stringify(fields)}`);
  const target = { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") };
  log = new RepeatLimit(target, clock);
});
afterEach(() => {
  log.stop();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTime(ms);
const device = "pico";

/** A board that comes and goes every `periodMs`, for `ms`. -> the lines of that time. */
function flap(periodMs: number, ms: number): string[] {
  const before = lines.length;
  for (let t = 0; t < ms; t += periodMs) {
    log.info({ device }, "disconnected");
    pass(periodMs / 10);
    log.info({ device }, "connected");
    pass((periodMs * 9) / 10);
  }
  return lines.slice(before);
}

test("what does not repeat passes as it is", () => {
  log.info({ device, via: "tcp 1" }, "connected");
  log.warn({ path: "/dev/ttyACM0", code: "SERIAL_BUSY" }, "busy");
  log.error({}, "a fault");
  log.debug({}, "a detail");
  expect(lines).toEqual([
    'info connected {"device":"pico","via":"tcp 1"}',
    'warn busy {"path":"/dev/ttyACM0","code":"SERIAL_BUSY"}',
    "error a fault {}",
    "debug a detail {}",
  ]);
});

test("somebody who plugs a board in and out ten times sees every line", () => {
  expect(flap(3 * SECOND, 30 * SECOND)).toHaveLength(20);
});

test.each([2, 10, 70, 300, 1000])(
  "a board that comes and goes every %i s for ever writes at most 20 lines an hour",
  (s) => {
    flap(s * SECOND, HOUR);
    for (let hour = 0; hour < 2; hour++) expect(flap(s * SECOND, HOUR).length).toBeLessThanOrEqual(20);
  },
);

test("what is held is counted, and the last of it is written with how many there were", () => {
  flap(SECOND, 30 * MINUTE);
  const counted = lines.filter((line) => line.startsWith("info connected"));
  const times = counted.map((line) => JSON.parse(line.slice("info connected ".length)).times ?? 1);
  pass(HOUR);
  const rest = lines.filter((line) => line.startsWith("info connected")).slice(counted.length);
  const more = rest.map((line) => JSON.parse(line.slice("info connected ".length)).times ?? 1);
  expect([...times, ...more].reduce((sum, n) => sum + n, 0)).toBe(30 * 60);
  expect(times.at(-1)).toBeGreaterThan(100);
});

test.each([2, 11, 12, 50, 5000])("after %i changes the log ends with how things are", (changes) => {
  for (let i = 1; i < changes; i++) {
    log.info({ device }, i % 2 === 0 ? "connected" : "disconnected");
    pass(SECOND);
  }
  log.info({ device, last: true }, "connected");
  pass(20 * MINUTE);
  expect(lines.at(-1)).toMatch(/^info connected .*"last":true/);
});

test("soon after the first held line, and later more slowly, a pause shows how things are", () => {
  flap(SECOND, 15 * SECOND);
  const before = lines.length;
  pass(5 * SECOND);
  expect(lines.slice(before)).toEqual([
    'info disconnected {"device":"pico","times":5,"seconds":10}',
    'info connected {"device":"pico","times":5,"seconds":9}',
  ]);
  log.info({ device }, "disconnected");
  pass(9 * SECOND);
  expect(lines).toHaveLength(before + 2);
  pass(2 * SECOND);
  expect(lines.at(-1)).toBe('info disconnected {"device":"pico","times":1,"seconds":10}');
});

test("a board that was quiet for hours has all its lines again", () => {
  flap(SECOND, 10 * MINUTE);
  pass(5 * HOUR);
  expect(flap(3 * SECOND, 30 * SECOND)).toHaveLength(20);
});

test("one that repeats keeps no other from being heard", () => {
  flap(SECOND, HOUR);
  const before = lines.length;
  log.info({ device: "other" }, "connected");
  log.info({ device }, "began anew");
  expect(lines.slice(before)).toHaveLength(2);
});

test("a peer that is refused for ever, from a new port each time, is one subject", () => {
  for (let i = 0; i < 1000; i++) {
    log.warn({ via: `tcp 10.0.0.7:${40_000 + i}`, code: "HELLO_INVALID" }, "hello refused");
    pass(SECOND);
  }
  expect(lines.length).toBeLessThanOrEqual(12);
});

test("counts in a text make no new kind of line", () => {
  for (let i = 0; i < 100; i++) log.warn({ path: "/dev/ttyACM0" }, `no valid frame for ${i} s`);
  expect(lines).toHaveLength(10);
});

test("strangers without number cost bounded memory and lines", () => {
  for (let i = 0; i < 20_000; i++) {
    log.info(
      { via: `tcp 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:1`, code: "HANDSHAKE_TIMEOUT" },
      "dropped",
    );
  }
  expect(lines.length).toBeLessThanOrEqual(1010);
});

test("stop() writes what is held", () => {
  for (let i = 0; i < 12; i++) log.info({ device, i }, "connected");
  log.stop();
  expect(lines.at(-1)).toBe('info connected {"device":"pico","i":11,"times":2,"seconds":0}');
});
