import { describe, expect, test } from "vitest";
import { PinnedKey } from "./pinned-key.ts";
import { isSignedMid, privateKeyOfSeed, publicHexOf, publicKeyOfHex, signMid } from "./signing.ts";

const privateKey = privateKeyOfSeed(Buffer.alloc(32, 1));
const hex = publicHexOf(privateKey);

/** A Container signed behind `previous`. */
function signed(previous: string, tail: string, key = privateKey) {
  const mid = signMid(key, `{"mid":"${previous}"${tail}`);
  return { mid, text: `{"mid":"${mid}"${tail}` };
}

const DATUM = ',"o":{"oid":"1","ot":"x","src":"a@b","dst":"","d":{"v":1}}}';
const newKey = (seen: string[] = []) => new PinnedKey(hex, publicKeyOfHex(hex)!, seen);
const free = () => true;

describe("a Container", () => {
  test("is right behind any mid that is offered, and behind those that were right before", () => {
    const pinned = newKey();
    const first = signed("10000", DATUM);
    expect(pinned.judge(first.text, first.mid, [], free)).toBe("unproved");
    expect(pinned.judge(first.text, first.mid, ["7", "10000"], free)).toBe("right");
    pinned.accept(first.mid);
    const second = signed(first.mid, DATUM);
    expect(pinned.judge(second.text, second.mid, [], free)).toBe("right");
  });

  test("is right once", () => {
    const pinned = newKey();
    const first = signed("10000", DATUM);
    pinned.accept(first.mid);
    expect(pinned.judge(first.text, first.mid, ["10000"], free)).toBe("repeated");
    expect(newKey(pinned.seenMids).judge(first.text, first.mid, ["10000"], free)).toBe("repeated");
  });

  test("of another key, or with another text, is unproved", () => {
    const other = signed("10000", DATUM, privateKeyOfSeed(Buffer.alloc(32, 2)));
    expect(newKey().judge(other.text, other.mid, ["10000"], free)).toBe("unproved");
    const mine = signed("10000", DATUM);
    expect(newKey().judge(mine.text.replace('"v":1', '"v":2'), mine.mid, ["10000"], free)).toBe("unproved");
  });

  test("cannot lose its beginning to a mid before it that holds a piece of the text", () => {
    const tail = `,"ping":"x"${DATUM}`;
    const { mid, text } = signed("10000", tail);
    const shorter = `{"mid":"${mid}"${DATUM}`;
    // What is signed of it would be the same bytes, were this a mid.
    const piece = '10000","ping":"x';
    expect(`{"mid":"${piece}"${DATUM}`).toBe(text.replace(mid, "10000"));
    expect(newKey().judge(shorter, mid, [piece], free)).toBe("unproved");
  });

  test("with the mid in another field as well is signed in its own", () => {
    const { mid } = signed("10000", `,"x":"${"a".repeat(88)}"${DATUM}`);
    const text = `{"x":"${mid}","mid":"${mid}"${DATUM}`;
    expect(newKey().judge(text, mid, ["10000"], free)).toBe("unproved");
  });
});

test("tries beyond the nearest mids are paid for; without a token they are not made", () => {
  const anchors = Array.from({ length: 10 }, (_, i) => String(i));
  const far = signed("9", DATUM);
  let paid = 0;
  expect(newKey().judge(far.text, far.mid, anchors, () => ++paid < 100)).toBe("right");
  expect(paid).toBe(7);
  expect(newKey().judge(far.text, far.mid, anchors, () => false)).toBe("unproved");
  const near = signed("2", DATUM);
  expect(newKey().judge(near.text, near.mid, anchors, () => false)).toBe("right");
});

test("the mids that count no more are bounded, the newest stay", () => {
  const pinned = newKey();
  for (let i = 0; i < 5000; i++) pinned.accept(`${i}`);
  expect(pinned.seenMids).toHaveLength(4096);
  expect(pinned.seenMids.at(-1)).toBe("4999");
});

test("a signed mid is 88 characters of the one base64 its signature has", () => {
  const { mid } = signed("10000", DATUM);
  expect(mid).toHaveLength(88);
  expect(isSignedMid(mid)).toBe(true);
  const url = `ed${Buffer.from(mid.slice(2), "base64").toString("base64url")}`;
  for (const other of [
    mid.slice(1),
    `${mid}=`,
    `rA${mid.slice(2)}`,
    `${mid.slice(0, -1)} `,
    mid.slice(0, -1),
    "ed",
  ])
    expect(isSignedMid(other)).toBe(false);
  expect(url === mid || !isSignedMid(url)).toBe(true);
});

test("a key is 64 digits of hex", () => {
  expect(publicKeyOfHex(hex.toUpperCase())?.equals(publicKeyOfHex(hex)!)).toBe(true);
  expect(publicKeyOfHex(hex.slice(1))).toBeNull();
  expect(() => privateKeyOfSeed(Buffer.alloc(31))).toThrow(RangeError);
});
