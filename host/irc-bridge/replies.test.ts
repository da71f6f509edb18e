import { describe, expect, test } from "vitest";
import { Packer } from "../irc-iot/pack.ts";
import { Registry } from "../irc-iot/registry.ts";
import { silentLog } from "../platform/log.ts";
import { Addresses } from "./addresses.ts";
import type { Answer } from "./answers.ts";
import { Replies } from "./replies.ts";

const speaker = { network: "lab", nick: "ann", user: "ann", host: "phone", account: null };

/** Replies over a network that packs as the real one does, with the room of a line. */
function make() {
  const said: string[] = [];
  const time = { now: 0 };
  const packer = new Packer({ mid: 1, oid: 1, did: 1 });
  const network = {
    sayDatumsOnce: (target: string, datums: []) => {
      for (const { tail } of packer.pack(datums, 400, { scheme: "b85z", profile: "strict", checksum: "" }))
        said.push(`${target} ${tail}`);
    },
    sayOnce: (target: string, text: string) => said.push(`${target} ${text}`),
    kept: { answers: { keep: ({ target, texts }: Answer) => said.push(`${target} ${texts}`) } },
  };
  const replies = new Replies({
    registry: new Registry({ boards: [], types: [] }),
    addresses: new Addresses("kitchen", "bowline@kitchen"),
    audit: { ended: () => () => {} } as never,
    clock: { now: () => time.now, wall: () => 0 },
    log: silentLog,
    store: {} as never,
    networkOf: () => network as never,
    isOperator: async ({ nick }) => nick === "olga",
  });
  return { replies, said, time };
}

const refusal = { refused: "NOT_PROVED", reason: "only for operators" };

test("who is refused is told so, in private", () => {
  const { replies, said } = make();
  replies.refuse(speaker, { ot: "l:led", src: "ann@phone", dst: "sim-1@kitchen" }, 7, refusal);
  expect(said).toEqual([
    expect.stringMatching(/^ann .*"re":7,"err":"only for operators","code":"NOT_PROVED"/),
  ]);
});

test("a stranger's Datum that nothing can be answered to ends nothing", () => {
  const { replies, said } = make();
  const noise = Array.from({ length: 60_000 }, (_, i) =>
    String.fromCharCode(0x4e00 + ((i * 7919 + ((i * i) % 4093)) % 20_000)),
  );
  expect(() =>
    replies.refuse(speaker, { ot: "l:led", src: noise.join(""), dst: "sim-1@kitchen" }, 7, refusal),
  ).not.toThrow();
  expect(said).toEqual([]);
});

test("however many ask, and from wherever, what they are told leaves room for what boards say", () => {
  const { replies, said, time } = make();
  const texts = Array.from({ length: 12 }, (_, i) => `sim-${i}: has said nothing yet`);
  const ask = (hosts: number) => {
    said.length = 0;
    for (let i = 0; i < hosts; i++)
      void replies.tell({ from: { ...speaker, host: `h${time.now}.${i}` }, channel: null, text: "" }, texts);
    return said.length;
  };
  expect(ask(100)).toBe(36);
  expect(replies.silenced).toBe(97);
  // Fifteen a minute, of which six were said ahead; an answer is whole.
  time.now = 60_000;
  expect(ask(100)).toBe(12);
  time.now = 3_600_000;
  expect(ask(100)).toBe(36);
});

test("who asks and asks is told once that it was much; an operator is answered", async () => {
  const { replies, said } = make();
  for (let i = 0; i < 9; i++) await replies.tell({ from: speaker, channel: null, text: "!status" }, ["fine"]);
  expect(said).toEqual([
    ...Array(6).fill("ann fine"),
    "ann that was many questions: one in 10 s is answered now",
  ]);
  said.length = 0;
  const olga = { ...speaker, nick: "olga", host: "desk" };
  for (let i = 0; i < 20; i++) await replies.tell({ from: olga, channel: "#lab", text: "!status" }, ["fine"]);
  expect(said).toEqual(Array(20).fill("#lab fine"));
});

test("however long a type is that somebody asked, what became of it is told, and a failure as one", () => {
  const { replies, said } = make();
  const ask = {
    network: "lab",
    nick: "ann",
    channel: null,
    who: "ann",
    device: "sim-1",
    style: "words",
  } as const;
  const answer = (ot: string, fields: object) => {
    const document = { ...ask, message: { ot }, re: 17, src: "", dst: "", deadline: 1, addedAt: 0 };
    replies.answer(document, { outcome: "delivered", reply: { re: 1, ...fields } }, [], () => {});
    return said.splice(0);
  };
  for (const length of [1, 300, 345, 400, 4000]) {
    const ot = `l:${"x".repeat(length)}`;
    const head = `sim-1 ${"x".repeat(length)}`;
    const about = length === 1 ? head : `${head.slice(0, 124)} …`;
    expect(answer(ot, {})).toEqual([`ann ${about}: done`]);
    expect(answer(ot, { err: "the board does not know it" })).toEqual([
      `ann ${about}: error: the board does not know it`,
    ]);
  }
});

describe("that it was much", () => {
  /** `times` questions of each of `hosts`, at once. -> what they are told. */
  const ask = async ({ replies, said }: ReturnType<typeof make>, hosts: string[], times: number) => {
    said.length = 0;
    const questions = hosts.flatMap((host) =>
      Array.from({ length: times }, () => ({ ...speaker, nick: host, host })),
    );
    await Promise.all(
      questions.map((from) => replies.tell({ from, channel: null, text: "!status" }, ["fine"])),
    );
    return said.splice(0);
  };
  const hosts = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}${i}`);
  const isMuch = (line: string) => line.includes("that was many questions");

  test("is one of the lines that all are told together", async () => {
    const one = make();
    const told: string[] = [];
    for (const host of hosts("h", 10)) told.push(...(await ask(one, [host], 7)));
    expect([told.length, told.filter(isMuch).length]).toEqual([30, 4]);
  });

  test("is not told where all together had what there is, to nobody who had rested", async () => {
    const one = make();
    for (const host of hosts("old", 60)) {
      one.time.now += 60_000;
      expect(await ask(one, [host], 6)).toHaveLength(6);
    }
    one.time.now += 3_600_000;
    expect(await ask(one, hosts("new", 5), 6)).toHaveLength(30);
    expect(await ask(one, hosts("old", 60), 1)).toEqual([]);
  });

  test("is not told to more than there is for, who ask at the same time", async () => {
    const one = make();
    expect(await ask(one, hosts("h", 4), 6)).toHaveLength(24);
    expect(await ask(one, ["last"], 5)).toHaveLength(5);
    expect((await ask(one, hosts("h", 4), 1)).map(isMuch)).toEqual([true]);
  });
});
