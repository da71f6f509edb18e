/** Messages as Datums and back: fields keep their names, and none becomes what it is not. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { datumOfMessage, fieldsOfReply, messageOfDatum } from "./datum-content.ts";

const told = { src: "sim-1@kitchen", detail: "full", fields: [] } as const;
const of = (message: Record<string, unknown>) =>
  datumOfMessage({ n: 7, device: "sim-1", epoch: "e", seq: 1, at: 1_795_301_705_120, message }, told);

test("fields that mean something to IRC-IoT or to us travel with an underscore", () => {
  expect(of({ ot: "l:x", src: 1, n: 2, _n: 3, err: 4, v: { src: 5 } })).toEqual({
    ...{ ot: "l:x", src: "sim-1@kitchen", dst: "", t: "2026-11-21 22:55:05.120" },
    ...{ _src: 1, _n: 2, __n: 3, _err: 4, v: { src: 5 }, n: 7 },
  });
  expect(fieldsOfReply({ re: 1, ot: "l:x", err: "no", code: 5, on: true })).toEqual({
    err: "no",
    _code: 5,
    on: true,
  });
});

test("a message without a type has one", () => {
  for (const message of [{ v: 1 }, { ot: "", v: 1 }, { ot: 7, v: 1 }])
    expect(of(message)).toMatchObject({ ot: "l:message", v: 1 });
});

test("what a board is asked has the fields that were meant for it, under their names", () => {
  const datum = { ot: "l:x", src: "a", dst: "b", t: "now", rq: 1, key: "k", _n: 2, __n: 3, _v: 4, v: 5 };
  expect(messageOfDatum(datum)).toEqual({ ot: "l:x", n: 2, _n: 3, _v: 4, v: 5 });
});

test("any message comes back as it was, its type and time aside", () => {
  const names = fc.oneof(
    fc.string(),
    fc.constantFrom("src", "_src", "n", "__proto__", "constructor", "_", "did", "rq"),
  );
  fc.assert(
    fc.property(fc.dictionary(names, fc.jsonValue(), { noNullPrototype: true }), (message) => {
      const { ot: _ot, t: _t, ...rest } = message;
      const { ot: _, ...back } = messageOfDatum(of({ ...rest, ot: "l:x" }));
      expect(Object.entries(back)).toEqual(Object.entries(rest));
    }),
    { numRuns: 500, seed: 7 },
  );
});
