/** Whose line is next: one take() at a time, as fast as the bucket allows, and no line that would be cut or be two. */
import { expect, test } from "vitest";
import { LineLane, type LineOutcome, type OutLine } from "../irc-iot/line.ts";
import type { Log } from "../platform/log.ts";
import { silentLog } from "../platform/log.ts";
import { LineWriter } from "./line-writer.ts";

interface Begun {
  writer: LineWriter;
  written: string[];
  clock: { at: number };
  /** Told of each line that was not sent, in words. */
  complaints: string[];
  ready: Set<string>;
  room: { bytes: number };
}

function begin(flood = { burst: 1000, perS: 1000 }): Begun {
  const clock = { at: 0 };
  const written: string[] = [];
  const complaints: string[] = [];
  const ready = new Set(["#lab", "ann"]);
  const room = { bytes: 100 };
  const complain = (_fields: object, text: string) => complaints.push(text);
  const log: Log = { ...silentLog, error: complain, warn: complain };
  const writer = new LineWriter({
    ...flood,
    maxQueue: 100,
    clock: { now: () => clock.at, wall: () => clock.at },
    log,
    budget: () => room.bytes,
    isReady: (target) => ready.has(target),
    onChange: () => {},
  });
  writer.connected((line) => written.push(line));
  return { writer, written, clock, complaints, ready, room };
}

function line(text: string | null, options: Partial<OutLine> = {}) {
  const outcomes: LineOutcome[] = [];
  const one: OutLine = {
    target: "#lab",
    lane: LineLane.FRESH,
    maxBytes: 100,
    take: async () => text,
    onOutcome: (outcome) => outcomes.push(outcome),
    ...options,
  };
  return { ...one, outcomes };
}

