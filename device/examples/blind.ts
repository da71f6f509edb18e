/**
 * A blind with a motor that takes 10 s from top to bottom. `bowline send BOARD l:move '{"to":100}' --timeout 30s` moves it,
 * telling how far it is; Ctrl-C stops it there, and without `to` it tells where that is. LED1 stands for the motor's relay.
 */
import { type BoardTask, keepSetting, onTask, progress, setting, start } from "bowline";

/** Percent in a step, and seconds between two: 10 s for all of it. */
const STEP = 2;
const PACE = 0.2;

/** Percent: 0 is open, 100 closed. */
let position = setting("position", 0);

/** "cold": its code stays in flash, where it costs no memory and a call 1 or 2 ms. */
function motor(on: boolean): void {
  "cold";
  if (typeof LED1 !== "undefined") LED1.write(on);
}

/** One step. With nothing returned there are more to come. */
function move(task: BoardTask): object | undefined {
  const to = task.request.to === undefined ? position : task.request.to;
  if (typeof to !== "number" || !(to >= 0 && to <= 100)) throw "to: percent, 0 to 100";
  const left = to - position;
  if (left === 0) return { position: position };
  motor(true);
  if (Math.abs(left) <= STEP) position = to;
  else position += left > 0 ? STEP : -STEP;
  progress(task, { position: position });
  return undefined;
}

/** However it ended: the motor stands, and where it stands is known after a restart. */
function halt(): void {
  motor(false);
  keepSetting("position", position);
}

onTask("l:move", PACE, move, halt);

start();
