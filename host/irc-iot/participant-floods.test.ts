/** Whatever strangers say, and however many they are: what they make us say is little. */
import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import { defaultLimits } from "./limits.ts";
import { LossyChannel, type Member } from "./testing/lossy-channel.ts";

const MINUTE = 60_000;

/** One of us that has said and heard much, with everything a flood could ask for again. */
async function witness(seed: number, keepMs = defaultLimits.keepMs) {
  const net = new LossyChannel({ random: seededRandom(seed) });
  const us = net.add("us", { limits: { ...defaultLimits, keepMs } }).join("#lab");
  const other = net.add("other", {}, { mid: 50_000, oid: 5000, did: 500 }).join("#lab");
  for (const one of [us, other])
    for (let v = 0; v < 10; v++)
      one.send("#lab", { ot: "mainfo", src: "a@b", dst: "", v, x: "x".repeat(1000) });
  await net.run(5 * MINUTE);
  other.isMute = true;
  return net;
}

/** Seconds of a flood: of many a third says as much. */
const FLOOD_S = { one: 600, many: 200 };

/** `nicks` strangers say something each second; gives our lines and bytes, and theirs. */
async function flood(nicks: number, text: (i: number) => string, target = "us") {
  const net = await witness(21);
  const names = Array.from({ length: nicks }, (_, i) => `eve${i}`);
  for (const name of names) net.addStranger(name, "#lab");
  const from = net.said.length;
  for (let s = 0, i = 0; s < (nicks === 1 ? FLOOD_S.one : FLOOD_S.many); s++) {
    for (const name of names) net.say(name, target, text(i++));
    await net.run(1000);
  }
  await net.run(15 * MINUTE);
  const lines = net.said.slice(from);
  const ours = lines.filter((line) => line.from === "us");
  const bytesOf = (some: readonly { text: string }[]) =>
    some.reduce((sum, line) => sum + Buffer.byteLength(line.text), 0);
  const theirs = lines.filter(({ from: who }) => who.startsWith("eve"));
  return { ours, bytes: bytesOf(ours), asked: bytesOf(theirs) };
}

/** How close two lines to one nick come. */
function nearest(lines: readonly { at: number; target: string }[]): number {
  const last = new Map<string, number>();
  let least = Infinity;
  for (const { at, target } of lines) {
    least = Math.min(least, at - (last.get(target) ?? -Infinity));
    last.set(target, at);
  }
  return least;
}

/** The most lines in a minute. */
function densest(lines: readonly { at: number }[]): number {
  return Math.max(
    ...lines.map(({ at }) => lines.filter((one) => one.at >= at && one.at < at + MINUTE).length),
  );
}

const lost = (kind: number, id: (i: number) => number) => (i: number) =>
  `{"mid":"${i}","lst":${kind},"rid":${id(i)}}`;
const questions: Record<string, (i: number) => string> = {
  ver: (i) => `{"mid":"${i}","ver":"?"}`,
  ping: (i) => `{"mid":"${i}","ping":"${"p".repeat(200)}"}`,
};
const requests: Record<string, (i: number) => string> = {
  "lst 10": lost(10, (i) => 10_001 + (i % 50)),
  "lst 11": lost(11, (i) => (i % 2 === 0 ? 10_001 : 50_001) + (i % 50)),
  "lst 20": lost(20, (i) => 1000 + (i % 10)),
  "lst 21": lost(21, (i) => 5000 + (i % 10)),
  "lst 30": lost(30, (i) => 100 + (i % 10)),
  "lst 31": lost(31, (i) => 500 + (i % 10)),
  "lst 30 with bp": (i) => `{"mid":"${i}","lst":30,"rid":${100 + (i % 10)},"bp":${i % 900}}`,
};

describe("a flood of questions", () => {
  test.each(Object.keys(questions))("%s by one nick: three answers a window, no more", async (name) => {
    const { ours } = await flood(1, questions[name]);
    // ver: 3, then 300 s of silence. ping: 3 and an empty pong each minute.
    const most = name === "ver" ? 2 * 3 : 10 * 4;
    expect(ours.length).toBeLessThanOrEqual(most);
    expect(ours.length).toBeGreaterThanOrEqual(3);
  });

  test.each(Object.keys(questions))(
    "%s by 50 nicks: less than the line a second of a flood bucket",
    async (name) => {
      const { ours, bytes, asked } = await flood(50, questions[name]);
      expect(ours.length).toBeLessThanOrEqual(name === "ver" ? 15 * 4 : 120);
      expect(bytes / asked).toBeLessThan(0.1);
    },
  );
});

