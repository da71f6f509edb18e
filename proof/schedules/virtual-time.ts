/**
 * Time and chance as a schedule has them. The build of the world puts these functions in the place of Node's, in all code
 * of the gateway: no timer, no turn of the event loop and no random number there is anything but the schedule's.
 */
import { setImmediate as realImmediate } from "node:timers";
import { type Random, seededRandom } from "../../host/transports/random.ts";

interface Timer {
  at: number;
  /** ms between two calls; 0: it is called once. */
  period: number;
  call(): void;
  unref(): void;
}

let time = 0;
let random: Random = seededRandom(0);
let timers: Timer[] = [];
let immediates: (() => void)[] = [];

/** A new schedule: time begins, nothing is waited for. */
export function beginTime(seed: number): void {
  time = 0;
  random = seededRandom(seed);
  forgetTimers();
}

/** The process that waited was killed. */
export function forgetTimers(): void {
  timers = [];
  immediates = [];
}

export function virtualNow(): number {
  return time;
}

/** All that follows at once from what has happened: microtasks, and turns of the event loop. */
export async function settle(): Promise<void> {
  do await new Promise<void>((resolve) => realImmediate(resolve));
  while (runImmediates());
}

/** Time runs on to `until`; timers are called in their order. */
export async function runTo(until: number): Promise<void> {
  for (;;) {
    let next: Timer | null = null;
    for (const timer of timers) if (timer.at <= until && (next === null || timer.at < next.at)) next = timer;
    if (next === null) break;
    time = Math.max(time, next.at);
    if (next.period > 0) next.at = time + next.period;
    else timers.splice(timers.indexOf(next), 1);
    next.call();
    await settle();
  }
  time = Math.max(time, until);
}

function runImmediates(): boolean {
  if (immediates.length === 0) return false;
  const due = immediates;
  immediates = [];
  for (const call of due) call();
  return true;
}

function addTimer(call: () => void, at: number, period: number): Timer {
  const timer = { at, period, call, unref() {} };
  timers.push(timer);
  return timer;
}

function removeTimer(timer: Timer | null | undefined): void {
  const at = timer == null ? -1 : timers.indexOf(timer);
  if (at >= 0) timers.splice(at, 1);
}

export const virtualSetTimeout = (call: () => void, ms = 0): Timer => addTimer(call, time + ms, 0);
export const virtualSetInterval = (call: () => void, ms: number): Timer => addTimer(call, time + ms, ms);
export const virtualClear = removeTimer;
export const virtualSetImmediate = (call: () => void): void => void immediates.push(call);
export const virtualPerformance = { now: virtualNow };
export const virtualRandom = (): number => random();
