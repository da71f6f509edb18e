/** Work that ends in each of its ways, told in time without waiting. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ThreadEvents, WorkLife } from "./life.ts";
import type { FromWork, ToWork } from "./words.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const GRACE_MS = 500;

/** A life whose threads say and do what the test has them; everything that happens is a line. */
function start() {
  const lines: string[] = [];
  const threads: ThreadEvents[] = [];
  const state = { isKilled: false };
  const life: WorkLife = new WorkLife(
    {
      clock: { now: () => Date.now(), wall: () => Date.now() },
      random: () => 0, // a wait is the least that it can be
      log: (text) => void lines.push(text),
      startThread: (events) => {
        lines.push("begin");
        threads.push(events);
        return {
          post: (word: ToWork) => void lines.push(`post ${word.is}`),
          terminate: () => void lines.push("terminate"),
        };
      },
    },
    {
      onWord: (word: FromWork) => void lines.push(`word ${word.is}`),
      onEnding: () => void lines.push("ending"),
      wasKilled: () => state.isKilled,
      onEnd: (end, fault) => void lines.push(`end ${end} ${fault}`.trim()),
    },
    GRACE_MS,
  );
  const say = (word: FromWork) => threads.at(-1)!.onWord(word);
  const exit = (fault = "") => threads.at(-1)!.onExit(fault);
  const take = () => lines.splice(0);
  life.begin();
  say({ is: "began" });
  take();
  return { life, say, exit, take, state };
}

test("work that fails begins anew, after a while; meanwhile it is not alive, and says why", () => {
  const { life, say, exit, take } = start();
  say({ is: "failed", text: "TypeError: x" });
  say({ is: "close", n: 1 }); // its loop was left by what it threw
  exit();
  expect(take()).toEqual([
    "ending",
    "terminate",
    "end failed TypeError: x",
    "the work has failed: TypeError: x; it begins anew in 100 ms",
  ]);
  expect([life.isAlive, life.fault]).toEqual([false, "TypeError: x"]);
  vi.advanceTimersByTime(100);
  expect([take(), life.isAlive, life.fault]).toEqual([["begin"], false, "TypeError: x"]);
  say({ is: "began" });
  expect([life.isAlive, life.fault]).toEqual([true, ""]);
});

test("a thread that ends without a word has failed", () => {
  const { exit, take } = start();
  exit("RangeError: y");
  expect(take()[0]).toBe("end failed RangeError: y");
  vi.advanceTimersByTime(100);
  exit();
  expect(take()).toContain("end failed its thread has ended");
});

test("what it still says on its way out is heard, when it is a message", () => {
  const { say, take } = start();
  say({ is: "ended" });
  say({ is: "send", call: 1, message: {} as never, isAsked: false });
  say({ is: "done", n: 1, id: "a" });
  expect(take()).toEqual(["ending", "terminate", "word send"]);
});

test("work that was killed begins anew at once", () => {
  const { exit, take, state } = start();
  state.isKilled = true;
  exit();
  expect(take()).toEqual(["end killed", "the work was killed, and begins anew", "begin"]);
});

test("work that returns is over", () => {
  const { say, exit, take } = start();
  say({ is: "ended" });
  exit();
  vi.advanceTimersByTime(60_000);
  expect(take()).toEqual(["ending", "terminate", "end over"]);
});

test("work that is to stop has its grace; then its thread is ended", () => {
  const { life, exit, take } = start();
  life.stop();
  life.stop();
  vi.advanceTimersByTime(GRACE_MS - 1);
  expect(take()).toEqual(["post stop"]);
  vi.advanceTimersByTime(1);
  exit();
  expect(take()).toEqual(["terminate", "end over"]);
});

test("stopped between two beginnings it is over, and does not begin", () => {
  const { life, exit, take } = start();
  exit("x");
  take();
  life.stop();
  vi.advanceTimersByTime(60_000);
  expect(take()).toEqual(["end over"]);
});

test("an answer for one thread is no other's", () => {
  const { life, exit, take, state } = start();
  const post = life.poster();
  state.isKilled = true;
  exit();
  take();
  post({ is: "sent", call: 1 });
  life.poster()({ is: "sent", call: 1 });
  expect(take()).toEqual(["post sent"]);
});
