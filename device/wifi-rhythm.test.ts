/** When the firmware asks for its Wi-Fi, told in time without waiting, for the ways in which boards answer. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";

type Answer = (error: string | null) => void;
interface Joining {
  startWifi(config: object): void;
  isOnline(time: number): boolean;
}

const listeners: Record<string, () => void> = {};
/** When connect() was called, and who is to be answered. */
let asked: { at: number; answer: Answer }[] = [];
let time = 0;
let joining: Joining;

const wifi = {
  on: (event: string, listener: () => void) => {
    listeners[event] = listener;
  },
  connect: (_ssid: string, _options: object, answer: Answer) => asked.push({ at: time, answer }),
};

let source = "";

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("wifi.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "wifi",
    define: { require: "boardRequire" },
  });
  source = outputFiles[0].text;
});

/** The module on a board of its own, where chance is always the middle of "give or take a quarter". */
function load(boardRequire: (name: string) => unknown): Joining {
  const middle = Object.assign(Object.create(Math), { random: () => 0.5 });
  const getTime = () => time / 1000;
  return new Function("boardRequire", "getTime", "Math", `${source}; return wifi`)(
    boardRequire,
    getTime,
    middle,
  );
}

beforeEach(() => {
  time = 0;
  asked = [];
  joining = load(() => wifi);
  joining.startWifi({ wifi: { ssid: "house", password: "secret" } });
});

/** Ticks of 50 ms until the next attempt -> ms it took. */
function untilAsked(): number {
  const from = time;
  const before = asked.length;
  while (asked.length === before) {
    expect(joining.isOnline(time)).toBe(false);
    if (asked.length === before) time += 50;
  }
  return time - from;
}

const answer = (error: string | null) => asked.at(-1)?.answer(error);

test("after each failure it waits twice as long, from a second to a minute; success makes it begin anew", () => {
  expect(untilAsked()).toBe(0);
  const waits = Array.from({ length: 8 }, () => {
    answer("no_ap_found");
    return untilAsked();
  });
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  answer(null);
  expect(joining.isOnline(time)).toBe(true);
  listeners.disconnected();
  expect(untilAsked()).toBe(1000);
});

test("a failure that is told twice, as an ESP32 tells it, counts once", () => {
  untilAsked();
  listeners.disconnected();
  answer("AUTH_FAIL");
  listeners.disconnected();
  expect(untilAsked()).toBe(1000);
});

test("a board that never answers is asked again after 40 s and a wait", () => {
  untilAsked();
  expect(untilAsked()).toBe(41_000);
});

test("an ESP8266 that finds its network again by itself is not asked to join it", () => {
  untilAsked();
  answer(null);
  listeners.disconnected();
  listeners.connected();
  expect(joining.isOnline(time)).toBe(true);
  time += 100_000;
  expect(joining.isOnline(time)).toBe(true);
  expect(asked).toHaveLength(1);
});

test("while the network is there it is never asked for: an ESP32 would leave it to join it again", () => {
  untilAsked();
  answer(null);
  for (let tick = 0; tick < 10_000; tick++) {
    time += 50;
    expect(joining.isOnline(time)).toBe(true);
  }
  expect(asked).toHaveLength(1);
});

test("a connect() that throws is a failure like others", () => {
  const connect = vi.spyOn(wifi, "connect").mockImplementation(() => {
    throw new Error("busy");
  });
  expect(joining.isOnline(time)).toBe(false);
  connect.mockRestore();
  expect(untilAsked()).toBe(1000);
});

test("a board without Wi-Fi takes its network to be there", () => {
  const other = load(() => {
    throw new Error("Module Wifi not found");
  });
  other.startWifi({ wifi: { ssid: "house" } });
  expect(other.isOnline(0)).toBe(true);
});
