/** What who asks over a broker is told of each end that a request can have, and of what is no request at all. */
import type { IPublishPacket } from "mqtt-packet";
import { beforeEach, expect, test } from "vitest";
import type { Outcome } from "../peers/request-book.ts";
import { silentLog } from "../platform/log.ts";
import { RequestDesk } from "./request-desk.ts";
import { Topics } from "./topics.ts";

let said: { topic: string; body: unknown }[];
let answer: () => Promise<{ outcome: Promise<Outcome> }>;
let desk: RequestDesk;

beforeEach(() => {
  said = [];
  desk = new RequestDesk({
    topics: new Topics("bowline", "gw1"),
    wall: () => 0,
    log: silentLog,
    router: { submit: () => answer(), cancel: () => false },
    requests: {
      byKey: () => undefined,
      view: () => undefined,
      asks: () => false,
      whenAccepted: async () => {},
      outcome: () => undefined,
    },
    answer: ({ topic, payload }) => said.push({ topic, body: JSON.parse(payload.toString()) }),
  });
});

function hear(topic: string, payload = '{"ot":"l:led","timeoutS":5}'): void {
  const packet = { cmd: "publish", topic, payload: Buffer.from(payload), qos: 1, dup: false, retain: false };
  desk.hear(packet as IPublishPacket);
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test.each([
  [
    { outcome: "expired" },
    "l:led to a: not sent within 5 s, and never will be: the board was not there, or took nothing",
    "REQUEST_EXPIRED",
  ],
  [
    { outcome: "expired", reason: "gw2 gave it up" },
    "l:led to a: not sent within 5 s, and never will be: gw2 gave it up",
    "REQUEST_EXPIRED",
  ],
  [
    { outcome: "unknown", reason: "its session ended" },
    "l:led to a: it may or may not have been done: its session ended",
    "REQUEST_UNKNOWN",
  ],
  [{ outcome: "cancelled" }, "l:led to a: cancelled", "REQUEST_CANCELLED"],
  [
    { outcome: "rejected", code: "NO_ROUTE", reason: "gw2 knows no a" },
    "l:led to a: refused on the way there: gw2 knows no a",
    "NO_ROUTE",
  ],
])("%o", async (outcome, err, code) => {
  answer = async () => ({ outcome: Promise.resolve(outcome as Outcome) });
  hear("bowline/gw1/a/request");
  await turn();
  expect(said).toEqual([{ topic: "bowline/gw1/a/reply", body: { err, code } }]);
});

test.each([
  ["an error without a code", new Error("the disk is gone"), "the disk is gone"],
  ["what is no error", "odd", "odd"],
])("%s is told as what failed", async (_, error, err) => {
  answer = () => Promise.reject(error);
  hear("bowline/gw1/a/request");
  await turn();
  expect(said).toEqual([{ topic: "bowline/gw1/a/reply", body: { err, code: "REQUEST_FAILED" } }]);
});

test("what is said where nobody asks, and an empty word that removes what was kept, ask nothing", async () => {
  answer = () => Promise.reject(new Error("asked"));
  for (const topic of ["bowline/gw2/a/request", "bowline/gw1/a/state", "bowline/gw1/a/request/more"])
    hear(topic);
  hear("bowline/gw1/a/request", "");
  await turn();
  expect(said).toEqual([]);
});
