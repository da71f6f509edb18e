/** Random lines of random speakers: nothing is thrown, nothing grows without bound, and time goes on. */
import { expect, test } from "vitest";
import { randomInteger, seededRandom } from "../transports/random.ts";
import { defaultLimits } from "./limits.ts";
import { privateKeyOfSeed, publicHexOf, signMid } from "./signing.ts";
import { LossyChannel } from "./testing/lossy-channel.ts";

const privateKey = privateKeyOfSeed(Buffer.alloc(32, 3));
const LINES = 500;

/** A line that is nearly right, or is. */
function someLine(random: () => number, heard: readonly string[]): string {
  const pick = (...all: unknown[]): unknown => all[Math.floor(random() * all.length)];
  const small = () => randomInteger(random, 1, 60);
  const id = () => (random() < 0.7 ? small() : pick("1", 0, -1, "", null, 1e300, "x".repeat(300), [], {}));
  const word = () => (random() < 0.7 ? "x" : pick("err", "bchnfo", "bchreq", "bchack", "", 5, null));
  const part = () =>
    random() < 0.7
      ? { did: small(), bc: 8, bp: pick(0, 4), ed: pick("abcd", "efgh") }
      : { did: id(), bc: pick(100, 1e9, -1, "5"), bp: pick(0, 50, 99), ed: pick("abcd", "\u0000", "é") };
  const datum = () =>
    pick(part(), part(), { v: random(), did: id() }, { bm: "ed", bk: "ab".repeat(32) }, [], 5);
  const fields = () => [
    { ver: pick("?", "0.3.33", 5, "?".repeat(100)) },
    { ping: pick("t", "", "p".repeat(300), 7), pong: pick("t", "", null) },
    {
      lst: pick(10, 11, 20, 21, 30, 31, 40, "10"),
      rid: pick(id(), 10_000 + small()),
      bp: pick(0, id()),
      dst: pick(word(), ""),
    },
    { c1: "0000" },
  ];
  const object = () => ({ oid: id(), ot: word(), src: "a", dst: "", d: pick(datum(), [datum(), datum()]) });
  const container = () => ({
    mid: id(),
    ...(pick({}, ...fields()) as object),
    ...(pick({}, { o: object() }) as object),
  });
  const again = heard.length === 0 ? "{}" : heard[Math.floor(random() * heard.length)];
  const signed = () => {
    const tail = `","o":{"oid":"1","ot":"x","src":"","dst":"","d":{"v":${random()}}}}`;
    const previous = pick("10000", "1", /"mid":"([^"]*)"/.exec(again)?.[1]);
    return `{"mid":"${signMid(privateKey, `{"mid":"${previous}${tail}`)}${tail}`;
  };
  const roll = random();
  let text = JSON.stringify(roll < 0.6 ? container() : [container(), container()]);
  if (roll > 0.7) text = roll < 0.94 ? again : signed();
  if (random() > 0.1) return text;
  const at = randomInteger(random, 0, text.length);
  return (
    text.slice(0, at) +
    (pick("", '"', "{", "\\", "\u2028") as string) +
    (random() < 0.5 ? text.slice(at) : "")
  );
}

test.each([31, 32])("whatever is said (seed %i)", async (seed) => {
  const random = seededRandom(seed);
  const net = new LossyChannel({ random });
  const limits = { ...defaultLimits, sentCacheBytes: 50_000, heardCacheBytes: 50_000 };
  const key = publicHexOf(privateKey);
  const peers = [{ name: "one", nick: "nick1", key, required: true }];
  const us = net.add("us", { limits, peers, sign: { privateKey: privateKeyOfSeed(Buffer.alloc(32, 4)) } });
  us.join("#lab").join("#two");
  for (let i = 0; i < 40; i++) net.addStranger(`nick${i}`, "#lab");
  const { participant } = us;
  for (let i = 0; i < LINES; i++) {
    const heard = net.said.slice(-20).map(({ text }) => text);
    const target = ["#lab", "#two", "us"][randomInteger(random, 0, 2)];
    const text = someLine(random, heard);
    // What was said before is said again by whom it was, as often as by somebody else.
    const before = net.said.find((line) => line.text === text && line.from !== "us");
    const nick = random() < 0.5 && before !== undefined ? before.from : `nick${randomInteger(random, 0, 20)}`;
    net.say(nick, target, text);
    if (i % 50 === 0)
      us.send(target === "us" ? "nick2" : target, {
        ot: "x",
        src: "",
        dst: "",
        v: i,
        x: "y".repeat(i % 900),
      });
    if (i % 97 === 0) participant.gone(`nick${randomInteger(random, 0, 60)}`);
    if (i % 41 === 0) participant.ping(`nick${randomInteger(random, 0, 60)}`, net.now);
    await net.run(randomInteger(random, 1, 3000));
    expect(participant.deadline, `seed ${seed}, line ${i}`).toBeGreaterThan(0);
  }
  const { counts } = participant;
  // It was no fuzzing if nothing of it was understood, or nothing refused.
  for (const one of [
    "datums",
    "fragments",
    "repeats",
    "faults",
    "signaturesRefused",
    "lostAnswered",
  ] as const)
    expect(counts[one], `${one} (seed ${seed})`).toBeGreaterThan(0);
  expect(counts.sentCacheBytes).toBeLessThanOrEqual(50_000);
  expect(counts.heardCacheBytes).toBeLessThanOrEqual(50_000);
  expect(counts.chains).toBeLessThanOrEqual(256);
  expect(participant.pendingKeys().length).toBeLessThanOrEqual(64);
  await net.run(3 * 3_600_000);
  expect(participant.counts).toMatchObject({ sentCacheBytes: 0, heardCacheBytes: 0, chains: 0 });
  expect(participant.deadline).toBe(Infinity);
});
