/**
 * What keeps the board going: one tick drives everything, a second timer watches the first and feeds the watchdog
 * (espruino §9.2). An out-of-memory or a Ctrl-C removes the timer it strikes; the other makes it anew.
 */
import { tickSession } from "../shared/session/lifecycle.ts";
import { now } from "./board.ts";
import { noteFaults } from "./faults.ts";
import { peer } from "./peer.ts";
import { sendTelemetry } from "./telemetry.ts";

const TICK_MS = 50;
const WATCH_MS = 1000;
const WATCHDOG_S = 10;
/** Watch ticks after which the start counts as good. */
const HEALTHY = 10;
/** Marks of starts (layout.mjs): the loader writes one, "boot", and the program another when it is well. */
const MARKS = "bl.n";

interface Task {
  /** null: the telemetry. */
  run: (() => void) | null;
  /** ms between two runs, and when the next one is due. */
  period: number;
  dueAt: number;
}

const tasks: Task[] = [];
const telemetry: Task = { run: null, period: 0, dueAt: 0 };
let tickTimer = 0;
let ticks = 0;
let ticksSeen = 0;
let goodTicks = 0;

/**
 * Runs `run` every `seconds`, the first time after that long. What it throws is reported, and it runs again.
 * -> its number, for changeEvery()
 */
export function every(seconds: number, run: () => void): number {
  "cold";
  return tasks.push({ run: run, period: seconds * 1000, dueAt: now() + seconds * 1000 }) - 1;
}

/** From now on every `seconds`; 0: not until it is changed again. */
export function changeEvery(number: number, seconds: number): void {
  "cold";
  tasks[number].period = seconds * 1000;
  tasks[number].dueAt = now() + seconds * 1000;
}

/** Runs `run` at every tick. */
export function everyTick(run: () => void): void {
  "cold";
  tasks.push({ run: run, period: 1, dueAt: 0 });
}

/** 0 ends the telemetry; else the first goes out at once. */
export function setTelemetryInterval(seconds: number): void {
  "cold";
  telemetry.period = seconds * 1000;
  telemetry.dueAt = now();
}

export function startSupervisor(intervalS: number): void {
  "cold";
  setTelemetryInterval(intervalS);
  tasks.push(telemetry);
  tickTimer = setInterval(tick, TICK_MS);
  setInterval(watchTick, WATCH_MS);
}

function tick(): void {
  const time = now();
  ticks++;
  if (!peer.port) return;
  peer.port.tick(time);
  tickSession(peer.session, time);
  for (let i = 0; i < tasks.length; i++)
    if (tasks[i].period > 0 && time >= tasks[i].dueAt) runTask(tasks[i], time);
  if (peer.port) peer.port.flush();
}

function runTask(task: Task, time: number): void {
  task.dueAt = task.dueAt + task.period > time ? task.dueAt + task.period : time + task.period;
  try {
    if (task.run) task.run();
    else sendTelemetry();
  } catch (error) {
    noteFaults([String(error)]);
  }
}

function watchTick(): void {
  if (ticks === ticksSeen) {
    clearInterval(tickTimer);
    tickTimer = setInterval(tick, TICK_MS);
    return;
  }
  ticksSeen = ticks;
  // Last of all, after the first good ticks, and not at the prompt: a watchdog cannot be switched off again.
  if (goodTicks === 0 && peer.port) E.enableWatchdog(WATCHDOG_S, false);
  if (++goodTicks === HEALTHY) markHealthy();
  E.kickWatchdog();
}

/** Before the board is left to its prompt: from now on the interpreter itself feeds it, whatever is reset. */
export function releaseWatchdog(): void {
  "cold";
  if (goodTicks > 0) E.enableWatchdog(WATCHDOG_S, true);
}

/** In the first place that is not yet written; when there is none, the loader begins the file anew. */
function markHealthy(): void {
  "cold";
  const storage = require("Storage");
  const marks = storage.read(MARKS);
  const at = marks ? marks.indexOf("\xff") : -1;
  if (at >= 0) storage.write(MARKS, "good", at);
}
