import { describe, expect, test } from "vitest";
import type { Datum } from "../irc-iot/datum.ts";
import { lookupFor, lookupOf } from "../irc-iot/lookup.ts";
import { Registry } from "../irc-iot/registry.ts";
import { silentLog } from "../platform/log.ts";
import { Addresses } from "./addresses.ts";
import { TypeLookups } from "./type-lookups.ts";

const speaker = { network: "lab", nick: "ann", user: "ann", host: "phone", account: null };
const asked = (fields: { ot: string }, dst = ""): Datum => ({ ...fields, src: "ann@phone", dst, rq: "7" });

function make(readers: "anyone" | "operators" = "anyone", isOperator = false) {
  const registry = new Registry({ boards: ["*@kitchen"], types: [] });
  const answers: Datum[] = [];
  const lookups = new TypeLookups({
    ...{ registry, readers, addresses: new Addresses("kitchen", "bowline@kitchen") },
    clock: { now: () => 0 },
    log: silentLog,
    desk: { identify: async () => (isOperator ? ({ name: "ann" } as never) : null) },
    devices: () => ["sim-1", "attic/sim-2"],
    answer: (_, datums) => answers.push(...datums),
  });
  const take = async (datum: Datum, channel: string | null = "#lab") => {
    lookups.take(datum, { speaker, channel, identity: { key: null } });
    await new Promise(setImmediate);
    return answers.splice(0).map(({ src }) => src);
  };
  return { registry, lookups, take };
}

describe("a lookup over IRC", () => {
  test("of a board of ours is answered in its name, to everybody's question and to its own", async () => {
    const { take } = make();
    expect(await take(asked(lookupOf("sim-1@kitchen")))).toEqual(["sim-1@kitchen"]);
    expect(await take(asked(lookupOf("sim-1@kitchen", "l:led"), "sim-1@kitchen"))).toEqual(["sim-1@kitchen"]);
    expect(await take(asked(lookupFor("l:led"), "bowline@kitchen"))).toEqual(["bowline@kitchen"]);
  });

  test("to somebody else, or of what is not ours, is not", async () => {
    const { take } = make();
    expect(await take(asked(lookupOf("sim-1@kitchen"), "gw@attic"))).toEqual([]);
    expect(await take(asked(lookupOf("sim-9@kitchen")))).toEqual([]);
  });

  test("of a board behind us is answered in private; in a channel its own gateway does", async () => {
    const { take } = make();
    expect(await take(asked(lookupOf("sim-2@attic")))).toEqual([]);
    expect(await take(asked(lookupOf("sim-2@attic")), null)).toEqual(["sim-2@attic"]);
  });

  test("is for operators alone where irc.readers says so", async () => {
    expect(await make("operators").take(asked(lookupOf("sim-1@kitchen")))).toEqual([]);
    expect(await make("operators", true).take(asked(lookupOf("sim-1@kitchen")))).toEqual(["sim-1@kitchen"]);
  });
});

test("an answer teaches what a robot says of itself, and is not answered", async () => {
  const { registry, lookups, take } = make();
  const d = {
    ot: "l:mood",
    meaning: "of the cat",
    items: [{ name: "v", kind: "number", meaning: "purrs", unit: "/min" }],
  };
  const answer = { ot: "answer", src: "cat@sofa", dst: "", a: [{ a1: "cat@sofa", ot: "l:mood", d }] };
  expect(lookups.isOne(answer)).toBe(true);
  expect(await take(answer)).toEqual([]);
  expect(registry.describe("l:mood", "cat@sofa")).toEqual(d);
});

test("nobody teaches us what our own boards say, or we do", async () => {
  const { registry, take } = make();
  const d = { ot: "l:mood", meaning: "forged" };
  for (const src of ["sim-1@kitchen", "nobody@kitchen", "bowline@kitchen"]) {
    await take({ ot: "answer", src, dst: "", a: [{ a1: src, ot: "l:mood", d }] });
    expect(registry.describe("l:mood", src)).toBeUndefined();
  }
});

test("a flood of lookups is answered a few times, by whomever it comes", async () => {
  const { lookups, take } = make();
  let answered = 0;
  for (let i = 0; i < 100; i++)
    answered += (await take({ ...asked(lookupOf("sim-1@kitchen")), src: `ann${i}@phone` })).length;
  expect(answered).toBe(6);
  expect(lookups.isOne(asked(lookupOf("x")))).toBe(true);
});

test("a number or an address as long as a book is not repeated", async () => {
  const { take } = make();
  expect(await take({ ...asked(lookupOf("sim-1@kitchen")), src: "x".repeat(10_000) })).toEqual([]);
});
