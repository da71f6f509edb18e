import { expect, test } from "vitest";
import { eachIn, Pack, packKey, packNumber } from "./pack.ts";
import { isWhole } from "./sealed.ts";

const hex = (value: Uint8Array) => Buffer.from(value).toString("hex");
const bytes = (...parts: string[]) => parts.join("").replaceAll(" ", "");

/** What a change writes, without its checksum. */
function contentOf(change: ReturnType<Pack["written"]>[number]): string {
  if (change.type === "del") return "removed";
  expect(isWhole(change.key, Buffer.from(change.value))).toBe(true);
  return `${change.key} ${hex(change.value.subarray(4))}`;
}

function threePackets(): Pack {
  const pack = new Pack(17, "s/42/1/");
  pack.add("s/42/1/a", Buffer.from([1, 2, 3]));
  pack.add("s/42/1/bc", new Uint8Array(0));
  pack.add("s/42/1/ü", Buffer.from([0xff]));
  return pack;
}

const threeBytes = bytes(
  "0700 732f34322f312f", // s/42/1/
  "0300", // documents
  "0100 61 03000000 010203", // a
  "0200 6263 00000000", // bc
  "0200 c3bc 01000000 ff", // ü
);

test("a pack stands under its number", () => {
  expect(packKey(17)).toBe("p/00000000000011");
  expect(packNumber("p/00000000000011")).toBe(17);
  expect(packNumber(packKey(2 ** 53 - 1))).toBe(2 ** 53 - 1);
});

test("a pack is these bytes", () => {
  expect(threePackets().written().map(contentOf)).toEqual([`p/00000000000011 ${threeBytes}`]);
});

test("what is not wanted of it is these bits, until nothing is", () => {
  const pack = threePackets();
  pack.written();
  pack.committed();
  pack.drop("s/42/1/bc");
  expect(pack.dropped().map(contentOf)).toEqual(["h/00000000000011 02"]);
  pack.committed();
  pack.drop("s/42/1/ü");
  expect(pack.dropped().map(contentOf)).toEqual(["h/00000000000011 06"]);
  pack.committed();
  pack.drop("s/42/1/a");
  expect(pack.dropped()).toEqual([
    { type: "del", key: "p/00000000000011" },
    { type: "del", key: "h/00000000000011" },
  ]);
});

test("one that goes as a whole never had holes", () => {
  const pack = new Pack(1, "s/");
  pack.add("s/a", Buffer.from([1]));
  pack.written();
  pack.committed();
  pack.drop("s/a");
  expect(pack.dropped()).toEqual([{ type: "del", key: "p/00000000000001" }]);
});

test("of what is dropped before it is written, the rest is written with its holes, and all of it not at all", () => {
  const pack = threePackets();
  pack.drop("s/42/1/a");
  pack.drop("s/42/1/bc");
  const all = () => [...pack.written(), ...pack.dropped()].map(contentOf);
  expect(all()).toEqual([`p/00000000000011 ${threeBytes}`, "h/00000000000011 03"]);
  pack.drop("s/42/1/ü");
  expect(all()).toEqual([]);
});

test("the newer of two under one key is the one that is dropped", () => {
  const pack = new Pack(1, "s/");
  pack.add("s/a", Buffer.from("old"));
  pack.drop("s/a");
  pack.add("s/a", Buffer.from("new"));
  pack.add("s/b", Buffer.from("b"));
  expect(pack.dropped().map(contentOf)).toEqual(["h/00000000000001 01"]);
  pack.committed();
  pack.drop("s/a");
  expect(pack.dropped().map(contentOf)).toEqual(["h/00000000000001 03"]);
  expect([0, 1, 2].map((at) => pack.isWanted(at))).toEqual([false, false, true]);
});

test("read back it is what it was, holes and all", () => {
  const [written] = threePackets().written();
  if (written.type !== "put") throw new Error("it was written");
  const value = Buffer.from(written.value);
  const holes = Buffer.from("0000000002", "hex");
  const pack = Pack.decode(17, value, holes);
  expect([pack.number, pack.folder, pack.live]).toEqual([17, "s/42/1/", 2]);
  expect(pack.keys).toEqual(["s/42/1/a", "s/42/1/bc", "s/42/1/ü"]);
  expect([0, 1, 2].map((at) => pack.isWanted(at))).toEqual([true, false, true]);
  expect(pack.dropped().map(contentOf)).toEqual(["h/00000000000011 02"]);
  const seen: string[] = [];
  eachIn(value, (name, start, end) => void seen.push(`${name} ${hex(value.subarray(start, end))}`));
  expect(seen).toEqual(["a 010203", "bc ", "ü ff"]);
});

test("is full by bytes or by number, and refuses a key that is too long", () => {
  const pack = new Pack(1, "s/");
  expect(pack.hasRoom).toBe(true);
  pack.add("s/a", new Uint8Array(40_000));
  expect(pack.hasRoom).toBe(false);
  const many = new Pack(2, "s/");
  for (let i = 0; i < 1024; i++) many.add(`s/${i}`, new Uint8Array(0));
  expect(many.hasRoom).toBe(false);
  expect(() => many.add("s".repeat(16_384), new Uint8Array(0))).toThrow(/allowed: 16383/);
});