describe("a flood of requests for what was lost", () => {
  test.each(Object.keys(requests))(
    "%s by one nick: a line in 5 s at most, less than three times its bytes",
    async (name) => {
      const { ours, bytes, asked } = await flood(1, requests[name]);
      expect(ours.length).toBeGreaterThan(0);
      // 20 requests, then silence for 300 s: two such times, of six lines at most.
      expect(ours.length).toBeLessThanOrEqual(12);
      expect(nearest(ours)).toBeGreaterThanOrEqual(5000);
      expect(bytes / asked).toBeLessThan(3);
    },
  );

  test.each(Object.keys(requests))("%s by 50 nicks, in the channel: bounded in all", async (name) => {
    const { ours, bytes, asked } = await flood(50, requests[name], "#lab");
    expect(nearest(ours)).toBeGreaterThanOrEqual(5000);
    expect(bytes / asked).toBeLessThan(0.5);
    expect(ours.length).toBeLessThanOrEqual(200);
  });

  test("slow enough to be none, for ten hours: three times its bytes, once the first are spent", async () => {
    const net = await witness(22, 24 * 60 * MINUTE);
    net.addStranger("eve", "#lab");
    let i = 0;
    const ask = async (hours: number) => {
      const from = net.said.length;
      for (let s = 0; s < hours * 3600; s += 6) {
        net.say("eve", "us", requests["lst 30"](i++));
        await net.run(6000);
      }
      const bytesOf = (nick: string) =>
        net.said.slice(from).reduce((sum, line) => sum + (line.from === nick ? line.text.length : 0), 0);
      return bytesOf("us") / bytesOf("eve");
    };
    await ask(3);
    const times = await ask(7);
    expect(times).toBeGreaterThan(1);
    expect(times).toBeLessThan(3);
  });
});

test("Datums of ever new strangers make us ask for few versions", async () => {
  const net = new LossyChannel({ random: seededRandom(1) });
  net.add("us").join("#lab");
  for (let i = 0; i < 600; i++) {
    net.say(`eve${i}`, "#lab", `{"mid":"${i}","o":{"oid":"1","ot":"x","src":"","dst":"","d":{"v":1}}}`);
    await net.run(1000);
  }
  expect(net.saidBy("us").length).toBeLessThanOrEqual(6 + 60);
});

test("fragments that never go on make us ask for few, in the channel for fewer", async () => {
  const net = new LossyChannel({ random: seededRandom(2) });
  const us = net.add("us").join("#lab");
  for (let i = 0; i < 600; i++) {
    const part = `{"mid":"${i}","o":{"oid":"${i}","ot":"x","d":{"did":"${i}","bc":9000,"bp":0,"ed":"abcd"}}}`;
    net.say(`eve${i % 50}`, "#lab", part);
    await net.run(1000);
  }
  await net.run(3_600_000 + 10 * MINUTE);
  const asked = net.saidBy("us").filter(({ text }) => text.includes('"lst"'));
  expect(densest(asked)).toBeLessThanOrEqual(6 + 6);
  const inChannel = asked.filter(({ target }) => target === "#lab");
  expect(densest(inChannel)).toBeLessThanOrEqual(2 + 2);
  expect(inChannel.length).toBeGreaterThan(20);
  expect(us.participant.counts.chains).toBe(0);
});

describe("two of us", () => {
  /** All that two say to each other in an hour, after the one was given these lines of the other by a forger. */
  async function forged(...texts: string[]): Promise<number> {
    const net = new LossyChannel({ random: seededRandom(4) });
    net.add("ann").join("#lab");
    net.add("bob", {}, { mid: 50_000, oid: 5000, did: 500 }).join("#lab");
    for (const text of texts) {
      net.say("ann", "bob", text);
      net.say("bob", "ann", text);
      net.say("ann", "#lab", text);
    }
    const said = net.said.length;
    await net.run(3_600_000);
    return net.said.length - said;
  }

  test.each([
    ["a version", '{"mid":"1","ver":"?"}', 4],
    ["both a question and its answer", '{"mid":"1","ver":"?","ping":"x","pong":"x"}', 8],
    ["a pong", '{"mid":"1","pong":"x"}', 0],
    ["an empty pong", '{"mid":"1","pong":""}', 0],
    ["an error", '{"mid":"1","o":{"oid":"1","ot":"err","src":"","dst":"","d":{"ec":133,"did":1}}}', 4],
    ["a wrong checksum", '{"mid":"1","c1":"0000","ver":"0.3.33"}', 4],
    ["nonsense", "{nonsense", 0],
  ])("never answer each other's answers: %s", async (_, text, most) => {
    expect(await forged(text)).toBeLessThanOrEqual(most);
  });

  test("ask each other for the version once, and know it", async () => {
    const net = new LossyChannel({ random: seededRandom(5) });
    const members: Member[] = ["ann", "bob"].map((nick) => net.add(nick).join("#lab"));
    for (const one of members) one.send("#lab", { ot: "mainfo", src: "a@b", dst: "", v: 1 });
    await net.run(3_600_000);
    expect(net.said.length).toBe(2 + 2 + 2);
    for (const { participant } of members)
      expect(participant.peers()).toMatchObject([{ version: "0.3.33", profile: "strict" }]);
  });
});
