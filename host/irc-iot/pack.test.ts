/** Packing, beside a naive packer that tries every number of Datums and writes each line anew. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Datum } from "./datum.ts";
import { FaultCode } from "./fault-code.ts";
import { formatAscii } from "./json-text.ts";
import { defaultLimits } from "./limits.ts";
import { decodeMessage } from "./message.ts";
import { Packer, type PackOptions } from "./pack.ts";
import { datum, datums, SEED } from "./testing/arbitraries.ts";
import { textsOf } from "./testing/codec-run.ts";

const plainly: PackOptions = { scheme: "b85z", profile: "strict", checksum: "" };
const counters = () => ({ mid: 10_000, oid: 1000, did: 100 });

/** A Container of all of these, written whole. */
function naiveText(group: readonly Datum[], mid: number, oid: number): string {
  const shared = (field: "src" | "dst") => group.every((one) => one[field] === group[0][field]);
  const kept = (one: Datum) =>
    Object.fromEntries(
      Object.entries(one).filter(
        ([key]) => key !== "ot" && !(key === "src" && shared("src")) && !(key === "dst" && shared("dst")),
      ),
    );
  const object: Record<string, unknown> = { oid: String(oid), ot: group[0].ot };
  if (shared("src")) object.src = group[0].src;
  if (shared("dst")) object.dst = group[0].dst;
  object.d = group.length === 1 ? kept(group[0]) : group.map(kept);
  return formatAscii({ mid: String(mid), o: object });
}

/** Small ones alone: a run of a type shares an oid, and each line takes as many as fit. */
function naivePack(given: readonly Datum[], budget: number): string[] {
  const texts: string[] = [];
  let oid = 1000;
  for (let from = 0; from < given.length; ) {
    let to = from + 1;
    const textTo = (end: number) => naiveText(given.slice(from, end), 10_001 + texts.length, oid);
    while (to < given.length && given[to].ot === given[from].ot && textTo(to + 1).length <= budget) to++;
    texts.push(textTo(to));
    if (to < given.length && given[to].ot !== given[from].ot) oid++;
    from = to;
  }
  return texts;
}

test("small Datums are packed as the naive packer does, byte by byte", () => {
  const small = datum.filter((one) => naiveText([one], 10_001, 1000).length <= 300);
  fc.assert(
    fc.property(
      fc.array(small, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 300, max: 700 }),
      (given, budget) => {
        const lines = new Packer(counters()).pack(given, budget, plainly);
        expect(textsOf(lines, 10_000)).toEqual(naivePack(given, budget));
      },
    ),
    { numRuns: 400, seed: SEED },
  );
});

test("at every budget a line takes exactly what fits", () => {
  const readings = Array.from({ length: 12 }, (_, i) => ({
    ...{ ot: "l:telemetry", src: i < 7 ? "sim-1@kitchen" : "sim-2@kitchen", dst: i % 5 === 0 ? "" : "x" },
    ...(i === 3 ? {} : { n: i, v: 10 ** i }),
  }));
  for (let budget = 120; budget < 500; budget++)
    expect(textsOf(new Packer(counters()).pack(readings, budget, plainly), 10_000)).toEqual(
      naivePack(readings, budget),
    );
});

test("a Datum that fits exactly is whole, one byte less and it is in fragments", () => {
  const one = { ot: "mainfo", src: "a@b", dst: "", v: "x".repeat(200) };
  const { length } = naiveText([one], 10_001, 1000);
  const didAt = (budget: number) => new Packer(counters()).pack([one], budget, plainly)[0].did;
  expect([didAt(length), didAt(length - 1)]).toEqual([null, "100"]);
});

test("what is refused moves no counter, whatever stands before it", () => {
  const wrong = fc.constantFrom<Record<string, unknown>>(
    { ot: "x", src: "" },
    { ot: "", src: "", dst: "" },
    { src: "", dst: "" },
    { ot: "x".repeat(257), src: "", dst: "" },
    { ot: "x", src: "", dst: "", t: null },
    { ot: "x", src: "", dst: "", t: { at: 5 } },
    { ot: "x", src: "", dst: 5 },
    { ot: "x", src: "", dst: "", v: Number.NaN },
    { ot: "x", src: "", dst: "", v: [2 ** 53] },
    { ot: "x", src: "", dst: "", v: new Date(0) },
    { ot: "x", src: "", dst: "", v: 1n },
  );
  fc.assert(
    fc.property(datums, wrong, (given, last) => {
      const now = counters();
      expect(() => new Packer(now).pack([...given, last as unknown as Datum], 440, plainly)).toThrow(
        expect.objectContaining({ code: FaultCode.INVALID_MESSAGE }),
      );
      expect(now).toEqual(counters());
    }),
    { numRuns: 100, seed: SEED },
  );
});

