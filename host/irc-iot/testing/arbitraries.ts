/** Random Datums, as boards and strangers make them: nested, empty, in any script, small and far too big for a line. */
import fc from "fast-check";
import type { Datum } from "../datum.ts";

/** `SEED=7 npx vitest run host/irc-iot` for another run; fast-check names it when a run fails. */
export const SEED = Number(process.env.SEED ?? 1);

const TWO_TO_53 = 2 ** 53;

/** All that our numbers carry. */
const number = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .filter((value) => !Number.isInteger(value) || Math.abs(value) < TWO_TO_53 || Math.abs(value) >= 1e21);

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ maxLength: 40 }),
  fc.constantFrom("", '"', "\\", "'", "\n", "\u2028", "\u007f", "\ud800", "Кухня", "\0"),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    number,
    text,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(keyOf(), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** Ids of a Datum of its own are set apart; `__proto__` in the place of a key is no key in JavaScript. */
function keyOf() {
  return fc
    .oneof(fc.constantFrom("v", "t1", "ed2", "name", "d", "mid", "o", "did"), text)
    .filter((key) => !["ot", "src", "dst", "t", "ed", "__proto__"].includes(key));
}

const address = fc.constantFrom("", "MP714@Kitchen/co2", "a@b", "sim-1@kitchen", "maiengine");
const ot = fc.constantFrom("mainfo", "l:telemetry", "maicmd");
/** Of any size up to many lines, and hard to compress. */
const bulk = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.base64String({ minLength: 200, maxLength: 2000 }) },
);

export const datum: fc.Arbitrary<Datum> = fc
  .tuple(
    ot,
    address,
    address,
    fc.dictionary(keyOf(), value, { maxKeys: 4, noNullPrototype: true }),
    bulk,
    fc.boolean(),
  )
  .map(([type, src, dst, fields, big, isTimed]) => ({
    ...(isTimed ? { t: "2026-01-02 03:04:05.000006" } : {}),
    ...fields,
    ot: type,
    src,
    dst,
    ...(big === undefined ? {} : { bulk: big }),
  }));

/** Neighbours often share their type and addresses. */
export const datums = fc.array(fc.oneof(datum, datum.map(plainOf)), { minLength: 1, maxLength: 8 });

function plainOf(one: Datum): Datum {
  return { ...one, ot: "mainfo", src: "sim-1@kitchen", dst: "" };
}
