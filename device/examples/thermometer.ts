/**
 * The temperature, and an event when it passes a limit. Both numbers are settings:
 * `bowline send BOARD l:setup '{"interval":60,"limit":30}'`; at once, by `bowline send BOARD l:temp`.
 */
import { changeEvery, every, keepSetting, latest, onRequest, publish, setting, start } from "bowline";

/** Seconds between two values; °C above which it is hot. */
let interval = setting("interval", 5);
let limit = setting("limit", 30);
let isHot = false;

/** °C, with one decimal. What every() runs may throw: telemetry tells it, and it is run again. */
function temperature(): number {
  const v = Math.round(E.getTemperature() * 10) / 10;
  if (isNaN(v)) throw "no temperature sensor";
  return v;
}

/** Of values only the newest counts; that it became hot is an event, and none may be missing. */
function measure(): void {
  const v = temperature();
  latest({ ot: "l:temp", v: v });
  if (v > limit === isHot) return;
  isHot = !isHot;
  publish({ ot: "l:hot", v: isHot ? 1 : 0, temp: v });
}

const measuring = every(interval, measure);

onRequest("l:temp", function () {
  return { v: temperature() };
});

onRequest("l:setup", function (request) {
  const next = request.interval === undefined ? interval : request.interval;
  if (!(next >= 0.1)) throw "interval: seconds, 0.1 or more";
  if (request.limit !== undefined) limit = Number(request.limit);
  interval = next;
  changeEvery(measuring, interval);
  const isKept = keepSetting("interval", interval) && keepSetting("limit", limit);
  return { interval: interval, limit: limit, isKept: isKept };
});

start();