describe("fragments", () => {
  const big = (size: number): Datum => ({
    ...{ ot: "mainfo", src: "a@b", dst: "" },
    v: Buffer.from(Array.from({ length: size }, (_, i) => (i * i * 31 + i) & 255)).toString("base64"),
  });

  test("leave no room in any line but the last, for ids of any length", () => {
    for (const id of [1, 99, 12_345, 1_234_567_890]) {
      const lines = new Packer({ mid: id, oid: id, did: id }).pack([big(3000)], 440, plainly);
      for (const { maxBytes } of lines.slice(0, -1)) expect(maxBytes).toBe(440);
    }
  });

  test("to the reference are at least two, and do not name their scheme, which it does not read", () => {
    const one = { ot: "mainfo", src: "a@b", dst: "", v: "x".repeat(800) };
    const ofStrict = new Packer(counters()).pack([one], 440, plainly);
    const ofReference = new Packer(counters()).pack([one], 440, { ...plainly, profile: "pyirciot" });
    expect(ofStrict).toHaveLength(1);
    expect(ofStrict[0].tail).toContain('"em":"b85z"');
    expect(ofReference).toHaveLength(2);
    expect(ofReference[1].bc - ofReference[1].bp).toBe(1);
    expect(ofReference[0].tail).not.toContain('"em"');
  });

  test.each([
    ["it's", "quotes"],
    ['say "x"', "quotes"],
    ["a\nb", "escapes"],
    ["Кухня", "escapes"],
  ])("to the reference with %j inside carry a warning", (v, word) => {
    const its = { ...big(900), w: v };
    const options = { ...plainly, profile: "pyirciot" as const };
    for (const { warning } of new Packer(counters()).pack([its], 440, options))
      expect(warning).toContain(word);
    expect(new Packer(counters()).pack([big(900)], 440, options)[0]).not.toHaveProperty("warning");
    expect(new Packer(counters()).pack([its], 440, plainly)[0]).not.toHaveProperty("warning");
  });

  test.each(["b32z", "b85U"])("to the reference are refused in %s", (scheme) => {
    const keys = { sealing: Buffer.alloc(32) };
    const pack = () =>
      new Packer(counters()).pack([big(900)], 440, { ...plainly, scheme, keys, profile: "pyirciot" });
    expect(pack).toThrow(expect.objectContaining({ code: FaultCode.SCHEME }));
  });

  test("carry what would be taken for one of them: a Datum with a field ed", () => {
    const lines = new Packer(counters()).pack(
      [{ ot: "x", src: "", dst: "", ed: "abc", bc: 3 }],
      440,
      plainly,
    );
    expect(lines).toMatchObject([{ did: "100" }]);
    const plain = { ot: "x", src: "", dst: "", v: 1 };
    const group = new Packer(counters()).pack([plain, { ...plain, ed: "abc" }, plain], 440, plainly);
    expect(group.map(({ did, indexes }) => [did, indexes])).toEqual([
      [null, [0]],
      ["100", [1]],
      [null, [2]],
    ]);
  });

  test("too many for any receiver, or a line too short for one, are refused", () => {
    const pack =
      (size: number, budget: number, options = plainly) =>
      () =>
        new Packer(counters()).pack([big(size)], budget, options);
    expect(pack(80_000, 440, { ...plainly, scheme: "b85p" })).toThrow(
      expect.objectContaining({ code: FaultCode.LENGTH_EXCEEDED }),
    );
    expect(pack(900, 80)).toThrow(expect.objectContaining({ code: FaultCode.LENGTH_EXCEEDED }));
  });

  test("each Datum has a did of its own, and an oid", () => {
    const now = counters();
    const lines = new Packer(now).pack(
      [big(900), big(901), { ot: "mainfo", src: "", dst: "", v: 1 }],
      440,
      plainly,
    );
    const ids = [...new Set(lines.map(({ oid, did }) => `${oid}/${did}`))];
    expect(ids).toEqual(["1000/100", "1001/101", "1002/null"]);
    expect(now).toEqual({ mid: 10_000, oid: 1003, did: 102 });
  });
});

test("a sealing scheme shows nothing of a Datum, however small it is", () => {
  const its = { ot: "x", src: "secret@place", dst: "", v: "secret" };
  const keys = { sealing: Buffer.alloc(32) };
  const [{ tail }] = new Packer(counters()).pack([its], 440, { ...plainly, scheme: "b85U", keys });
  expect(tail).not.toContain("secret");
});

test.each(["c1", "c2"] as const)("%s is right under every mid, and wrong for any other text", (checksum) => {
  const [{ head, tail }] = new Packer(counters()).pack([{ ot: "x", src: "", dst: "", v: 12 }], 440, {
    ...plainly,
    checksum,
  });
  const checkOf = (text: string) => {
    const decoded = decodeMessage(text, defaultLimits);
    return "code" in decoded ? decoded.code : decoded.containers[0].checksum;
  };
  for (const mid of ["1", "10001", "ed+/x"]) expect(checkOf(head + mid + tail)).toBe("right");
  expect(checkOf(`${head}1${tail.replace("12", "13")}`)).toBe("wrong");
  expect(checkOf(`${head}1${tail.replace('"v":', '"v": ')}`)).toBe("wrong");
});
