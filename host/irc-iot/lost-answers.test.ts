/** Who gets what again, from whom, and who does not (IRC-IoT S-4…S-7). */
import { describe, expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import { LossyChannel } from "./testing/lossy-channel.ts";

const datum = (v: number, more = {}) => ({ ot: "mainfo", src: "a@b", dst: "", v, ...more });
const heard = (mid: number, oid: number, v: number) =>
  `{"mid":"${mid}","o":{"oid":"${oid}","ot":"x","src":"c@d","dst":"","d":{"v":${v}}}}`;

/** Us with something said in two channels and privately, and strangers who ask. */
async function scene(random = seededRandom(1)) {
  const net = new LossyChannel({ random });
  const us = net.add("us").join("#lab").join("#two");
  net.addStranger("friend", "#lab");
  net.addStranger("eve", "#lab");
  net.addStranger("far", "#two");
  const [inLab, inTwo, toFriend] = ["#lab", "#two", "friend"];
  us.send(inLab, datum(1));
  us.send(inTwo, datum(2));
  await net.run(10_000);
  us.send(toFriend, datum(3));
  net.say("friend", "#lab", heard(7, 70, 4));
  net.say("far", "#two", heard(9, 90, 5));
  await net.run(60_000);
  /** `who: v` of each line that comes in answer. */
  const ask = async (from: string, target: string, request: string, ms = 40_000) => {
    const { length } = net.said;
    net.say(from, target, request);
    await net.run(ms);
    const ours = net.said.slice(length).filter((line) => line.from === "us" && !line.text.includes('"ver"'));
    return ours.map((line) => `${line.target}: ${/"v":(\d+)/.exec(line.text)?.[1]}`);
  };
  return { net, us, ask };
}

const lst = (kind: number, rid: number | string, more = "") =>
  `{"mid":"77","lst":${kind},"rid":${typeof rid === "string" ? `"${rid}"` : rid}${more}}`;

describe("what its owner is asked for (10, 20, 30)", () => {
  test("comes privately, whether it was asked for privately or in the channel (S-5)", async () => {
    const { ask } = await scene();
    expect(await ask("friend", "us", lst(10, 10_001))).toEqual(["friend: 1"]);
    expect(await ask("friend", "#lab", lst(10, "10001"))).toEqual(["friend: 1"]);
    expect(await ask("friend", "us", lst(20, 1000))).toEqual(["friend: 1"]);
  });

  test("privately said, comes only to whom it was said, by nobody's name but that", async () => {
    const { ask } = await scene();
    expect(await ask("eve", "us", lst(10, 10_004))).toEqual([]);
    expect(await ask("eve", "#lab", lst(11, 10_004))).toEqual([]);
    expect(await ask("friend", "us", lst(10, 10_004))).toEqual(["friend: 3"]);
  });

  test("privately said to a services account, is not for another who has its nick now", async () => {
    const { net, us, ask } = await scene();
    const member = net.add("rich").join("#lab");
    member.account = "richard";
    member.send("us", datum(8));
    await net.run(5000);
    us.send("rich", datum(9));
    await net.run(5000);
    const { mid } = JSON.parse(net.said.find(({ text }) => text.includes('"v":9'))!.text) as { mid: string };
    member.account = null;
    expect(await ask("rich", "us", lst(10, mid))).toEqual([]);
    member.account = "richard";
    expect(await ask("rich", "us", lst(10, mid))).toEqual(["rich: 9"]);
  });

  test("privately said, is for nobody once that nick was given up", async () => {
    const { us, ask } = await scene();
    us.participant.gone("Friend");
    expect(await ask("friend", "us", lst(10, 10_004))).toEqual([]);
  });

  test("said in a channel, is not for who is not in it, nor to be asked for in another", async () => {
    const { ask } = await scene();
    expect(await ask("eve", "us", lst(10, 10_002))).toEqual([]);
    expect(await ask("eve", "#lab", lst(10, 10_002))).toEqual([]);
    expect(await ask("far", "us", lst(10, 10_002))).toEqual(["far: 2"]);
  });

  test("is not what somebody else said", async () => {
    const { ask } = await scene();
    expect(await ask("eve", "us", lst(10, 7))).toEqual([]);
    expect(await ask("eve", "#lab", lst(10, 7))).toEqual([]);
  });

  test("names its owner by dst in a channel: another's name is not for us", async () => {
    const { ask } = await scene();
    expect(await ask("eve", "#lab", lst(10, 10_001, ',"dst":"other"'))).toEqual([]);
    expect(await ask("eve", "#lab", lst(10, 10_001, ',"dst":"US"'))).toEqual(["eve: 1"]);
  });

  test("without a name in a channel is nobody's when two owners use the id; with it, it is ours", async () => {
    const { net, ask } = await scene();
    net.say("friend", "#lab", heard(10_001, 71, 6));
    expect(await ask("eve", "#lab", lst(10, 10_001))).toEqual([]);
    expect(await ask("eve", "#lab", lst(10, 10_001, ',"dst":"us"'))).toEqual(["eve: 1"]);
    expect(await ask("eve", "us", lst(10, 10_001))).toEqual(["eve: 1"]);
  });
});

describe("what everybody is asked for (11, 21, 31)", () => {
  test("comes from what was heard in that channel, and from what we said there", async () => {
    const { ask } = await scene();
    expect(await ask("eve", "#lab", lst(11, 7))).toEqual(["eve: 4"]);
    expect(await ask("eve", "#lab", lst(21, 70))).toEqual(["eve: 4"]);
    expect(await ask("eve", "#lab", lst(11, 10_001))).toEqual(["eve: 1"]);
    expect(await ask("eve", "#lab", lst(11, 9))).toEqual([]);
    expect(await ask("eve", "us", lst(11, 7))).toEqual(["eve: 4"]);
    expect(await ask("eve", "us", lst(11, 9))).toEqual([]);
  });

  test("comes not at once: not all who have it speak at the same time", async () => {
    const { net, ask } = await scene(() => 0.75);
    expect(await ask("eve", "#lab", lst(11, 7), 1400)).toEqual([]);
    await net.run(200);
    expect(net.said.at(-1)).toMatchObject({ from: "us", target: "eve" });
  });

  test("comes not at all when it was said again meanwhile", async () => {
    const { net, ask } = await scene(() => 0.75);
    const waiting = ask("eve", "#lab", lst(11, 7));
    net.say("friend", "#lab", heard(7, 70, 4));
    expect(await waiting).toEqual([]);
  });

  test("is nobody's when two owners use the id", async () => {
    const { net, ask } = await scene();
    net.say("eve", "#lab", heard(7, 72, 8));
    expect(await ask("eve", "#lab", lst(11, 7))).toEqual([]);
  });
});

describe("requests", () => {
  test("of our own nick, or that are nothing of the kind, are answered by nobody", async () => {
    const { ask } = await scene();
    for (const text of [
      lst(12, 10_001),
      '{"mid":"1","lst":10}',
      '{"mid":"1","lst":"10","rid":10001}',
      '{"lst":10,"rid":10001}',
      '{"mid":"1","lst":10,"rid":null}',
      '{"mid":"1","lst":10,"rid":""}',
    ])
      expect(await ask("eve", "us", text)).toEqual([]);
    expect(await ask("Us", "us", lst(10, 10_001))).toEqual([]);
  });

  test("for one id are answered once in 30 s; who else missed it waits so long", async () => {
    const { net, us, ask } = await scene();
    net.say("friend", "us", lst(10, 10_001));
    expect(await ask("eve", "us", lst(10, 10_001), 29_000)).toEqual(["friend: 1"]);
    await net.run(2000);
    expect(net.said.at(-1)).toMatchObject({ from: "us", target: "eve" });
    expect(await ask("eve", "us", lst(10, 10_001), 29_000)).toEqual([]);
    expect(us.participant.counts).toMatchObject({ lostRefused: 1, lostAnswered: 2 });
  });

  test("get a line in 5 s at most, also when the first had to wait for its turn", async () => {
    const { net, us } = await scene();
    us.send("#lab", datum(6, { x: "x".repeat(1500) }));
    await net.run(20_000);
    net.say("eve", "us", lst(30, 100));
    await net.run(100);
    us.filledAt = net.now;
    us.tokens = -10;
    const { length } = net.said;
    net.say("eve", "us", lst(20, 1000));
    await net.run(90_000);
    const times = net.said.slice(length + 1).map(({ at }) => at);
    expect(times.length).toBeGreaterThan(4);
    for (let i = 1; i < times.length; i++) expect(times[i] - times[i - 1]).toBeGreaterThanOrEqual(5000);
  });

  test("for the parts that are missing get these and no others", async () => {
    const { net, us } = await scene();
    us.send("#lab", datum(6, { x: "x".repeat(1500) }));
    await net.run(20_000);
    const parts = net.saidBy("us").filter(({ text }) => text.includes('"ed"'));
    expect(parts.length).toBeGreaterThan(4);
    const { bp, ed } = (JSON.parse(parts[2].text) as { o: { d: { bp: number; ed: string } } }).o.d;
    const { length } = net.said;
    net.say("eve", "us", lst(30, 100, `,"bp":${bp},"be":${bp + ed.length + 1}`));
    await net.run(60_000);
    const again = net.said.slice(length + 1);
    expect(again.map(({ text }) => text)).toEqual(parts.slice(2, 4).map(({ text }) => text));
    net.say("eve", "us", lst(30, 100, `,"bp":${bp}`));
    await net.run(60_000);
    expect(net.said.slice(length + 4).map(({ text }) => text)).toEqual(
      parts.slice(2).map(({ text }) => text),
    );
  });
});

describe("a line that is too long for the asker's nick", () => {
  test("is said again where it was said, if it is ours; of another it is not said", async () => {
    const net = new LossyChannel({ random: seededRandom(4) });
    const us = net.add("us").join("#lab");
    for (const nick of ["eve", "friend"]) net.addStranger(nick, "#lab");
    us.send("#lab", datum(1, { x: "x".repeat(200) }));
    net.say("friend", "#lab", heard(7, 70, 4).replace('"v":4', `"v":4,"x":"${"x".repeat(200)}"`));
    await net.run(5000);
    net.budgetOf = (target) => (target === "eve" ? 150 : 400);
    const { length } = net.said;
    net.say("eve", "us", lst(20, 1000));
    net.say("eve", "#lab", lst(11, 7));
    await net.run(60_000);
    const ours = net.said.slice(length).filter((line) => line.from === "us");
    expect(ours.map(({ target }) => target)).toEqual(["#lab"]);
    expect(us.participant.counts).toMatchObject({ lostAnswered: 1, lostRefused: 1 });
  });
});

test("who asks again for the same gets what is still missing, not the rest of what was asked before", async () => {
  const net = new LossyChannel({ random: seededRandom(5) });
  const us = net.add("us").join("#lab");
  net.addStranger("eve", "#lab");
  us.send("#lab", datum(1, { x: "x".repeat(4000) }));
  await net.run(60_000);
  const parts = net.saidBy("us").filter(({ text }) => text.includes('"ed"'));
  expect(parts.length).toBeGreaterThan(14);
  const { length } = net.said;
  net.say("eve", "us", lst(30, 100));
  await net.run(31_000);
  net.say("eve", "us", lst(30, 100, ',"bp":0,"be":1'));
  await net.run(10 * 60_000);
  const again = net.said.slice(length).filter((line) => line.from === "us");
  expect(again.length).toBeLessThanOrEqual(6 + 1);
  expect(again.at(-1)!.text).toBe(parts[0].text);
});

test("what an earlier process said is said again by this one, and its numbers go on above", async () => {
  const net = new LossyChannel({ random: seededRandom(2) });
  const us = net.add("us", {}, { mid: 100, oid: 10, did: 1 }).join("#lab");
  net.addStranger("eve", "#lab");
  const text = '{"mid":"123","o":{"oid":"5","ot":"x","src":"","dst":"","d":{"v":1}}}';
  us.participant.remember(text, "#lab", 0);
  net.say("eve", "us", lst(10, 123));
  us.send("#lab", datum(1));
  await net.run(5000);
  expect(net.saidBy("us").map(({ target }) => target)).toEqual(["#lab", "eve"]);
  expect(net.saidBy("us")[1].text).toBe(text);
  expect(net.saidBy("us")[0].text).toContain('{"mid":"124"');
  expect(() => us.participant.remember("{}", "#lab", 0)).toThrow(RangeError);
});

test("what was asked for by hand of everybody is not taken for its speaker's own", async () => {
  const net = new LossyChannel({ random: seededRandom(3) });
  const us = net.add("us").join("#lab");
  net.addStranger("op", "#lab");
  us.participant.askAgain({ kind: 11, rid: "55" }, "#lab", net.now);
  await net.run(1000);
  expect(net.saidBy("us")[0].text).toBe('{"mid":"10001","lst":11,"rid":55}');
  net.say("op", "us", heard(55, 1, 9));
  net.say("op", "us", heard(56, 1, 10));
  await net.run(1000);
  expect([us.fields, us.relayedFields]).toEqual([[10], [9]]);
  // What was heard of its owner already is no news.
  net.say("owner", "#lab", heard(57, 1, 11));
  us.participant.askAgain({ kind: 21, rid: "1" }, "#lab", net.now);
  await net.run(1000);
  net.say("op", "us", heard(57, 1, 11));
  await net.run(1000);
  expect([us.fields, us.relayedFields]).toEqual([[10, 11], [9]]);
});
