/** What is packed for the reference (PyIRCIoT) beyond its vectors: faults of its decoder that are gone round. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { defaultLimits } from "./limits.ts";
import { decodeMessage } from "./message.ts";
import { Packer } from "./pack.ts";
import { Reassembler } from "./reassembly.ts";

const LONG = Array.from({ length: 10 }, (_, i) => createHash("sha256").update(`${i}`).digest("hex")).join("");
const datumOf = (letters: number) => ({ ot: "mainfo", src: "x@y", dst: "", text: LONG.slice(0, letters) });
const pack = (letters: number, profile: "strict" | "pyirciot") =>
  new Packer({ mid: 10_000, oid: 1000, did: 100 }).pack([datumOf(letters)], 400, {
    ...{ scheme: "b32p", profile, checksum: "" },
  });

test("base32 always has a padding to restore: without one the reference restores eight, and reads nothing", () => {
  const lengths = [...Array(40).keys()].map((i) => pack(500 + i, "pyirciot")[0].bc % 8);
  expect(new Set(lengths)).toEqual(new Set([2, 4, 5, 7]));
  expect([...Array(40).keys()].some((i) => pack(500 + i, "strict")[0].bc % 8 === 0)).toBe(true);
});

test("and it is the same Datum", () => {
  for (let letters = 500; letters < 510; letters++) {
    const reassembler = new Reassembler(defaultLimits, { scheme: "b32p" });
    const taken = pack(letters, "pyirciot").map(({ head, tail }) => {
      const decoded = decodeMessage(`${head}10001${tail}`, defaultLimits);
      if ("code" in decoded) throw new Error(decoded.reason);
      return reassembler.take(decoded.containers[0].fragments[0], "x", { channel: null }, 0);
    });
    expect(taken.at(-1)).toEqual(datumOf(letters));
  }
});
