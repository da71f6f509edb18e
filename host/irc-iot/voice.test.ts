/** Lines of ours: their mids, their lengths, how long they are worth anything, and which nicks are heard. */
import { describe, expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import { FaultCode, IrcIotError } from "./fault-code.ts";
import { privateKeyOfSeed } from "./signing.ts";
import { LossyChannel } from "./testing/lossy-channel.ts";

const datum = (v: number) => ({ ot: "mainfo", src: "a@b", dst: "", v });
const sign = { privateKey: privateKeyOfSeed(Buffer.alloc(32, 5)) };

describe("a line", () => {
  test("is as long as was said before it had its mid, or shorter", async () => {
    for (const settings of [{}, { sign }, { checksum: "c2" as const }, { sign, checksum: "c1" as const }]) {
      const net = new LossyChannel({ random: seededRandom(1) });
      const us = net.add("us", settings).join("#lab");
      us.tokens = -1000;
      for (let v = 0; v < 5; v++) us.send("#lab", { ...datum(v), x: "x".repeat(100 * v) });
      us.participant.askAgain({ kind: 31, rid: "7" }, "#lab", 0);
      net.say("eve", "us", '{"mid":"1","ver":"?","ping":"abc"}');
      await net.run(100);
      const most = us.queue.map(({ maxBytes }) => maxBytes);
      const texts = await Promise.all(us.queue.map((line) => line.take()));
      expect(texts.length).toBeGreaterThan(5);
      texts.forEach((text, i) => {
        expect(text!.length).toBeLessThanOrEqual(most[i]);
        expect(most[i]).toBeLessThanOrEqual(400);
      });
    }
  });

  test("of a service that would be too long for its target is not said", async () => {
    const net = new LossyChannel({ random: seededRandom(1) });
    const us = net.add("us");
    net.budgetOf = () => 60;
    net.say("eve", "us", `{"mid":"1","ping":"${"p".repeat(60)}"}`);
    net.say("eve", "us", '{"mid":"1","ver":"?"}');
    await net.run(5000);
    expect(net.saidBy("us").map(({ text }) => text)).toEqual(['{"mid":"10001","ver":"0.3.33"}']);
    expect(us.participant.counts.pingsAnswered).toBe(0);
  });

  test("that asks by hand for what has too long an id is refused aloud, and nothing is asked", async () => {
    const net = new LossyChannel({ random: seededRandom(1) });
    const us = net.add("us").join("#lab");
    const ask = (rid: string) => us.participant.askAgain({ kind: 31, rid }, "#lab", net.now);
    net.budgetOf = () => 60;
    const line = '{"mid":"10001","lst":31,"rid":""}';
    // One more digit of the mid is thought of.
    const longest = "x".repeat(60 - line.length - 1);
    expect(() => ask(`${longest}x`)).toThrow(RangeError);
    expect(() => ask("é".repeat(5))).toThrow("64 bytes for an id of 5 characters; a line there has 60");
    expect([us.queue, us.participant.counts.lostAsked]).toEqual([[], 0]);
    ask(longest);
    await net.run(1000);
    expect(net.saidBy("us").map(({ text }) => text)).toEqual([line.replace('""', `"${longest}"`)]);
  });

  test("that waited two minutes for its turn answers nobody any more, and takes no number", async () => {
    const net = new LossyChannel({ random: seededRandom(1) });
    const us = net.add("us");
    us.tokens = -1000;
    net.say("eve", "us", '{"mid":"1","ver":"?"}');
    await net.run(1000);
    expect(us.queue).toHaveLength(1);
    net.now = 120_000;
    expect(await us.queue[0].take()).toBe('{"mid":"10001","ver":"0.3.33"}');
    net.now = 121_001;
    expect(await us.queue[0].take()).toBeNull();
    expect(us.participant.counters.mid).toBe(10_001);
  });
});

test("Datums that cannot be said move no number, and say nothing, not even our key", () => {
  const net = new LossyChannel({ random: seededRandom(1) });
  const us = net.add("us", { sign });
  const before = { ...us.participant.counters };
  const refused = () => us.send("eve", datum(1), { ...datum(2), x: Number.NaN });
  expect(refused).toThrow(IrcIotError);
  expect(refused).toThrow(expect.objectContaining({ code: FaultCode.INVALID_MESSAGE }));
  expect(us.participant.counters).toEqual(before);
  expect(us.queue).toEqual([]);
});

test("a signed private line stands behind what its reader heard in a channel, and then behind the one before", async () => {
  const net = new LossyChannel({ random: seededRandom(1) });
  const us = net.add("us", { sign }).join("#lab");
  const key = us.participant.publicKey!;
  const ear = net.add("ear", { peers: [{ name: "p", nick: "us", key, required: true }] }).join("#lab");
  us.send("#lab", datum(1));
  await net.run(5000);
  us.send("ear", datum(2));
  us.send("other", datum(3));
  us.send("ear", datum(4));
  await net.run(30_000);
  expect(ear.fields).toEqual([1, 2, 4]);
  expect(ear.faults).toEqual([]);
});

test("our own lines, said back to us, are nobody's", async () => {
  const net = new LossyChannel({ random: seededRandom(1) });
  const us = net.add("us").join("#lab");
  net.say("US", "#lab", '{"mid":"1","ver":"?","o":{"oid":"1","ot":"x","src":"","dst":"","d":{"v":1}}}');
  await net.run(5000);
  expect([us.datums, net.saidBy("us")]).toEqual([[], []]);
  us.participant.ownNick = "other";
  net.say("US", "#lab", '{"mid":"2","o":{"oid":"1","ot":"x","src":"","dst":"","d":{"v":1}}}');
  await net.run(5000);
  expect(us.fields).toEqual([1]);
});

test("text that is no IRC-IoT is passed over; what looks like it and is not is a fault, and never thrown", () => {
  const net = new LossyChannel({ random: seededRandom(1) });
  const us = net.add("us").join("#lab");
  const from = { network: "net", nick: "eve", user: "u", host: "h", account: null };
  const texts = [
    "hello",
    "",
    "\u0001ACTION x\u0001",
    "{",
    "[1]",
    "[null]",
    '{"mid":"1"}',
    '["mid"]',
    "{}",
    "[]",
  ];
  for (const text of texts) us.participant.receive({ from, channel: "#lab", text }, 1);
  expect(us.participant.counts).toMatchObject({ heard: 7, faults: 7, datums: 0 });
  expect(us.participant.peers()).toEqual([]);
  expect(us.queue).toEqual([]);
});

describe("our key", () => {
  const request =
    '{"mid":"1","o":{"oid":"1","ot":"bchreq","src":"","dst":"","d":{"t":"2026-01-02 03:04:05.006"}}}';

  test("is told in the open by who seals what he says: without it nobody could prove who that is", async () => {
    const net = new LossyChannel({ random: seededRandom(1) });
    const schemes = { scheme: "b85U", keys: { sealing: Buffer.alloc(32, 1) } };
    const us = net.add("us", { sign, schemes });
    const ear = net.add("ear", { schemes }).join("#lab");
    us.join("#lab").send("#lab", datum(7));
    await net.run(5000);
    expect(net.saidBy("us")[0].text).toContain(`"ot":"bchnfo"`);
    expect(net.saidBy("us")[1].text).not.toContain("a@b");
    expect(ear.participant.pendingKeys()).toMatchObject([{ key: us.participant.publicKey }]);
    expect(ear.fields).toEqual([7]);
  });

  test("is not told where no line holds it, and moves no number; it is told once one does", async () => {
    for (const budget of [1, 60, 128, 150, 180]) {
      const net = new LossyChannel({ random: seededRandom(1) });
      const us = net.add("us", { sign }).join("#lab");
      const before = { ...us.participant.counters };
      net.budgetOf = () => budget;
      net.say("eve", "us", request);
      await net.run(1000);
      expect(us.participant.counters).toEqual(before);
      expect(us.queue.filter(({ maxBytes }) => maxBytes > budget)).toEqual([]);
    }
    const net = new LossyChannel({ random: seededRandom(1) });
    const us = net.add("us", { sign }).join("#lab");
    net.budgetOf = () => 185;
    us.participant.pack([datum(1)], { name: "#lab" }, 400);
    net.budgetOf = () => 400;
    us.send("#lab", datum(2));
    await net.run(5000);
    expect(net.saidBy("us")[0].text).toContain(`"ot":"bchnfo"`);
  });
});

test("a configured peer is spoken to as it is configured before it ever spoke", () => {
  const net = new LossyChannel({ random: seededRandom(1) });
  const us = net.add("us", {
    peers: [{ name: "bot", nick: "Bot", profile: "pyirciot", schemes: { scheme: "b32p" } }],
  });
  const long = { ...datum(1), x: "x".repeat(500) };
  const [line] = us.participant.pack([long], { name: "bot" }, 400);
  expect(line.tail).toContain('"bp":0,"ed":"PMR');
});
