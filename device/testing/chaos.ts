/**
 * The board's program under `bowline chaos`: numbered messages as fast as there is room, numbered requests answered.
 *
 * What it did is printed, so that it is counted at this end without the wire that is being tested: `sent N` are the
 * messages accepted so far, `ran I TEXT` is a request that was carried out.
 */
import { onRequest, publish, start } from "../bowline.ts";

/** ms: far less than a buffer of messages takes to be acknowledged. */
const PACE = 2;

/** Filler of message `i`, 0…46 characters of it: host/chaos/filler.ts knows it, too. */
const TEXT = "The quick brown fox jumps over the lazy dog, 0123456789 times a day.";
function filler(i: number): string {
  return TEXT.substr(i % 16, (i * 7) % 47);
}

const plan: any = require("Storage").readJSON("bowline.json", true) || {};
const total: number = plan.chaos || 0;
let sent = 0;

setInterval(function () {
  const before = sent;
  while (sent < total && publish({ ot: "l:n", i: sent + 1, s: filler(sent + 1) })) sent++;
  if (sent !== before) print("sent " + sent);
}, PACE);

onRequest("l:ask", function (request) {
  print("ran " + request.i + " " + request.s);
  return { i: request.i, s: filler(request.i) };
});

start();