/** All that was promised is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const messages = (written: readonly string[]) => written.filter((text) => !text.startsWith("PING"));

test("take() is asked when its turn has come, one at a time, and what it gives is written at once", async () => {
  const { writer, written, clock } = begin({ burst: 2, perS: 1 });
  const asked: number[] = [];
  for (const n of [1, 2, 3])
    writer.push(
      line(`text ${n}`, {
        take: async () => {
          asked.push(n);
          return `text ${n}`;
        },
      }),
    );
  expect(asked).toEqual([1]);
  await settled();
  expect(asked).toEqual([1, 2]); // the third has no token
  expect(writer.deadline).toBe(1000);
  clock.at = 1000;
  writer.tick();
  await settled();
  expect(messages(written)).toEqual(["PRIVMSG #lab :text 1", "PRIVMSG #lab :text 2", "PRIVMSG #lab :text 3"]);
});

test("telemetry leaves two tokens to what somebody waits for, at no cost to its own pace", async () => {
  const { writer, written, clock } = begin({ burst: 5, perS: 1 });
  for (const n of [1, 2, 3, 4, 5]) writer.push(line(`fresh ${n}`));
  for (let i = 0; i < 5; i++) await settled();
  expect(messages(written)).toHaveLength(3);
  writer.push(line("answer 1", { lane: LineLane.CONTROL }));
  writer.push(line("answer 2", { lane: LineLane.CONTROL }));
  for (let i = 0; i < 5; i++) await settled();
  expect(messages(written).slice(3)).toEqual(["PRIVMSG #lab :answer 1", "PRIVMSG #lab :answer 2"]);
  expect(writer.deadline).toBe(3000);
  clock.at = 3000;
  writer.tick();
  await settled();
  expect(messages(written).slice(5)).toEqual(["PRIVMSG #lab :fresh 4"]);
  expect(writer.deadline).toBe(4000);
});

test("one PING stands behind all that left at once", async () => {
  const { writer, written } = begin();
  const lines = [1, 2, 3].map((n) => line(`${n}`));
  for (const one of lines) writer.push(one);
  await settled();
  expect(written.slice(-2)).toEqual(["PRIVMSG #lab :3", "PING bowline-1"]);
  expect(written.length).toBe(4);
  writer.pong("bowline-1");
  expect(lines.map(({ outcomes }) => outcomes)).toEqual([["confirmed"], ["confirmed"], ["confirmed"]]);
});

test("a PING costs a token, so lines that wait go first, up to eight", async () => {
  const { writer, written, clock } = begin({ burst: 2, perS: 1 });
  for (let n = 1; n <= 10; n++) writer.push(line(`${n}`));
  for (clock.at = 0; clock.at <= 11_000; clock.at += 1000) {
    writer.tick();
    await settled();
  }
  const order = written.map((text) => text.replace("PRIVMSG #lab :", ""));
  expect(order).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "PING bowline-1", "9", "10"]);
  writer.pong("bowline-1");
  expect(written.at(-1)).toBe("PING bowline-2");
});

test("what is withdrawn costs no token, and what comes next leaves in its place", async () => {
  const { writer, written } = begin({ burst: 1, perS: 0.001 });
  const [gone, next] = [line(null), line("next")];
  writer.push(gone);
  writer.push(next);
  await settled();
  expect(gone.outcomes).toEqual(["withdrawn"]);
  expect(messages(written)).toEqual(["PRIVMSG #lab :next"]);
});

test("commands of ours go first, and cost a token each", async () => {
  const { writer, written, clock } = begin({ burst: 1, perS: 1 });
  writer.push(line("taken at once"));
  await settled();
  writer.push(line("later"));
  writer.command("JOIN #lab");
  clock.at = 1000;
  writer.tick();
  await settled();
  expect(messages(written)).toEqual(["PRIVMSG #lab :taken at once", "JOIN #lab"]);
  clock.at = 2000;
  writer.tick();
  await settled();
  expect(messages(written).at(-1)).toBe("PRIVMSG #lab :later");
});

test("the connection ends while take() is asked: nothing is written, and the line is lost", async () => {
  const { writer, written } = begin();
  const one = line("late");
  writer.push(one);
  writer.disconnected();
  writer.connected((text) => written.push(text));
  await settled();
  expect(one.outcomes).toEqual(["lost"]);
  expect(messages(written)).toEqual([]);
});

test("a text that cannot be had, is empty, is two lines or longer than was said: not sent, and said in the log", async () => {
  const { writer, written, complaints } = begin();
  const failing = line("", { take: () => Promise.reject(new Error("the store is closed")) });
  const wrong = ["", "one\r\nQUIT", "one\ntwo", "a\0b", "x".repeat(101)].map((text) => line(text));
  for (const one of [failing, ...wrong]) writer.push(one);
  await settled();
  expect(failing.outcomes).toEqual(["lost"]);
  expect(wrong.map(({ outcomes }) => outcomes)).toEqual(wrong.map(() => ["withdrawn"]));
  expect(messages(written)).toEqual([]);
  expect(complaints.length).toBe(6);
});

test("what has no room any more is given back: before take(), and after it", async () => {
  const { writer, written, room } = begin();
  room.bytes = 99;
  let wasAsked = false;
  const before = line("x", {
    take: async () => {
      wasAsked = true;
      return "x";
    },
  });
  writer.push(before);
  room.bytes = 100;
  const after = line("y", {
    take: async () => {
      room.bytes = 0;
      return "y";
    },
  });
  writer.push(after);
  await settled();
  expect([before.outcomes, wasAsked, after.outcomes]).toEqual([["outgrown"], false, ["outgrown"]]);
  expect(messages(written)).toEqual([]);
});

test("a server that answers nothing has 64 lines of us at most, and nobody is kept busy by the others", async () => {
  const { writer, written, clock } = begin();
  const lines = Array.from({ length: 80 }, (_, n) => line(`${n}`));
  for (const one of lines) writer.push(one);
  await settled();
  await settled();
  expect(messages(written).length).toBe(64);
  expect(writer.deadline).toBe(120_000); // its silence is the next that is due
  writer.pong("bowline-1"); // behind the first eight
  await settled();
  expect(messages(written).length).toBe(72);
  writer.pong("bowline-2");
  await settled();
  expect(messages(written).length).toBe(80);
  expect(clock.at).toBe(0);
});

test("a target that cannot be spoken to holds up nobody else, and is spoken to when it can", async () => {
  const { writer, written, ready } = begin();
  ready.delete("#lab");
  writer.push(line("to the lab"));
  writer.push(line("to ann", { target: "ann" }));
  await settled();
  expect(messages(written)).toEqual(["PRIVMSG ann :to ann"]);
  ready.add("#lab");
  writer.pump();
  await settled();
  expect(messages(written).at(-1)).toBe("PRIVMSG #lab :to the lab");
});

test("closed, it loses what waits, finishes what was begun, and begins nothing", async () => {
  const { writer } = begin({ burst: 1, perS: 0.001 });
  const [begun, waits] = [line("begun"), line("waits")];
  writer.push(begun);
  writer.push(waits);
  writer.close();
  expect([waits.outcomes, writer.isIdle]).toEqual([["lost"], false]);
  await settled();
  writer.pong("bowline-1");
  expect([begun.outcomes, writer.isIdle]).toEqual([["confirmed"], true]);
  const late = line("late");
  writer.push(late);
  expect(late.outcomes).toEqual(["lost"]);
});

test("the time that the bucket alone holds something back is counted, and none while nothing could be said", async () => {
  const { writer, clock, ready, written } = begin({ burst: 1, perS: 1 });
  ready.delete("ann");
  writer.push(line("for one who is away", { target: "ann" }));
  clock.at = 5000;
  writer.tick();
  expect(writer.counts.throttledMs).toBe(0);
  writer.push(line("one"));
  writer.push(line("two"));
  await settled();
  clock.at = 5400;
  writer.tick();
  clock.at = 6000; // a token is there again
  writer.tick();
  await settled();
  expect(messages(written)).toEqual(["PRIVMSG #lab :one", "PRIVMSG #lab :two"]);
  expect(writer.counts.throttledMs).toBe(1000);
});
