/** Versions and pings as the one who asks (IRC-IoT S-9, S-12, S-13). */
import { describe, expect, test } from "vitest";
import { seededRandom } from "../transports/random.ts";
import { LossyChannel } from "./testing/lossy-channel.ts";

const MINUTE = 60_000;
const DATUM = '{"mid":"1","o":{"oid":"1","ot":"x","src":"","dst":"","d":{"v":1}}}';

function scene() {
  const net = new LossyChannel({ random: seededRandom(1) });
  const us = net.add("us").join("#lab");
  const peer = net.add("peer", {}, { mid: 50_000, oid: 5000, did: 500 }).join("#lab");
  net.addStranger("them", "#lab");
  const { participant } = us;
  const view = (nick: string) => participant.peers().find((one) => one.nick === nick)!;
  return { net, us, peer, participant, view };
}

describe("a ping", () => {
  test("is answered with the same text, and tells how long that took", async () => {
    const { net, participant, view } = scene();
    expect(participant.ping("peer", net.now)).toBe(true);
    await net.run(1000);
    const [ping, pong] = net.said;
    expect(ping).toMatchObject({ from: "us", target: "peer" });
    const { ping: text } = JSON.parse(ping.text) as { ping: string };
    expect(text).toMatch(/^[A-Za-z0-9+/]{8}$/);
    expect(pong.text).toBe(`{"mid":"50001","pong":"${text}"}`);
    expect(view("peer")).toMatchObject({ roundTripMs: 40, missedPings: 0 });
  });

  test("goes out only when the one before was answered or missed", async () => {
    const { net, peer, participant, view } = scene();
    participant.ping("peer", net.now);
    await net.run(1000);
    peer.isMute = true;
    for (let i = 1; i <= 3; i++) {
      expect(participant.ping("peer", net.now)).toBe(true);
      expect(participant.ping("peer", net.now)).toBe(false);
      await net.run(29_000);
      expect(view("peer").missedPings).toBe(i - 1);
      await net.run(6000);
      expect(view("peer").missedPings).toBe(i);
    }
    peer.isMute = false;
    participant.ping("peer", net.now);
    await net.run(1000);
    expect(view("peer").missedPings).toBe(0);
  });

  test("that nobody ever answers is no miss: the reference cannot", async () => {
    const { net, participant, view } = scene();
    participant.ping("them", net.now);
    await net.run(MINUTE);
    expect(view("them")).toMatchObject({ missedPings: 0, roundTripMs: null });
  });

  test("is not answered by a pong with another text, or from somebody else", async () => {
    const { net, peer, participant, view } = scene();
    peer.isMute = true;
    participant.ping("peer", net.now);
    await net.run(1000);
    const { ping } = JSON.parse(net.said[0].text) as { ping: string };
    net.say("peer", "us", '{"mid":"1","pong":"other"}');
    net.say("them", "us", `{"mid":"1","pong":"${ping}"}`);
    await net.run(1000);
    expect(participant.ping("peer", net.now)).toBe(false);
    expect(view("peer").roundTripMs).toBeNull();
    net.say("peer", "us", `{"mid":"1","pong":"${ping}"}`);
    await net.run(1000);
    expect(view("peer").roundTripMs).toBeGreaterThan(0);
  });

  test("waits ever longer for a peer that says it is overloaded", async () => {
    const { net, participant, view } = scene();
    const pausesS: number[] = [];
    for (let i = 0; i < 8; i++) {
      net.say("them", "us", '{"mid":"1","pong":""}');
      await net.run(100);
      pausesS.push(Math.round((view("them").pausedUntil! - net.now) / 1000));
      expect(participant.ping("them", net.now)).toBe(false);
      await net.run(pausesS[i] * 1000);
      expect(participant.ping("them", net.now)).toBe(true);
    }
    expect(pausesS).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600]);
  });

  test("is answered with an empty pong once, when there were too many (S-13)", async () => {
    const { net, peer, view } = scene();
    for (let i = 0; i < 6; i++) net.say("us", "peer", `{"mid":"${i}","ping":"t${i}"}`);
    await net.run(20_000);
    const pongs = net.saidBy("peer").map(({ text }) => (JSON.parse(text) as { pong: string }).pong);
    expect(pongs).toEqual(["t0", "t1", "t2", ""]);
    expect(view("peer").pausedUntil).toBeGreaterThan(net.now);
    expect(peer.participant.counts.pingsAnswered).toBe(4);
  });

  test.each([
    ["too long", `"${"p".repeat(257)}"`],
    ["empty", '""'],
    ["no text", "5"],
  ])("whose text is %s is not answered", async (_, text) => {
    const { net } = scene();
    net.say("them", "us", `{"mid":"1","ping":${text}}`);
    net.say("them", "us", '{"ping":"no mid"}');
    net.say("them", "us", '{"mid":"","ver":"?"}');
    await net.run(MINUTE);
    expect(net.saidBy("us")).toEqual([]);
  });

  test("of 256 characters is answered as it is, quotes and all", async () => {
    const { net } = scene();
    const text = `"\\é${"p".repeat(253)}`;
    net.say("them", "us", JSON.stringify({ mid: "1", ping: text }));
    await net.run(1000);
    expect(JSON.parse(net.saidBy("us")[0].text)).toEqual({ mid: "10001", pong: text });
  });
});

