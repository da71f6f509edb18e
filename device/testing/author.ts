/** A program for tests that uses all of the author's API. */
import {
  type BoardTask,
  changeEvery,
  endWatch,
  every,
  keepSetting,
  latest,
  onRequest,
  onRoom,
  onTask,
  type PinWatch,
  progress,
  publish,
  setting,
  start,
  watchPin,
} from "../bowline.ts";

let level = 0;
let event = 0;

/** `values` values at once, and then an event. */
onRequest("l:burst", function (request) {
  let sent = 0;
  for (let i = 0; i < request.values; i++) if (latest({ ot: "l:level", v: ++level })) sent++;
  return { sent: sent, isTaken: publish({ ot: "l:event", v: ++event }) };
});

let walkTo = 0;
const walking = every(0, function () {
  latest({ ot: "l:level", v: ++level });
  if (level % 10 === 0) publish({ ot: "l:event", v: ++event });
  if (level >= walkTo) {
    changeEvery(walking, 0);
    print("walked");
  }
});

/** One value a tick. */
onRequest("l:walk", function (request) {
  walkTo = level + request.values;
  changeEvery(walking, 0.05);
  return { from: level };
});

let next = 1;
let last = 0;
function fill(): void {
  while (next <= last && publish({ ot: "l:n", i: next })) next++;
}
onRoom(fill);

/** Numbers, as fast as there is room. */
onRequest("l:fill", function (request) {
  last = request.to;
  fill();
  return { next: next };
});

let held = 0;

function count(task: BoardTask): object | undefined {
  const request = task.request;
  if (task.steps === 0) held++;
  if (request.failAt === task.steps) throw "failed at " + task.steps;
  progress(task, { v: task.steps });
  return task.steps >= request.to ? { steps: task.steps } : undefined;
}

onTask("l:count", 0.05, count, function (task, how) {
  held--;
  print("end " + task.request.rq + " " + how);
  if (task.request.isStuck) throw "stuck";
});

onTask("l:once", 1, function () {
  return { held: held };
});

/** Wants more memory than there is: on a real board this ends in the middle. */
onTask("l:greed", 1, function () {
  const much = [];
  for (;;) much.push("a text of more than eight characters");
});

/** `times` values and as many steps' progress. -> the variables that are in use more than before, with nothing collected */
onTask("l:garbage", 0.05, function (task) {
  const usage = process.memory(false).usage;
  if (task.steps === 0) task.before = usage;
  if (task.steps === task.request.times) return { grown: usage - task.before };
  latest({ ot: "l:level", v: task.steps });
  progress(task, { v: task.steps });
  return undefined;
});

onRequest("l:keep", function (request) {
  return { isKept: keepSetting(request.name, request.value) };
});

onRequest("l:kept", function (request) {
  return { value: setting(request.name, request.otherwise) };
});

let watch: PinWatch | null = null;
let seen = 0;

function onEdge(one: PinWatch): void {
  seen = one.count;
  if (one.count === 2) throw "a program that throws";
}

onRequest("l:edges", function (request) {
  if (request.edge && watch) endWatch(watch);
  if (request.edge === "none") watch = null;
  else if (request.edge) watch = watchPin(new Pin(request.pin), request.edge, 0, onEdge);
  return watch ? { count: watch.count, state: watch.state, seen: seen } : {};
});

start();
