/** Blinks LED1. `bowline send BOARD l:blink '{"ms":100}'` changes the pace, `{"ms":0}` ends it. */
import { every, onRequest, start } from "bowline";

let pace = 500;
let changedAt = 0;
let isOn = false;

function set(on: boolean): void {
  isOn = on;
  LED1.write(on);
}

onRequest("l:blink", function (request) {
  if (typeof request.ms !== "number" || !(request.ms >= 0)) throw "ms: milliseconds, 0 for off";
  pace = request.ms;
  if (pace === 0) set(false);
  return { ms: pace };
});

every(0.05, function () {
  if (pace === 0 || (getTime() - changedAt) * 1000 < pace) return;
  changedAt = getTime();
  set(!isOn);
});

start();
