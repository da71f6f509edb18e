/** Chains of fragments: beside a naive twin, and what strangers may do to them. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { FaultCode } from "./fault-code.ts";
import { defaultLimits } from "./limits.ts";
import type { Fragment } from "./message.ts";
import { isFault, Reassembler } from "./reassembly.ts";
import { SEED } from "./testing/arbitraries.ts";

const datum = { src: "a@b", dst: "", v: "0123456789".repeat(20) };
const encoded = Buffer.from(JSON.stringify(datum)).toString("base64").replaceAll("=", "");
const other = Buffer.from(JSON.stringify({ ...datum, v: "9876543210".repeat(20) }))
  .toString("base64")
  .replaceAll("=", "");
const whole = { ...datum, ot: "mainfo" };
const place = { channel: "#lab" };
const schemes = { scheme: "b64p" };

/** A part of `text`, from one character to another. */
function part(bp: number, end: number, more: Partial<Fragment> = {}, text = encoded): Fragment {
  return { ...{ oid: "1", ot: "mainfo", did: "1", bc: text.length, bp, ed: text.slice(bp, end) }, ...more };
}

const first = (more: Partial<Fragment> = {}, text = encoded) => part(0, 100, more, text);
const rest = (more: Partial<Fragment> = {}, text = encoded) => part(100, text.length, more, text);

let reassembler: Reassembler;
beforeEach(() => {
  reassembler = new Reassembler(defaultLimits, schemes);
});

function take(fragment: Fragment, sender = "them", now = 0) {
  return reassembler.take(fragment, sender, place, now);
}

/** Every character that came, in a plain list. */
class NaiveChain {
  private text: (string | null)[] = Array<string | null>(encoded.length).fill(null);

  put({ bp, ed }: Fragment): "complete" | "conflict" | null {
    const isConflict = [...ed].some((c, i) => this.text[bp + i] !== null && this.text[bp + i] !== c);
    if (isConflict) {
      this.text.fill(null);
      return "conflict";
    }
    for (const [i, c] of [...ed].entries()) this.text[bp + i] = c;
    if (this.text.includes(null)) return null;
    this.text.fill(null);
    return "complete";
  }

  get firstMissing(): number {
    return this.text.indexOf(null);
  }
}

test("any parts of two texts, overlapping and in any order, do what they do to a naive twin", () => {
  const span = fc.tuple(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 90 }), fc.nat(12));
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 40 }), (spans) => {
      reassembler = new Reassembler(defaultLimits, schemes);
      const naive = new NaiveChain();
      for (const [bp, length, kind] of spans) {
        const fragment = part(bp, bp + length, {}, kind === 0 ? other : encoded);
        const wanted = naive.put(fragment);
        const result = take(fragment);
        if (wanted === "complete") {
          // From here on repeats are none of a new Datum; the twin knows nothing of that.
          return expect(result).toMatchObject({ ot: "mainfo", src: "a@b" });
        }
        expect(result !== null && isFault(result)).toBe(wanted === "conflict");
        const [missing] = reassembler.missing(Infinity);
        expect(missing?.firstMissing ?? 0).toBe(naive.firstMissing);
      }
    }),
    { numRuns: 500, seed: SEED },
  );
});

describe("a chain", () => {
  test("is completed in any order, and what comes again of it is no new Datum", () => {
    expect(take(rest())).toBe(null);
    expect(take(first())).toEqual(whole);
    expect([take(first()), take(rest()), reassembler.chains, reassembler.bytes]).toEqual([null, null, 0, 0]);
  });

  test("keeps where the Datum itself does not say it what the fragment's Object says", () => {
    const text = Buffer.from('{"v":1}').toString("base64").replaceAll("=", "");
    const fragment = part(0, text.length, { src: "o@x", dst: "", t: "T" }, text);
    expect(take(fragment)).toEqual({ v: 1, ot: "mainfo", src: "o@x", dst: "", t: "T" });
    expect(take({ ...part(0, text.length, {}, text), did: "2" })).toMatchObject({
      code: FaultCode.INVALID_MESSAGE,
    });
  });

  test("of another sender, place, oid, type or did is another chain", () => {
    take(first());
    take(first(), "others");
    reassembler.take(first(), "them", { channel: null }, 0);
    for (const more of [{ oid: "2" }, { ot: "maicmd" }, { did: "2" }]) take(first(more));
    expect(reassembler.chains).toBe(6);
    expect(take(rest())).toEqual(whole);
    expect(reassembler.chains).toBe(5);
  });

  test("whose names could be cut otherwise is another chain, too", () => {
    take(first({ oid: "1", ot: "x1", did: "1" }));
    take(first({ oid: "1x", ot: "1", did: "1" }));
    take(first({ oid: "1", ot: "x", did: "11" }));
    expect(reassembler.chains).toBe(3);
  });

  test("is gone when one of its fragments says something else, and no other with it", () => {
    take(first());
    take(first(), "others");
    expect(take(first({}, other))).toMatchObject({ code: FaultCode.FRAGMENT_MISMATCH });
    expect(reassembler.chains).toBe(1);
    take(first());
    expect(take(part(50, 150, {}, other))).toMatchObject({ code: FaultCode.OVERLAP_MISMATCH });
    take(first());
    expect(take(rest({ bc: encoded.length + 1 }))).toMatchObject({ code: FaultCode.FRAGMENT_MISMATCH });
    expect(take(rest(), "others")).toEqual(whole);
  });

  test("under an id used before is a new Datum when it says something else", () => {
    take(first());
    take(rest());
    expect(take(first({}, other))).toBe(null);
    expect(take(rest({}, other))).toMatchObject({ v: "9876543210".repeat(20) });
  });

  test.each(["é", "\0", "\u0141", "\u{1f600}"])("takes no text with %j, which is of no base", (c) => {
    for (const before of [[], [part(50, 60)]]) {
      for (const one of before) take(one);
      expect(take(part(0, 0, { ed: `ab${c}`, bc: encoded.length }))).toMatchObject({
        code: FaultCode.INVALID_MESSAGE,
      });
    }
    expect([reassembler.chains, reassembler.bytes]).toEqual([0, 0]);
  });

  test("that comes to no Datum is a fault, and may come again", () => {
    const text = Buffer.from("[1]").toString("base64");
    expect(take(part(0, 4, {}, text))).toMatchObject({ code: FaultCode.INVALID_MESSAGE });
    expect(take(part(0, 4, {}, text))).toMatchObject({ code: FaultCode.INVALID_MESSAGE });
    expect(take(part(0, 4, { em: "b85z" }, text))).toMatchObject({ code: FaultCode.ZLIB_HEADER });
    expect(take(part(0, 4, { em: "b122" }, text))).toMatchObject({ code: FaultCode.SCHEME });
  });
});

