/** Several Participants on a channel that loses and repeats lines: every Datum comes through once, or is given up. */
import { describe, expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import type { Datum } from "./datum.ts";
import { FaultCode } from "./fault-code.ts";
import { defaultLimits } from "./limits.ts";
import { LossyChannel } from "./testing/lossy-channel.ts";

const MINUTE = 60_000;
const small = (v: number): Datum => ({ ot: "mainfo", src: "pump@hall", dst: "", v });
/** Some lines of a channel, no two alike. */
const big = (v: number, characters = 1200): Datum => ({ ...small(v), x: `${v}`.repeat(characters) });

/** Lines that ask for something again, and lines said again. */
function lostLines(network: LossyChannel, nick: string) {
  const lines = network.saidBy(nick);
  return lines.filter(({ text }) => text.includes('"lst":'));
}

describe("a fragment that is lost", () => {
  test("is asked for after a minute, from whoever said it, and comes privately: the Datum is whole", async () => {
    const network = new LossyChannel({ random: seededRandom(1) });
    const [a, b] = ["alice", "bob"].map((nick) => network.add(nick).join("#lab"));
    let lines = 0;
    network.isLost = ({ from, text, target }) =>
      from === "alice" && target === "#lab" && text.includes('"ed":') && ++lines === 2;
    a.send("#lab", big(7));
    await network.run(50_000);
    expect(b.datums).toEqual([]);
    expect(b.participant.openChains()).toMatchObject([{ sender: "n:alice", did: "100", asked: 0 }]);
    await network.run(60_000);
    expect(b.fields).toEqual([7]);
    expect(b.datums[0].source).toMatchObject({ channel: "#lab", speaker: { nick: "alice" } });
    expect(lostLines(network, "bob")).toMatchObject([{ target: "alice" }]);
    const again = network.saidBy("alice").filter(({ target }) => target === "bob");
    expect(again.filter(({ text }) => text.includes('"ed":')).length).toBe(1);
    const first = network
      .saidBy("alice")
      .filter(({ target, text }) => target === "#lab" && text.includes('"ed":'))[1];
    expect(again.map(({ text }) => text)).toContain(first.text);
    expect(b.participant.counts).toMatchObject({ lostAsked: 1, chains: 0 });
  });

  test("is asked for in the channel when its owner does not answer, and another gives it again", async () => {
    const network = new LossyChannel({ random: seededRandom(2) });
    const [a, b] = ["alice", "bob", "carol"].map((nick) => network.add(nick).join("#lab"));
    let lines = 0;
    network.isLost = ({ from, text }, to) =>
      from === "alice" && to.nick === "bob" && text.includes('"ed":') && ++lines === 2;
    a.send("#lab", big(8));
    await network.run(30_000);
    a.isMute = true;
    await network.run(10 * MINUTE);
    expect([b.fields, b.relayedFields]).toEqual([[], [8]]);
    const identity = { key: null, peer: null };
    expect(b.relayed[0].source).toMatchObject({ channel: "#lab", speaker: { nick: "carol" }, identity });
    expect(lostLines(network, "bob").map(({ target }) => target)).toEqual([
      "alice",
      "alice",
      "alice",
      "#lab",
    ]);
  });

  test("of a Datum that was said privately is never asked for in a channel; it is given up with 113", async () => {
    const network = new LossyChannel({ random: seededRandom(3) });
    const [a, b] = ["alice", "bob"].map((nick) => network.add(nick).join("#lab"));
    let lines = 0;
    network.isLost = ({ text }, to) => to.nick === "bob" && text.includes('"ed":') && ++lines === 2;
    a.send("bob", big(9));
    await network.run(30_000);
    a.isMute = true;
    await network.run(15 * MINUTE);
    expect(lostLines(network, "bob").map(({ target }) => target)).toEqual(["alice", "alice", "alice"]);
    expect(b.faults.map(({ code }) => code)).toEqual([FaultCode.FRAGMENT_MISSING]);
    expect(b.participant.counts).toMatchObject({ givenUp: 1, chains: 0 });
  });
});

test("a request is said wherever a line holds it, and a Datum that cannot be asked for is given up", async () => {
  for (const [nickBytes, channelBytes, asked] of [
    [90, 90, ["alice", "alice", "alice", "#lab"]],
    [30, 90, ["#lab"]],
    [30, 30, []],
  ] as const) {
    const network = new LossyChannel({ random: seededRandom(4) });
    const [a, b] = ["alice", "bob"].map((nick) => network.add(nick).join("#lab"));
    let lines = 0;
    network.isLost = ({ text }) => text.includes('"ed":') && ++lines === 2;
    a.send("#lab", big(8));
    await network.run(30_000);
    a.isMute = true;
    network.budgetOf = (target) => (target === "#lab" ? channelBytes : nickBytes);
    await network.run(15 * MINUTE);
    expect(lostLines(network, "bob").map(({ target }) => target)).toEqual(asked);
    expect(b.faults.map(({ code }) => code)).toEqual([FaultCode.FRAGMENT_MISSING]);
    expect(b.participant.counts.chains).toBe(0);
  }
});

test("a Datum of which another gave a part is not its sender's word, though he says the last part himself", async () => {
  const network = new LossyChannel({ random: seededRandom(6) });
  const [a, b] = ["alice", "bob"].map((nick) => network.add(nick).join("#lab"));
  network.addStranger("carol", "#lab");
  let lines = 0;
  network.isLost = ({ from, text }) => from === "alice" && text.includes('"ed":') && ++lines > 1 && lines < 4;
  a.send("#lab", big(8));
  await network.run(30_000);
  const parts = network.saidBy("alice").filter(({ text }) => text.includes('"ed":'));
  a.isMute = true;
  while (lostLines(network, "bob").at(-1)?.target !== "#lab" && network.now < 20 * MINUTE)
    await network.run(1000);
  network.say("carol", "bob", parts[1].text);
  await network.run(1000);
  expect(b.relayed).toEqual([]);
  network.say("alice", "#lab", parts[2].text);
  await network.run(1000);
  expect([b.fields, b.relayedFields]).toEqual([[], [8]]);
});

test("a request whose answer came while it waited for its turn is not said", async () => {
  const network = new LossyChannel({ random: seededRandom(7) });
  const [a, b] = ["alice", "bob"].map((nick) => network.add(nick).join("#lab"));
  let lines = 0;
  network.isLost = ({ from, text }) => from === "alice" && text.includes('"ed":') && ++lines === 2;
  a.send("#lab", big(8));
  await network.run(30_000);
  const parts = network.saidBy("alice").filter(({ text }) => text.includes('"ed":'));
  b.filledAt = network.now;
  b.tokens = -40;
  await network.run(60_000);
  expect(b.queue.length).toBe(1);
  network.say("alice", "#lab", parts[1].text);
  await network.run(MINUTE);
  expect([b.fields, b.queue.length]).toEqual([[8], 0]);
  expect(lostLines(network, "bob")).toEqual([]);
  expect(b.participant.counts.lostAsked).toBe(0);
});

test("who answered once is asked three times again, though he failed since; who never did is asked once", async () => {
  const network = new LossyChannel({ random: seededRandom(8) });
  const b = network.add("bob").join("#lab");
  const names = ["good", "bad"];
  for (const nick of names) network.addStranger(nick);
  const part = (did: number, bp: number) =>
    `{"mid":"${did}${bp}","o":{"oid":"9","ot":"x","d":{"did":"${did}","bc":8,"bp":${bp},"ed":"abcd"}}}`;
  const asked = async (nick: string, did: number) => {
    const { length } = lostLines(network, "bob");
    network.say(nick, "bob", part(did, 0));
    await network.run(20 * MINUTE);
    return lostLines(network, "bob").length - length;
  };
  network.say("good", "bob", part(1, 0));
  await network.run(80_000);
  network.say("good", "bob", part(1, 4));
  await network.run(MINUTE);
  expect(b.participant.counts.chains).toBe(0);
  expect([await asked("good", 2), await asked("good", 3)]).toEqual([3, 3]);
  expect([await asked("bad", 2), await asked("bad", 3)]).toEqual([3, 1]);
});

test("a peer that never answers costs few lines, however many of its fragments are lost", async () => {
  const network = new LossyChannel({ random: seededRandom(4) });
  const b = network.add("bob").join("#lab");
  network.addStranger("ref", "#lab");
  const part = (did: number) =>
    `{"mid":"${did}","o":{"oid":"9","ot":"x","d":{"did":"${did}","bc":900,"bp":0,"ed":"${"a".repeat(100)}"}}}`;
  for (let hour = 0; hour < 6; hour++)
    for (let did = 0; did < 8; did++) {
      network.say("ref", "#lab", part(100 + hour * 8 + did));
      await network.run(7.5 * MINUTE);
    }
  await network.run(30 * MINUTE);
  expect(b.participant.counts).toMatchObject({ chains: 0, givenUp: 48 });
  // The first is asked for four times before it shows that nobody answers, from then on each twice.
  expect(lostLines(network, "bob").length).toBeLessThanOrEqual(4 * 2 + 2 * 48);
  expect(network.saidBy("bob").length).toBe(lostLines(network, "bob").length + 1);
});

describe("with a third of all lines lost and some repeated", () => {
  test.each([11, 12, 13, 14, 15, 16])(
    "every Datum in fragments arrives once or is given up (seed %i)",
    async (seed) => {
      const network = new LossyChannel({ random: seededRandom(seed), loss: 0.3, repeat: 0.1 });
      const members = ["ann", "bob", "cyd", "dan"].map((nick, i) =>
        network.add(nick, {}, { mid: 10_000 * i, oid: 1000 * i, did: 100 * i }).join("#lab"),
      );
      members.forEach((one, i) => {
        for (let n = 0; n < 4; n++) one.send("#lab", big(10 * i + n, 700));
      });
      await network.run(110 * MINUTE);
      for (const [i, one] of members.entries()) {
        const others = members.flatMap((_, j) => (j === i ? [] : [0, 1, 2, 3].map((n) => 10 * j + n)));
        const got = [...one.fields, ...one.relayedFields] as number[];
        expect(new Set(got).size, `${one.nick} had one twice (seed ${seed})`).toBe(got.length);
        expect(others).toEqual(expect.arrayContaining(got));
        // Of which nothing arrived, nobody knows; what was begun comes to one end or the other.
        const { chains, givenUp } = one.participant.counts;
        expect(chains, `chains open at ${one.nick} (seed ${seed})`).toBe(0);
        expect(one.faults.length).toBe(givenUp);
        expect(got.length + givenUp).toBeGreaterThanOrEqual(10);
        expect(got.length).toBeGreaterThanOrEqual(9);
      }
      const fresh = network.said.filter(({ lane }) => lane === 1).length;
      expect(network.said.length, `lines in all (seed ${seed})`).toBeLessThan(8 * fresh);
      const { length } = network.said;
      await network.run(60 * MINUTE);
      expect(network.said.length, "somebody still talks when all is over").toBe(length);
    },
  );
});

test("a Datum of a hundred lines comes through where a fifth of them is lost, and its rest is asked for at once", async () => {
  const network = new LossyChannel({ random: seededRandom(17), loss: 0.2 });
  const [a, b] = ["alice", "bob"].map((nick) => network.add(nick).join("#lab"));
  a.send("#lab", { ...small(3), x: "x".repeat(22_000) });
  await network.run(58 * MINUTE);
  const first = network
    .saidBy("alice")
    .filter(({ target, text }) => target === "#lab" && text.includes('"ed":'));
  const again = network
    .saidBy("alice")
    .filter(({ target, text }) => target === "bob" && text.includes('"ed":'));
  expect(first.length).toBeGreaterThan(90);
  expect(b.fields).toEqual([3]);
  expect(lostLines(network, "bob").length).toBeLessThan(12);
  expect(again.length).toBeLessThan(1.5 * first.length);
});

test("what is too old is forgotten step by step, and then answered no more", async () => {
  const limits = { ...defaultLimits, keepMs: 10 * MINUTE };
  const network = new LossyChannel({ random: seededRandom(5) });
  const a = network.add("alice", { limits }).join("#lab");
  network.addStranger("eve", "#lab");
  for (let v = 0; v < 100; v++) a.send("#lab", small(v));
  await network.run(4 * MINUTE);
  const { sentCacheBytes } = a.participant.counts;
  expect(sentCacheBytes).toBeGreaterThan(50_000);
  network.say("eve", "alice", '{"mid":"1","lst":10,"rid":10050}');
  await network.run(10_000);
  expect(network.saidBy("alice").at(-1)?.text).toContain('"mid":"10050"');
  await network.run(20 * MINUTE);
  expect(a.participant.counts.sentCacheBytes).toBe(0);
  const { length } = network.said;
  network.say("eve", "alice", '{"mid":"2","lst":10,"rid":10060}');
  await network.run(MINUTE);
  expect(network.said.length).toBe(length + 1);
});
