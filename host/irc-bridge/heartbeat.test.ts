import { expect, test } from "vitest";
import type { PeerView } from "../irc-iot/participant-types.ts";
import { silentLog } from "../platform/log.ts";
import { Heartbeat } from "./heartbeat.ts";

const view = (nick: string, more: Partial<PeerView> = {}): PeerView => ({
  ...{ nick, account: null, peer: null, version: null, profile: "strict", isSigned: false, heardAt: 0 },
  ...{ datums: 0, faults: 0, roundTripMs: null, missedPings: 0, pausedUntil: null, ...more },
});

test("who is configured or has answered before is pinged once a minute; strangers are not", () => {
  const pinged: string[] = [];
  const peers = [view("known", { peer: "attic" }), view("pongs", { roundTripMs: 7 }), view("stranger")];
  const heart = new Heartbeat({
    ...{ network: "n", log: silentLog, peers: () => peers },
    ping: (nick) => pinged.push(nick) > 0,
  });
  heart.beat(0);
  heart.beat(59_999);
  expect(pinged).toEqual(["known", "pongs"]);
  heart.beat(60_000);
  expect(pinged).toHaveLength(4);
  expect(heart.deadline).toBe(120_000);
});

test("three pings without an answer are told once, and so is the first answer after them", () => {
  const told: string[] = [];
  const note = (_: object, text: string) => void told.push(text);
  const log = { ...silentLog, warn: note, info: note };
  const heart = new Heartbeat({ network: "n", log, peers: () => [], ping: () => true });
  for (const missedPings of [1, 2, 3, 4]) heart.look(view("attic", { missedPings }));
  expect([told, heart.silentNicks]).toEqual([["an IRC-IoT peer has not answered 3 pings"], ["attic"]]);
  heart.look(view("attic"));
  expect([told.length, heart.silentNicks]).toEqual([2, []]);
  heart.look(view("attic", { missedPings: 3 }));
  heart.gone("attic");
  expect(heart.silentNicks).toEqual([]);
});