describe("bounds", () => {
  test("a sender has at most its number of chains; the one that is quiet for longest goes", () => {
    for (let did = 1; did <= 8; did++) take(first({ did: `${did}` }));
    take(part(100, 110, { did: "1" }));
    take(first({ did: "9" }));
    expect([reassembler.chains, reassembler.displaced]).toEqual([8, 1]);
    expect(take(rest({ did: "2" }))).toBe(null);
    expect(take(rest({ did: "1" }))).toEqual(whole);
  });

  test("of all chains those of the busiest sender go first", () => {
    const few = { ...defaultLimits, maxChains: 6, maxChainsOfSender: 4 };
    reassembler = new Reassembler(few, schemes);
    take(first(), "quiet");
    for (let did = 1; did <= 4; did++) take(first({ did: `${did}` }), "busy");
    for (let i = 0; i < 4; i++) take(first(), `new-${i}`);
    expect([reassembler.chains, reassembler.displaced]).toEqual([6, 3]);
    expect(take(rest(), "quiet")).toEqual(whole);
  });

  test("nothing is held for what was announced but for what came", () => {
    take(part(0, 1, { bc: 65_536 }));
    expect(reassembler.bytes).toBeLessThanOrEqual(2048);
  });

  test("what was delivered is remembered of a bounded number, and forgotten with time", () => {
    const complete = (did: number, now: number) => {
      take(first({ did: `${did}` }), "them", now);
      return take(rest({ did: `${did}` }), "them", now);
    };
    for (let did = 0; did <= 64; did++) expect(complete(did, did)).toEqual(whole);
    expect(complete(64, 100)).toBe(null);
    expect(complete(0, 100)).toEqual(whole);
    reassembler.collect(64 + defaultLimits.keepMs);
    expect(complete(64, 65 + defaultLimits.keepMs)).toEqual(whole);
    expect(complete(0, 65 + defaultLimits.keepMs)).toBe(null);
  });
});

describe("what is missing", () => {
  test("is told once nothing came for as long as is waited, and counts from the last fragment that was new", () => {
    const { askAfterMs } = defaultLimits;
    take(first(), "them", 1000);
    take(part(200, encoded.length), "them", 2000);
    take(first(), "them", 3000);
    expect(reassembler.missing(2000 + askAfterMs - 1)).toEqual([]);
    const [missing] = reassembler.missing(2000 + askAfterMs);
    expect(missing).toMatchObject({
      ...{ sender: "them", channel: "#lab", oid: "1", ot: "mainfo", did: "1", firstMissing: 100 },
      ...{ quietSince: 2000, tries: 0 },
    });
    missing.tries++;
    expect(reassembler.missing(Infinity)[0].tries).toBe(1);
  });

  test("is given up by its key", () => {
    take(first());
    take(first({ did: "2" }));
    reassembler.giveUp(reassembler.missing(Infinity)[0].key);
    reassembler.giveUp("none");
    expect(reassembler.missing(Infinity)).toMatchObject([{ did: "2" }]);
  });

  test("is forgotten after its time, and told", () => {
    take(first(), "them", 0);
    take(first({ did: "2" }), "them", 1000);
    expect(reassembler.collect(defaultLimits.keepMs - 1)).toEqual([]);
    expect(reassembler.collect(defaultLimits.keepMs)).toMatchObject([{ did: "1" }]);
    expect(reassembler.chains).toBe(1);
    reassembler.collect(Infinity);
    expect([reassembler.chains, reassembler.bytes]).toEqual([0, 0]);
  });
});
