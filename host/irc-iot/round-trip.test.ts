/** Any Datums through any lines, in any order, lost and repeated: each comes once and whole. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Datum } from "./datum.ts";
import { Packer, type PackOptions, type Unsent } from "./pack.ts";
import { datums, SEED } from "./testing/arbitraries.ts";
import { Listener, textsOf } from "./testing/codec-run.ts";

const keys = { sealing: Buffer.alloc(32, 1) };
const options: fc.Arbitrary<PackOptions> = fc.oneof(
  fc.record({
    scheme: fc.constantFrom("b32p", "b64p", "b85p", "b32z", "b64z", "b85z", "b85U"),
    profile: fc.constant("strict" as const),
    checksum: fc.constantFrom("" as const, "c1" as const, "c2" as const),
    keys: fc.constant(keys),
  }),
  fc.record({
    scheme: fc.constantFrom("b32p", "b64p", "b85p", "b64z", "b85z"),
    profile: fc.constant("pyirciot" as const),
    checksum: fc.constant("" as const),
  }),
);
const budget = fc.integer({ min: 150, max: 520 });
const counters = fc.record({
  mid: fc.integer({ min: 0, max: 200_000 }),
  oid: fc.integer({ min: 0, max: 20_000 }),
  did: fc.integer({ min: 0, max: 2000 }),
});

/** As JSON has it: a field of -0 stays one, and the order of fields is nothing. */
const plain = (all: readonly Datum[]) => all.map((one) => structuredClone(one));

/** A line is lost, comes, or comes twice; what was lost is said again later. */
function disturbed(texts: readonly string[], fates: readonly number[], order: readonly number[]): string[] {
  const first = texts.flatMap((text, i) => Array<string>(fates[i % fates.length]).fill(text));
  const shuffled = first
    .map((text, i) => ({ text, rank: order[i % order.length] * 1000 + i }))
    .sort((a, b) => a.rank - b.rank);
  return [...shuffled.map(({ text }) => text), ...texts.filter((_, i) => fates[i % fates.length] === 0)];
}

/** What a listener of lines makes of them that knows of repeats by their text, as the participant does. */
function heardOf(texts: readonly string[], scheme: string) {
  const listener = new Listener({ scheme, keys });
  const seen = new Set<string>();
  const heard: Datum[] = [];
  for (const text of texts) {
    const isPlain = !text.includes('"ed":');
    if (isPlain && seen.has(text)) continue;
    seen.add(text);
    const { datums: its, faults } = listener.hear(text);
    expect(faults).toEqual([]);
    heard.push(...its);
  }
  return { heard, listener };
}

function linesWithin(lines: readonly Unsent[], texts: readonly string[], most: number): void {
  for (const [i, { maxBytes }] of lines.entries()) {
    expect(maxBytes).toBeLessThanOrEqual(most);
    expect(Buffer.byteLength(texts[i])).toBeLessThanOrEqual(maxBytes);
    expect(texts[i]).toMatch(/^[ -~]+$/);
  }
}

test("in order: the same Datums in the same order, in lines of at most the budget, each line's indexes its own", () => {
  fc.assert(
    fc.property(datums, budget, options, counters, (given, most, how, from) => {
      const now = { ...from };
      const lines = new Packer(now).pack(given, most, how);
      const texts = textsOf(lines, from.mid);
      linesWithin(lines, texts, most);
      expect(lines.flatMap(({ indexes }) => indexes)).toEqual(given.map((_, i) => i));
      expect(now.mid).toBe(from.mid);
      const listener = new Listener({ scheme: how.scheme, keys });
      for (const [i, text] of texts.entries())
        expect(listener.hear(text)).toEqual({
          datums: plain(lines[i].indexes.map((k) => given[k])),
          faults: [],
        });
      expect([listener.reassembler.chains, listener.reassembler.bytes]).toEqual([0, 0]);
    }),
    { numRuns: 500, seed: SEED },
  );
});

test("in any order, some lost and said again, some repeated: each Datum once", () => {
  const fates = fc.array(fc.constantFrom(0, 1, 1, 2), { minLength: 1, maxLength: 7 });
  const order = fc.array(fc.nat(20), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(datums, budget, options, fates, order, (given, most, how, fate, rank) => {
      const lines = new Packer({ mid: 10_000, oid: 1000, did: 100 }).pack(given, most, how);
      const { heard, listener } = heardOf(disturbed(textsOf(lines, 10_000), fate, rank), how.scheme);
      const sorted = (all: readonly Datum[]) =>
        plain(all)
          .map((one) => JSON.stringify(one, sortedKeys(one)))
          .sort();
      expect(sorted(heard)).toEqual(sorted(given));
      expect([listener.reassembler.chains, listener.reassembler.bytes]).toEqual([0, 0]);
    }),
    { numRuns: 300, seed: SEED },
  );
});

test("a fragment that never comes: no Datum of it, and its place is named to be asked for", () => {
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 4000 }), fc.nat(), (size, pick) => {
      const bulk = Buffer.from(Array.from({ length: size }, (_, i) => (i * 167 + size) & 255)).toString(
        "hex",
      );
      const given = { ot: "l:big", src: "a@b", dst: "", bulk };
      const lines = new Packer({ mid: 1, oid: 1, did: 1 }).pack([given], 300, {
        ...{ scheme: "b85p", profile: "strict", checksum: "" },
      });
      const lost = pick % lines.length;
      const texts = textsOf(lines, 1).filter((_, i) => i !== lost);
      const { heard, listener } = heardOf(texts, "b85p");
      expect(heard).toEqual([]);
      expect(listener.reassembler.missing(Infinity)).toMatchObject([
        { oid: "1", did: "1", bc: lines[0].bc, firstMissing: lines[lost].bp, tries: 0, channel: "#lab" },
      ]);
    }),
    { numRuns: 100, seed: SEED },
  );
});

/** Every key of every level: as JSON.stringify wants them. */
function sortedKeys(value: unknown, keys = new Set<string>()): string[] {
  if (typeof value === "object" && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      keys.add(key);
      sortedKeys(inner, keys);
    }
  return [...keys].sort();
}
