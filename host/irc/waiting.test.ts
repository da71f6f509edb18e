/** The parts that wait, told in time and without waiting: bucket, queue, receipts, channels, nick. */
import { describe, expect, test } from "vitest";
import { LineLane, type LineOutcome, type OutLine } from "../irc-iot/line.ts";
import { AbsentNicks } from "./absent-nicks.ts";
import { Channels } from "./channels.ts";
import { LineQueue } from "./line-queue.ts";
import { NickKeeper } from "./nick-keeper.ts";
import { Receipts } from "./receipts.ts";
import { TokenBucket } from "./token-bucket.ts";

function line(target: string, lane: LineLane = LineLane.FRESH): OutLine & { outcomes: LineOutcome[] } {
  const outcomes: LineOutcome[] = [];
  return {
    target,
    lane,
    maxBytes: 1,
    take: async () => "x",
    onOutcome: (one) => outcomes.push(one),
    outcomes,
  };
}

describe("the bucket", () => {
  test("gives a burst, then one in 2 s, and never more than a burst after a pause", () => {
    const bucket = new TokenBucket(5, 0.5, 0);
    const given = (now: number) => {
      let count = 0;
      while (bucket.take(now)) count++;
      return count;
    };
    expect(given(0)).toBe(5);
    expect(bucket.readyAt(0)).toBe(2000);
    expect([given(1999), given(2000), given(2001), given(4000)]).toEqual([0, 1, 0, 1]);
    expect(given(1_000_000)).toBe(5);
  });

  test("whatever the rate, there is one at the moment it named", () => {
    for (const perS of [0.3, 0.7, 1.1, 3, 1000]) {
      const bucket = new TokenBucket(1, perS, 0);
      let now = 0.1;
      for (let i = 0; i < 100; i++) {
        expect(bucket.take(now)).toBe(true);
        now = bucket.readyAt(now);
      }
    }
  });
});

describe("the queue", () => {
  test("full: the oldest said again goes, then the oldest telemetry, never an answer; who matters least goes itself", () => {
    const queue = new LineQueue(3);
    const [again, old, fresh] = [line("a", LineLane.AGAIN), line("b"), line("c")];
    for (const one of [old, again, fresh]) expect(queue.push(one)).toBeNull();
    const answers = [1, 2, 3, 4].map(() => line("d", LineLane.CONTROL));
    expect(queue.push(answers[0])).toBe(again);
    const late = line("e", LineLane.AGAIN);
    expect(queue.push(late)).toBe(late);
    expect(queue.push(answers[1])).toBe(old);
    expect(queue.push(answers[2])).toBe(fresh);
    expect(queue.push(answers[3])).toBe(answers[3]);
    const newest = line("f");
    expect(queue.push(newest)).toBe(newest);
    expect([queue.length, queue.lengthOf(LineLane.CONTROL)]).toEqual([3, 3]);
  });

  test("what cannot go lets the next pass", () => {
    const queue = new LineQueue(10);
    const [blocked, open] = [line("#a"), line("#b")];
    queue.push(blocked);
    queue.push(open);
    expect(queue.first(({ target }) => target !== "#a")).toBe(open);
    expect(queue.first(() => true)).toBe(blocked);
  });
});

describe("receipts", () => {
  function begin(now = 0) {
    const written: string[] = [];
    const receipts = new Receipts(
      (text) => written.push(text),
      (one, outcome) => one.onOutcome(outcome),
      now,
    );
    return { receipts, written };
  }

  test("one PING for all that was written before it; the next when that is answered", () => {
    const { receipts, written } = begin();
    const [one, two, three] = [line("a"), line("a"), line("a")];
    receipts.wrote(one);
    receipts.wrote(two);
    receipts.flush(0);
    receipts.wrote(three);
    receipts.flush(0);
    expect(written).toEqual(["PING bowline-1"]);
    expect(receipts.unasked).toBe(0); // one is out
    receipts.pong("something else");
    expect(one.outcomes).toEqual([]);
    receipts.pong("bowline-1");
    expect(receipts.unasked).toBe(1);
    receipts.flush(1);
    expect([one.outcomes, two.outcomes, three.outcomes]).toEqual([["confirmed"], ["confirmed"], []]);
    expect(written).toEqual(["PING bowline-1", "PING bowline-2"]);
    receipts.pong("bowline-1");
    expect(three.outcomes).toEqual([]);
    receipts.lose();
    expect(three.outcomes).toEqual(["lost"]);
  });

  test("silence: asked after 60 s, given up after 120 s; whatever is heard, a PING unanswered for 120 s is the end", () => {
    const { receipts, written } = begin(1000);
    expect(receipts.deadline).toBe(61_000);
    expect([receipts.tick(60_999), written.length]).toEqual([false, 0]);
    expect([receipts.tick(61_000), written.length]).toEqual([false, 1]);
    expect(receipts.deadline).toBe(121_000);
    expect(receipts.tick(120_999)).toBe(false);
    receipts.heard(120_999); // it speaks, but does not answer
    expect(receipts.tick(121_000)).toBe(false);
    expect(receipts.tick(180_999)).toBe(false);
    expect(receipts.tick(181_000)).toBe(true);
    const silent = begin(0);
    silent.receipts.tick(60_000);
    expect([silent.receipts.tick(119_999), silent.receipts.tick(120_000)]).toEqual([false, true]);
  });
});

