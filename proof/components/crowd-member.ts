/**
 * Many components in one process: each has the technical layer of the library with all its sockets, and in place of a thread
 * that works something that takes a task and holds it until it is ended. SIGUSR2: prints for how long this process stood still
 * at most, which is all that may make one of its heartbeats late.
 */

import type { ThreadEvents, WorkThread } from "../../component/life.ts";
import { readSettings } from "../../component/settings.ts";
import { Technical } from "../../component/technical.ts";
import type { WorkData } from "../../component/words.ts";
import { topicOf } from "../../host/monique/tag.ts";
import { systemClock } from "../../host/platform/clock.ts";

const LOOK_MS = 50;
const KILL_GRACE_MS = 500;
/** They begin one after the other, as those do that are started one by one; their heartbeats are then spread as well. */
const APART_MS = 40;
/** What all of them share, and how many of them there are. */
const NAME = "proof_crowd";
const settings = readSettings(NAME, process.argv.slice(2));
const { first, count } = settings.params as unknown as { first: number; count: number };

let longest = 0;
let looked = performance.now();
setInterval(() => {
  const now = performance.now();
  longest = Math.max(longest, now - looked - LOOK_MS);
  looked = now;
}, LOOK_MS);
process.on("SIGUSR2", () => console.log(`stood still ${Math.round(longest)}`));
process.on("SIGTERM", () => process.exit(0));

for (let n = first; n < first + count; n++)
  setTimeout(() => begin(`proof_crowd-${n}`), (n - first) * APART_MS);

function begin(name: string): void {
  const own = { ...settings, name, creator: `creator-of-${name}` };
  const services = {
    ...{ clock: systemClock, random: Math.random, log() {} },
    startThread: (_: WorkData, events: ThreadEvents) => holdTasks(name, events),
  };
  new Technical(own, services, KILL_GRACE_MS).start();
}

/** Takes one task after the other and ends none; ended itself, it says so. */
function holdTasks(name: string, { onWord, onExit }: ThreadEvents): WorkThread {
  setImmediate(() => {
    onWord({ is: "began" });
    onWord({ is: "open", n: 0, source: { from: "hub", topics: [topicOf("config", name)] } });
    onWord({ is: "next", n: 0 });
  });
  return {
    post: (word) => {
      if (word.is === "message") console.log(`begun ${word.message.id}`);
      if (word.is === "killed") console.log(`killed ${word.id}`);
    },
    terminate: () => setImmediate(() => onExit("")),
  };
}
