import { describe, expect, test } from "vitest";
import type { Datum } from "../irc-iot/datum.ts";
import { lookupFor, lookupOf } from "../irc-iot/lookup.ts";
import { Registry } from "../irc-iot/registry.ts";
import { Addresses } from "./addresses.ts";
import { TypeLookups } from "./type-lookups.ts";

const speaker = { network: "lab", nick: "ann", user: "ann", host: "phone", account: null };
const asked = (fields: { ot: string }, dst = ""): Datum => ({ ...fields, src: "ann@phone", dst, rq: "7" });

function make(readers: "anyone" | "operators" = "anyone", isOperator = false) {
  const registry = new Registry({ boards: ["*@kitchen"], types: [] });
  const answers: Datum[] = [];
  const lookups = new TypeLookups({
    ...{ registry, readers, addresses: new Addresses("kitchen", "bowline@kitchen") },
    desk: { identify: async () => (isOperator ? ({ name: "ann" } as never) : null) },
    devices: () => ["sim-1", "attic/sim-2"],
    answer: (_, datums) => answers.push(...datums),
  });
  const take = async (datum: Datum, channel: string | null = "#lab") => {
    await lookups.take(datum, { speaker, channel, identity: { key: null } });
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
