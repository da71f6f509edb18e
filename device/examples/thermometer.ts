/** Sends the temperature every 5 s, and at once when asked: `bowline send BOARD l:temp`. */
import { every, onRequest, publish, start } from "bowline";

/** °C, with one decimal. */
function temperature(): number {
  return Math.round(E.getTemperature() * 10) / 10;
}

onRequest("l:temp", function () {
  return { v: temperature() };
});

every(5, function () {
  publish({ ot: "l:temp", v: temperature() });
});

start();
