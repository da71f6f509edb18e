/** Answers whose network is configured no more, of what was refused, and to whoever looks something up or asks in a channel. */
import { expect, test } from "vitest";
import type { Datum } from "../irc-iot/datum.ts";
import { Registry } from "../irc-iot/registry.ts";
import { silentLog } from "../platform/log.ts";
import type { RecordChange } from "../store/store.ts";
import { Addresses } from "./addresses.ts";
import type { Answer } from "./answers.ts";
import { Replies } from "./replies.ts";

const speaker = { network: "lab", nick: "ann", user: "ann", host: "", account: null };
const ask = {
  ...{ network: "lab", nick: "ann", channel: "#lab", who: "ann", device: "sim-1" },
  style: "datum" as const,
  ...{ message: { ot: "l:led" }, re: 17, src: "", dst: "ann@phone", deadline: 1, addedAt: 0 },
};

function make(isThere = true) {
  const said: string[] = [];
  const audited: string[] = [];
  const kept: Answer[] = [];
  const stored: RecordChange[][] = [];
  const network = {
    sayDatumsOnce: (target: string, datums: readonly Datum[]) =>
      said.push(`${target} ${datums.map(({ ot }) => ot)}`),
    sayOnce: (target: string, text: string) => said.push(`${target} ${text}`),
    kept: {
      answers: {
        keep: (answer: Answer, _: RecordChange[], onKept: () => void) => {
          kept.push(answer);
          onKept();
        },
      },
    },
    wake: () => said.push("woken"),
  };
  const replies = new Replies({
    registry: new Registry({ boards: [], types: [] }),
    addresses: new Addresses("kitchen", "bowline@kitchen"),
    audit: { ended: (_: object, what: string) => () => void audited.push(what) } as never,
    clock: { now: () => 0, wall: () => 0 },
    log: silentLog,
    store: {
      keep: (changes: RecordChange[], onKept: () => void) => {
        stored.push(changes);
        onKept();
      },
    } as never,
    networkOf: () => (isThere ? (network as never) : undefined),
    isOperator: async () => false,
  });
  return { replies, network, said, audited, kept, stored };
}

test("of a network that is configured no more nobody is told, and the request is over all the same", async () => {
  const { replies, said, audited, kept, stored } = make(false);
  const changes = [{ key: "x", value: null }];
  let isOver = false;
  replies.answer(ask, { outcome: "cancelled" }, changes, () => {
    isOver = true;
  });
  expect([isOver, stored, kept, audited]).toEqual([true, [changes], [], []]);
  await replies.tell({ from: speaker, channel: null, text: "!status" }, ["fine"]);
  replies.answerLookup(speaker, []);
  expect(said).toEqual([]);
});

test("what was refused is audited as refused once its answer is kept, and a program hears it in private, from the gateway", () => {
  const { replies, said, audited, kept } = make();
  const refusal = { refused: "DEVICE_UNKNOWN", reason: "no board sim-1" };
  replies.answer(ask, refusal, [], () => said.push("kept"));
  expect(kept).toMatchObject([
    {
      ...{ target: "ann", isChannel: false, texts: [] },
      datums: [{ ot: "l:led", src: "bowline@kitchen", dst: "ann@phone", re: 17, code: "DEVICE_UNKNOWN" }],
    },
  ]);
  expect([said, audited]).toEqual([["kept", "woken"], ["refused: DEVICE_UNKNOWN"]]);
});

test("in a channel three lines are said, the last of them that there are more; in private more of them", async () => {
  const { replies, said } = make();
  const texts = Array.from({ length: 5 }, (_, i) => `sim-${i}`);
  await replies.tell({ from: speaker, channel: "#lab", text: "" }, texts);
  expect(said.splice(0)).toEqual(["#lab sim-0", "#lab sim-1", "#lab … and 3 more: ask in private"]);
  await replies.tell({ from: speaker, channel: null, text: "" }, texts);
  expect(said).toEqual(texts.map((text) => `ann ${text}`));
});

test("who looks things up is answered in private, until it is too much", () => {
  const { replies, said } = make();
  const datum = { ot: "a:b", src: "bowline@kitchen", dst: "ann@phone", t: "", re: 1 } as unknown as Datum;
  for (let i = 0; i < 20; i++) replies.answerLookup(speaker, [datum]);
  expect(new Set(said)).toEqual(new Set(["ann a:b"]));
  expect(said.length).toBeLessThan(20);
  expect(replies.silenced).toBe(20 - said.length);
});

test("what a stranger would have repeated at length is not answered", () => {
  const { replies, said } = make();
  const datum = { ot: "l:led", src: "ann@phone", dst: "sim-1@kitchen" };
  const refusal = { refused: "NOT_PROVED", reason: "only for operators" };
  const long = "x".repeat(129);
  replies.refuse(speaker, { ...datum, ot: long }, 7, refusal);
  replies.refuse(speaker, { ...datum, dst: long }, 7, refusal);
  replies.refuse(speaker, datum, long, refusal);
  expect(said).toEqual([]);
  replies.refuse(speaker, datum, "x".repeat(128), refusal);
  expect(said).toEqual(["ann l:led"]);
});

test("a fault of ours in what is answered is not taken for what cannot be said", () => {
  const { replies, network } = make();
  network.sayDatumsOnce = () => {
    throw new TypeError("x is undefined");
  };
  expect(() => replies.answerLookup(speaker, [])).toThrow("x is undefined");
});

test("in words, who asked in a channel is named, with the number and what became of it", () => {
  const { replies, kept } = make();
  replies.answer({ ...ask, style: "words" }, { outcome: "cancelled" }, [], () => {});
  expect(kept).toMatchObject([
    { target: "#lab", isChannel: true, texts: ["ann: sim-1 led (17): cancelled"] },
  ]);
});

test("a Datum without a number or an address is answered without one, from ours", () => {
  const { replies, kept } = make();
  replies.answer({ ...ask, re: null }, { outcome: "cancelled" }, [], () => {});
  expect(kept[0].datums).toMatchObject([{ src: "bowline@kitchen", dst: "ann@phone", re: "" }]);
});

test("more than one may hear at once is cut, and in private it is not said to ask there", async () => {
  const { replies, said } = make();
  const texts = Array.from({ length: 14 }, (_, i) => `line ${i}`);
  await replies.tell({ from: speaker, channel: null, text: "!devices" }, texts);
  expect([said.length, said.at(-1)]).toEqual([12, "ann … and 3 more"]);
});
