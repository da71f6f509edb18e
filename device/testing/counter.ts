/** A program for tests: counts upwards as fast as there is room, and counts the requests it is given. */
import { every, onRequest, publish, start } from "../bowline.ts";

let next = 1;
let last = 0;
let asked = 0;
let errors = 0;

/** Sends numbers from where it is up to request.to. */
onRequest("l:count", function (request) {
  last = request.to;
  return { from: next };
});

/** Every request must arrive once and in order: each names the number of the one before. */
onRequest("l:ask", function (request) {
  if (request.i !== asked) errors++;
  asked = asked + 1;
  return { i: request.i, asked: asked, errors: errors };
});

every(0.05, function () {
  for (let i = 0; i < 8 && next <= last; i++) {
    if (!publish({ ot: "l:n", i: next })) return print("no room");
    next++;
  }
});

start();