describe("channels", () => {
  function begin(names: { name: string; key?: string }[], random = () => 0) {
    const written: string[] = [];
    const states: string[] = [];
    const channels = new Channels({
      channels: names,
      waits: { leastMs: 5000, mostMs: 300_000 },
      random,
      write: (text) => written.push(text),
      isSame: (one, other) => one.toLowerCase() === other.toLowerCase(),
      onState: (name, state, reason) => states.push(`${name} ${state} ${reason}`.trim()),
    });
    return { channels, written, states };
  }

  test("one line for all, those with keys first; the next line a second later", () => {
    const long = (n: number) => ({ name: `#${"x".repeat(60)}${n}` });
    const { channels, written } = begin([
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(long),
      { name: "#k", key: "secret" },
    ]);
    channels.online(0);
    expect(written.map((text) => [text.split(",").length, Buffer.byteLength(text) <= 510])).toEqual([
      [8, true],
    ]);
    expect(written[0].startsWith("JOIN #k,#xxx")).toBe(true);
    expect(written[0].endsWith("7 secret")).toBe(true);
    expect(channels.deadline).toBe(1000);
    channels.tick(999);
    expect(written.length).toBe(1);
    channels.tick(1000);
    expect(written[1]).toBe(`JOIN ${long(8).name},${long(9).name}`);
  });

  test("refused, it is asked later and later up to 5 min; a minute inside, and it begins small again", () => {
    const { channels, written, states } = begin([{ name: "#a" }], () => 1);
    channels.online(0);
    let now = 0;
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      channels.refused("#A", "473", now);
      waits.push(channels.deadline - now);
      now = channels.deadline;
      channels.tick(now);
    }
    expect(waits).toEqual([15_000, 45_000, 135_000, 300_000, 300_000, 300_000]);
    expect(written.length).toBe(7);
    channels.joined("#a", now);
    channels.kicked("#a", "out", now + 59_999);
    expect(channels.deadline).toBe(now + 59_999 + 300_000);
    channels.tick(channels.deadline);
    channels.joined("#a", 10_000_000);
    channels.kicked("#a", "out", 10_060_000);
    expect(channels.deadline).toBe(10_075_000);
    expect(states.slice(-3)).toEqual(["#a joining out", "#a joined", "#a kicked out"]);
  });

  test("a JOIN that nobody answers is over after 30 s; who is muted is heard again after 60 s", () => {
    const { channels, states } = begin([{ name: "#a" }]);
    channels.online(0);
    channels.tick(29_999);
    expect(states).toEqual(["#a joining"]);
    channels.tick(30_000);
    expect(states[1]).toBe("#a refused the server does not answer");
    channels.tick(35_000);
    channels.joined("#a", 40_000);
    channels.muted("#a", "404", 50_000);
    expect([channels.canSpeak("#a"), channels.isIn("#a")]).toEqual([false, true]);
    channels.tick(109_999);
    expect(channels.canSpeak("#a")).toBe(false);
    channels.tick(110_000);
    expect(channels.canSpeak("#a")).toBe(true);
    channels.offline("gone");
    expect([channels.canSpeak("#a"), channels.deadline]).toEqual([false, Number.POSITIVE_INFINITY]);
  });
});

describe("our nick", () => {
  function begin(random = () => 0) {
    const written: string[] = [];
    const nick = new NickKeeper({
      wanted: "gw",
      random,
      write: (text) => written.push(text),
      isSame: (one, other) => one.toLowerCase() === other.toLowerCase(),
    });
    return { nick, written };
  }

  test("under another one it asks each minute, at once when it is free, and never again once it has it", () => {
    const { nick, written } = begin();
    nick.connecting();
    expect([nick.tryAnother(), nick.tryAnother(), nick.tryAnother()]).toEqual([true, true, false]);
    nick.online("gw__", false, 0);
    nick.tick(59_999);
    expect(written).toEqual(["NICK gw_", "NICK gw__"]);
    nick.tick(60_000);
    nick.freed("somebody");
    nick.freed("GW");
    expect(written.slice(2)).toEqual(["NICK gw", "NICK gw"]);
    nick.renamed("gw", 61_000);
    nick.freed("gw");
    nick.tick(10_000_000);
    expect(written.length).toBe(4);
  });

  test("renamed by services again and again it asks later and later", () => {
    const { nick } = begin(() => 1);
    nick.online("gw", true, 0);
    const waits = [1, 2, 3].map(() => {
      nick.renamed("Guest1", 0);
      return nick.deadline;
    });
    expect(waits).toEqual([180_000, 540_000, 600_000]);
  });
});

test("nicks that are not there are held for a minute, and 256 of them at most", () => {
  const absent = new AbsentNicks((name) => name.toLowerCase());
  const refusal = { isAbsent: true, reason: "401 No such nick" };
  absent.add("Cat", refusal, 0);
  expect([absent.has("cat"), absent.deadline]).toEqual([true, 60_000]);
  absent.tick(59_999);
  expect(absent.has("cat")).toBe(true);
  absent.tick(60_000);
  expect(absent.has("cat")).toBe(false);
  for (let i = 0; i < 300; i++) absent.add(`n${i}`, refusal, 0);
  expect([absent.has("n43"), absent.has("n44"), absent.has("n299")]).toEqual([false, true, true]);
  expect([absent.seen("n299"), absent.has("n299"), absent.seen("n299")]).toEqual([true, false, false]);
});
