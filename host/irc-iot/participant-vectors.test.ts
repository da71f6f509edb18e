/** The recorded vectors of what a participant answers, asks and signs; one that nobody proves fails. */
import { expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import { isSignedBy, privateKeyOfSeed, publicHexOf, publicKeyOfHex, signMid } from "./signing.ts";
import { LossyChannel, type Member } from "./testing/lossy-channel.ts";
import { participantVectors, type Vector, vectorNamed } from "./testing/vectors.ts";

const seed = Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "hex");

/** A Participant with the counters of the vectors, and a stranger who says what they say. */
function listener(settings = {}) {
  const network = new LossyChannel({ random: seededRandom(1) });
  const member = network.add("us", settings).join("#lab");
  network.addStranger("them", "#lab");
  const hear = async (vector: Vector, ms = 3000) => {
    for (const text of vector.messages!) network.say("them", "#lab", text);
    await network.run(ms);
  };
  const answers = () => network.saidBy("us").map(({ target, text }) => `${target} ${text}`);
  return { network, member, hear, answers };
}

/** Says Datums so that one of the lines has this id. */
async function saidWith(member: Member, network: LossyChannel): Promise<string[]> {
  member.send("#lab", { ot: "mainfo", src: "a@b", dst: "", x: "y".repeat(900) });
  await network.run(10_000);
  return network.saidBy("us").map(({ text }) => text);
}

const proofs: Record<string, (vector: Vector) => Promise<void>> = {
  async C01(vector) {
    const { hear, answers } = listener();
    await hear(vector);
    expect(answers()).toEqual(['them {"mid":"10001","ver":"0.3.33"}']);
  },
  async C02(vector) {
    const { hear, answers } = listener();
    await hear(vector);
    expect(answers()).toEqual(['them {"mid":"10001","ver":"0.3.33"}']);
  },
  async C03(vector) {
    const { hear, answers, member } = listener();
    await hear(vector);
    expect(answers()).toEqual([]);
    expect(member.participant.peers()).toMatchObject([{ nick: "them", version: "0.3.33" }]);
  },
  async C04(vector) {
    const { hear, answers } = listener();
    await hear(vector);
    expect(answers()).toEqual([10_001, 10_002, 10_003].map((mid) => `them {"mid":"${mid}","ver":"0.3.33"}`));
    await hear(vector, 250_000);
    expect(answers()).toHaveLength(3);
    await hear(vector, 60_000);
    expect(answers()).toHaveLength(3);
    await hear(vector);
    expect(answers()).toHaveLength(6);
  },
  async C05(vector) {
    const { hear, answers } = listener();
    await hear(vector);
    expect(answers()).toEqual(['them {"mid":"10001","pong":"MDEyMzQ1"}']);
  },
  async C07(vector) {
    const { hear, answers, member, network } = listener();
    await hear(vector);
    expect(answers()).toEqual([]);
    expect(member.participant.ping("them", network.now)).toBe(false);
    await network.run(61_000);
    expect(member.participant.ping("them", network.now)).toBe(true);
  },
  async "C08-10"(vector) {
    const { hear, answers, member, network } = listener({});
    member.participant.counters.mid = 122;
    member.send("#lab", { ot: "mainfo", src: "a@b", dst: "", v: 1 });
    await network.run(1000);
    await hear(vector);
    const text = '{"mid":"123","o":{"oid":"1000","ot":"mainfo","src":"a@b","dst":"","d":{"v":1}}}';
    expect(answers()).toEqual([`#lab ${text}`, `them ${text}`]);
  },
  async "C08-30"(vector) {
    const { hear, member, network } = listener();
    member.participant.counters.did = 567;
    const said = await saidWith(member, network);
    expect(said.length).toBeGreaterThan(2);
    await hear(vector, 60_000);
    const again = network.saidBy("us").filter(({ target }) => target === "them");
    expect(again.map(({ text }) => text)).toEqual(said);
  },
  async "C09-11"(vector) {
    const { hear, answers, network } = listener();
    network.addStranger("third", "#lab");
    const text = '{"mid":"9","o":{"oid":"7","ot":"x","src":"a@b","dst":"","d":{"v":1}}}';
    network.say("third", "#lab", text);
    await network.run(1000);
    await hear(vector);
    expect(answers()).toEqual(['third {"mid":"10001","ver":"?"}', `them ${text}`]);
  },
  async C10(vector) {
    const { hear, answers, member, network } = listener();
    member.participant.counters.mid = 8;
    member.send("#lab", { ot: "mainfo", src: "a@b", dst: "", v: 1 });
    await network.run(1000);
    await hear(vector, 60_000);
    expect(answers()).toHaveLength(1);
  },
  async C13(vector) {
    const { hear, member, network } = listener({ sign: { privateKey: privateKeyOfSeed(seed) } });
    await hear(vector);
    const [{ text }] = network.saidBy("us");
    const { mid, ver } = JSON.parse(text) as { mid: string; ver: string };
    expect(ver).toBe("0.3.33");
    expect(isSignedBy(publicKeyOfHex(member.participant.publicKey!)!, text, mid, "10000")).toBe(true);
  },
  async M09(vector) {
    const key = privateKeyOfSeed(seed);
    const publicKey = publicKeyOfHex(vector.public_key_hex as string)!;
    expect(publicHexOf(key)).toBe(vector.public_key_hex);
    const mids = vector.messages!.map((text) => (JSON.parse(text) as { mid: string }).mid);
    expect(signMid(key, vector.signed_text_of_first as string)).toBe(mids[0]);
    expect(signMid(key, vector.signed_text_of_second as string)).toBe(mids[1]);
    expect(isSignedBy(publicKey, vector.messages![0], mids[0], "10000")).toBe(true);
    expect(isSignedBy(publicKey, vector.messages![1], mids[1], mids[0])).toBe(true);
    expect(isSignedBy(publicKey, vector.messages![1], mids[1], "10000")).toBe(false);
  },
  async M10(vector) {
    const { hear, member } = listener();
    await hear(vector);
    expect(member.datums).toEqual([]);
    expect(member.faults).toEqual([]);
    const key = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
    expect(member.participant.pendingKeys()).toMatchObject([{ key, nick: "them" }]);
  },
};

test.each([...participantVectors])("vector %s", async (id) => {
  await proofs[id](vectorNamed(id));
});

test("lst with a value that is none, or without an id, is answered by nobody (C10)", () =>
  proofs.C10(vectorNamed("C10")));