describe("the version", () => {
  test("is asked before the first exchange, of whoever speaks and of whom we speak to", async () => {
    const { net, us, peer } = scene();
    net.say("them", "#lab", DATUM);
    us.send("peer", { ot: "x", src: "", dst: "", v: 1 });
    await net.run(10_000);
    const asked = net.saidBy("us").filter(({ text }) => text.includes('"ver":"?"'));
    expect(asked.map(({ target }) => target)).toEqual(["peer", "them"]);
    net.say("them", "#lab", DATUM.replace('"mid":"1"', '"mid":"2"'));
    us.send("peer", { ot: "x", src: "", dst: "", v: 2 });
    await net.run(20 * MINUTE);
    expect(net.saidBy("us").filter(({ text }) => text.includes('"ver":"?"'))).toHaveLength(2);
    expect(peer.datums.filter(({ source }) => source.channel === null)).toHaveLength(2);
  });

  test("is asked again after a wrong checksum, but not within ten minutes", async () => {
    const { net, us } = scene();
    const wrong = `{"mid":"1","c1":"0000",${DATUM.slice(11)}`;
    for (let i = 0; i < 19; i++) {
      net.say("them", "#lab", wrong);
      await net.run(MINUTE);
    }
    expect(net.saidBy("us")).toHaveLength(2);
    expect(us.datums).toEqual([]);
    expect(us.faults).toHaveLength(19);
  });

  test("that is never told makes a reference bot of whoever speaks", async () => {
    const { net, participant, view } = scene();
    net.say("them", "#lab", DATUM);
    await net.run(MINUTE / 2);
    expect(view("them").profile).toBe("strict");
    await net.run(MINUTE);
    participant.tick(net.now);
    expect(view("them")).toMatchObject({ profile: "pyirciot", version: null });
    net.say("them", "#lab", '{"mid":"3","ver":"0.3.33"}');
    await net.run(1000);
    expect(view("them")).toMatchObject({ profile: "strict", version: "0.3.33" });
    expect(net.saidBy("us")).toHaveLength(1);
  });

  test("that is never told does not keep a Datum from being said under a scheme no reference reads", async () => {
    const net = new LossyChannel({ random: seededRandom(1) });
    const schemes = { scheme: "b85U", keys: { sealing: Buffer.alloc(32, 1) } };
    const us = net.add("us", { schemes });
    net.say("them", "us", DATUM);
    await net.run(2 * MINUTE);
    expect(us.participant.peers()[0].profile).toBe("pyirciot");
    us.send("them", { ot: "x", src: "", dst: "", v: 1 });
    await net.run(1000);
    expect(net.saidBy("us").at(-1)!.text).toContain('"em":"b85U"');
  });
});
