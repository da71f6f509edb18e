/** Chains of signatures between Participants: what counts, what is refused, and that nothing lost breaks them for ever. */
import { describe, expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import type { Datum } from "./datum.ts";
import { FaultCode } from "./fault-code.ts";
import type { PeerSettings } from "./participant-types.ts";
import { isSignedBy, privateKeyOfSeed, publicHexOf, publicKeyOfHex, signMid } from "./signing.ts";
import { LossyChannel } from "./testing/lossy-channel.ts";

const privateKey = privateKeyOfSeed(Buffer.alloc(32, 7));
const key = publicHexOf(privateKey);
const sign = { privateKey };
const pinned: PeerSettings = { name: "pump house", nick: "pump", key, required: true };
const datum = (v: number, more = {}): Datum => ({ ot: "mainfo", src: "pump@hall", dst: "", v, ...more });

/** pump signs; ear has its key pinned. */
function network(peer: Partial<PeerSettings> = {}) {
  const net = new LossyChannel({ random: seededRandom(3) });
  const pump = net.add("pump", { sign }).join("#lab");
  const ear = net.add("ear", { peers: [{ ...pinned, ...peer }] }).join("#lab");
  /** Lines of pump to the channel that carry Datums of it, not its key. */
  const said = () =>
    net.saidBy("pump").filter(({ target, text }) => target === "#lab" && !text.includes("bchnfo"));
  return { net, pump, ear, said };
}

const proved = { key, peer: "pump house" };

describe("a peer that has to sign", () => {
  test("is believed from its first line on: its key stands before it", async () => {
    const { net, pump, ear } = network();
    pump.send("#lab", datum(1));
    pump.send("#lab", datum(2));
    await net.run(10_000);
    expect(ear.fields).toEqual([1, 2]);
    expect(ear.datums.map(({ source }) => source.identity)).toEqual([proved, proved]);
    expect(ear.faults).toEqual([]);
    expect(ear.participant.pendingKeys()).toEqual([]);
    expect(net.saidBy("pump")[0].text).toContain('"ot":"bchnfo"');
  });

  test("is told its key once, to each channel, and privately only if no channel has heard it", async () => {
    const { net, pump } = network();
    pump.join("#two");
    for (const target of ["#lab", "#two", "ear", "#lab", "#two"]) pump.send(target, datum(1));
    await net.run(30_000);
    const keys = net.saidBy("pump").filter(({ text }) => text.includes("bchnfo"));
    expect(keys.map(({ target }) => target)).toEqual(["#lab", "#two"]);
  });

  test("is refused without a signature, and its version is asked for", async () => {
    const { net, ear } = network();
    net.addStranger("pump", "#lab");
    net.say(
      "pump",
      "#lab",
      '{"mid":"1","o":{"oid":"1","ot":"mainfo","src":"pump@hall","dst":"","d":{"v":1}}}',
    );
    await net.run(5000);
    expect(ear.datums).toEqual([]);
    expect(ear.faults).toMatchObject([{ code: FaultCode.SIGNATURE }]);
    expect(net.saidBy("ear")).toMatchObject([{ target: "pump", text: '{"mid":"10001","ver":"?"}' }]);
  });

  test("is refused when a byte of what it signed is another", async () => {
    const { net, pump, ear, said } = network();
    pump.send("#lab", datum(1));
    pump.send("#lab", datum(2));
    net.isLost = ({ text }) => text.includes('"v":2');
    await net.run(10_000);
    net.isLost = () => false;
    const { text } = said()[1];
    net.say("pump", "#lab", text.replace('"v":2', '"v":3'));
    await net.run(200_000);
    expect(ear.fields).toEqual([1]);
    expect(ear.faults).toMatchObject([{ code: FaultCode.SIGNATURE }]);
    net.say("pump", "#lab", text);
    await net.run(1000);
    expect(ear.fields).toEqual([1, 2]);
  });
});

describe("a signed line that is said again", () => {
  test("by its speaker is a repeat, by anybody else refused", async () => {
    const { net, pump, ear, said } = network();
    pump.send("#lab", datum(1));
    await net.run(5000);
    net.addStranger("eve", "#lab");
    net.say("pump", "#lab", said()[0].text);
    net.say("eve", "#lab", said()[0].text);
    net.say("eve", "ear", said()[0].text);
    await net.run(5000);
    expect(ear.fields).toEqual([1]);
    expect(ear.faults.map(({ code }) => code)).toEqual([FaultCode.SIGNATURE, FaultCode.SIGNATURE]);
    expect(ear.participant.counts).toMatchObject({ repeats: 1 });
  });

  test("counts no more after an hour, or after a restart that was given the mids", async () => {
    const { net, pump, ear, said } = network();
    pump.send("#lab", datum(1));
    await net.run(5000);
    await net.run(2 * 3_600_000);
    net.say("pump", "#lab", said()[0].text);
    await net.run(1000);
    const { seenMids } = ear.participant;
    expect(Object.keys(seenMids)).toEqual([key]);
    const next = net.add("ear2", { peers: [pinned], seenMids }).join("#lab");
    // What it stands behind is offered as well: the mid before is no secret.
    const [before, line] = net.saidBy("pump");
    net.say("pump", "#lab", before.text);
    net.say("pump", "#lab", line.text);
    await net.run(1000);
    expect([ear.fields, next.fields]).toEqual([[1], []]);
  });

  test("with its signature written otherwise is no signature", async () => {
    const { net, pump, ear, said } = network();
    pump.send("#lab", datum(1));
    await net.run(5000);
    const { text } = said()[0];
    const { mid } = JSON.parse(text) as { mid: string };
    // The last character of 64 bytes in base64 has four bits that say nothing.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const last = alphabet.indexOf(mid.at(-1)!);
    const other = mid.slice(0, -1) + alphabet[last ^ 1];
    expect(Buffer.from(other.slice(2), "base64")).toEqual(Buffer.from(mid.slice(2), "base64"));
    net.say("pump", "#lab", text.replace(mid, other));
    await net.run(1000);
    expect(ear.fields).toEqual([1]);
    expect(ear.faults).toMatchObject([{ code: FaultCode.SIGNATURE }]);
  });
});

test("a key that is pinned under two names counts each line once, whoever says it", async () => {
  const net = new LossyChannel({ random: seededRandom(3) });
  const pump = net.add("pump", { sign }).join("#lab");
  const peers = [pinned, { name: "operator", key: key.toUpperCase() }];
  const ear = net.add("ear", { peers }).join("#lab");
  pump.send("#lab", datum(1));
  await net.run(5000);
  for (const { text } of net.saidBy("pump")) net.say("eve", "#lab", text);
  await net.run(5000);
  expect(ear.fields).toEqual([1]);
  expect(ear.datums[0].source.identity).toEqual(proved);
  expect(Object.keys(ear.participant.seenMids)).toEqual([key]);
});

describe("a line that is lost", () => {
  /** The second of four lines is lost, then said again: who hears them. */
  async function afterOneLostLine({ net, pump, ear, said }: ReturnType<typeof network>) {
    net.isLost = ({ text, target }, to) => to.nick === "ear" && target === "#lab" && text.includes('"v":2');
    for (const v of [1, 2, 3, 4]) pump.send("#lab", datum(v));
    await net.run(20_000);
    expect(ear.fields).toEqual([1, 4]);
    net.isLost = () => false;
    net.say("pump", "#lab", said()[1].text);
    await net.run(1000);
    expect(ear.fields).toEqual([1, 4, 2, 3]);
    return ear;
  }

  test("costs itself and the next at most; that one counts as well once the lost one is said again", async () => {
    const ear = await afterOneLostLine(network());
    expect(ear.datums.every(({ source }) => source.identity.key === key)).toBe(true);
    expect(ear.participant.counts).toMatchObject({ signaturesRefused: 1, signaturesLate: 1 });
  });

  test("costs no more under a key of nobody in particular, once that was proved", async () => {
    const ear = await afterOneLostLine(network({ nick: undefined, required: false }));
    expect(ear.datums.map(({ source }) => source.identity)).toEqual(Array(4).fill(proved));
  });

  test("is no loss of those to another target: each has a chain of its own", async () => {
    const { net, pump, ear } = network();
    ear.join("#two");
    pump.join("#two");
    pump.send("#lab", datum(1));
    pump.send("#two", datum(2));
    await net.run(10_000);
    net.isLost = ({ text }) => text.includes('"v":3');
    pump.send("#two", datum(3));
    pump.send("#lab", datum(4));
    await net.run(10_000);
    expect(ear.fields).toEqual([1, 2, 4]);
  });

  test("half of all lines: those that count are right, and the chain goes on to the last", async () => {
    const net = new LossyChannel({ random: seededRandom(9), loss: 0.5 });
    const pump = net.add("pump", { sign }).join("#lab");
    const ear = net.add("ear", { peers: [pinned] }).join("#lab");
    for (let v = 0; v < 80; v++) {
      pump.send("#lab", datum(v));
      await net.run(3000);
    }
    net.options.loss = 0;
    for (let v = 80; v < 83; v++) pump.send("#lab", datum(v));
    await net.run(20_000);
    expect(ear.fields.slice(-2)).toEqual([81, 82]);
    expect(ear.fields.length).toBeGreaterThan(12);
    expect(new Set(ear.fields).size).toBe(ear.fields.length);
  });
});

test("a line that is withdrawn leaves no gap in the chain", async () => {
  const { net, pump, ear } = network();
  pump.send("#lab", datum(1));
  pump.send("#lab", datum(2));
  pump.send("#lab", datum(3));
  const [, , second] = pump.queue;
  const withdrawn = { ...second, take: async () => null };
  pump.queue.splice(2, 1, withdrawn);
  await net.run(10_000);
  expect(ear.fields).toEqual([1, 3]);
  expect(ear.faults).toEqual([]);
});

test("who was not there when a peer began to speak believes it from the second line on", async () => {
  const { net, pump } = network();
  pump.send("#lab", datum(1));
  await net.run(5000);
  const late = net.add("late", { peers: [pinned] }).join("#lab");
  pump.send("#lab", datum(2));
  pump.send("#lab", datum(3));
  await net.run(5000);
  expect(late.fields).toEqual([3]);
  expect(late.datums[0].source.identity).toEqual(proved);
});

test("a peer that need not sign is heard from the first line on, and proved from the second", async () => {
  const { net, pump } = network();
  pump.send("#lab", datum(1));
  await net.run(5000);
  const late = net.add("late", { peers: [{ ...pinned, required: false }] }).join("#lab");
  pump.send("#lab", datum(2));
  pump.send("#lab", datum(3));
  await net.run(5000);
  expect(late.datums.map(({ source }) => source.identity.key)).toEqual([null, key]);
  // From then on a signature that is none is worse than no signature.
  const { text } = net.said.find((line) => line.text.includes('"v":3'))!;
  const forged = text.replace('"v":3', '"v":4');
  const mid = `ed${Buffer.alloc(64, 9).toString("base64").replace(/=+$/, "")}`;
  net.say("pump", "#lab", forged.replace(/"mid":"[^"]*"/, `"mid":"${mid}"`));
  net.say("pump", "#lab", forged.replace(/"mid":"[^"]*"/, '"mid":"1"').replace('"v":4', '"v":5'));
  await net.run(5000);
  expect(late.fields).toEqual([2, 3, 5]);
});

test("a nick proves nothing: not without the key, and not by a services account that is another's", async () => {
  const { net, ear } = network({ required: false, account: "pump-services" });
  const imposter = net.add("pump2").join("#lab");
  imposter.account = "eve";
  net.addStranger("PUMP", "#lab");
  imposter.send("#lab", datum(1));
  net.say("PUMP", "#lab", '{"mid":"1","o":{"oid":"1","ot":"mainfo","src":"pump@hall","dst":"","d":{"v":2}}}');
  await net.run(5000);
  expect(ear.datums.map(({ source }) => source.identity)).toEqual([
    { key: null, peer: null },
    { key: null, peer: null },
  ]);
  imposter.account = "pump-services";
  imposter.send("#lab", datum(3));
  await net.run(5000);
  expect(ear.datums[2].source.identity).toEqual({ key: null, peer: "pump house" });
});

test("an answer may stand behind what it answers, as the reference signs what it says to one alone", async () => {
  for (const own of [null, { privateKey: privateKeyOfSeed(Buffer.alloc(32, 8)) }]) {
    const net = new LossyChannel({ random: seededRandom(3) });
    const ear = net.add("ear", { peers: [pinned], sign: own });
    net.addStranger("pump");
    ear.send("pump", datum(1));
    await net.run(5000);
    const asked = net.saidBy("ear").find(({ text }) => text.includes('"v":1'))!;
    const { mid: previous } = JSON.parse(asked.text) as { mid: string };
    const tail = '","o":{"oid":"1","ot":"mainfo","src":"pump@hall","dst":"","d":{"v":2}}}';
    net.say("pump", "ear", `{"mid":"${signMid(privateKey, `{"mid":"${previous}${tail}`)}${tail}`);
    await net.run(1000);
    expect(ear.datums.map(({ source }) => source.identity)).toEqual([proved]);
  }
});

test("a key proves its owner under any nick", async () => {
  const net = new LossyChannel({ random: seededRandom(3) });
  const pump = net.add("pump_", { sign }).join("#lab");
  const ear = net.add("ear", { peers: [pinned] }).join("#lab");
  pump.send("#lab", datum(1));
  pump.send("#lab", datum(2));
  await net.run(10_000);
  expect(ear.datums.map(({ source }) => source.identity)).toEqual([proved, proved]);
});

describe("a signed Datum in fragments", () => {
  const large = datum(5, { x: "z".repeat(900) });

  test("is its signer's only if all of it is", async () => {
    const { net, pump, ear, said } = network();
    pump.send("#lab", large);
    await net.run(20_000);
    expect(ear.fields).toEqual([5]);
    expect(ear.datums[0].source.identity).toEqual(proved);
    expect(said().length).toBeGreaterThan(2);
  });

  test("takes no part that somebody else adds", async () => {
    const { net, pump, ear, said } = network({ required: false });
    let lines = 0;
    net.isLost = ({ text }) => text.includes('"ed":') && ++lines === 4;
    pump.send("#lab", large);
    await net.run(30_000);
    expect(ear.fields).toEqual([]);
    const last = said().at(-1)!;
    const { mid } = JSON.parse(last.text) as { mid: string };
    net.isLost = () => false;
    net.say("pump", "#lab", last.text.replace(mid, "77"));
    await net.run(1000);
    expect(ear.fields).toEqual([]);
  });

  test("that a third gives again is its signer's all the same", async () => {
    const { net, pump, ear } = network();
    net.add("third").join("#lab");
    let lines = 0;
    net.isLost = ({ text }, to) => to.nick === "ear" && text.includes('"ed":') && ++lines === 3;
    pump.send("#lab", large);
    await net.run(30_000);
    pump.isMute = true;
    await net.run(900_000);
    expect(ear.fields).toEqual([5]);
    expect(ear.datums[0].source).toMatchObject({
      identity: proved,
      speaker: { nick: "third" },
    });
  });
});

test("a key that is only told is noted, and counts for nothing; an answer that nobody asked for is not even noted", async () => {
  const net = new LossyChannel({ random: seededRandom(3) });
  const eve = net.add("eve", { sign: { privateKey: privateKeyOfSeed(Buffer.alloc(32, 9)) } }).join("#lab");
  const ear = net.add("ear").join("#lab");
  eve.send("#lab", datum(1));
  net.addStranger("mal", "#lab");
  const hex = "ab".repeat(32);
  const told = (ot: string) =>
    `{"mid":"1","o":{"oid":"1","ot":"${ot}","src":"","dst":"","d":{"did":1,"bm":"ed","bk":"${hex}","t":"x"}}}`;
  net.say("mal", "#lab", told("bchack"));
  await net.run(5000);
  expect(ear.participant.pendingKeys()).toMatchObject([{ key: eve.participant.publicKey, nick: "eve" }]);
  expect(ear.datums.map(({ source }) => source.identity.key)).toEqual([null]);
  net.say("mal", "#lab", told("bchnfo"));
  await net.run(5000);
  expect(ear.participant.pendingKeys().map(({ nick }) => nick)).toEqual(["eve", "mal"]);
});

test("who asks for our key is told it privately, three times a minute at most", async () => {
  const { net } = network();
  net.addStranger("eve", "#lab");
  for (let i = 0; i < 10; i++)
    net.say(
      "eve",
      "#lab",
      `{"mid":"${i}","o":{"oid":"1","ot":"bchreq","src":"","dst":"","d":{"did":1,"bm":"ed"}}}`,
    );
  await net.run(20_000);
  const told = net.saidBy("pump").filter(({ text }) => text.includes('"ot":"bchack"'));
  expect(told.map(({ target }) => target)).toEqual(["eve", "eve", "eve"]);
  const [{ text }] = net.saidBy("pump");
  const { mid } = JSON.parse(text) as { mid: string };
  expect(isSignedBy(publicKeyOfHex(key)!, text, mid, "10000")).toBe(true);
});
