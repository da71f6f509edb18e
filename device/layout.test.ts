import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { Files, loader, parseSlot, slotImage, TRAILER_BYTES } from "./layout.mjs";

test("slotImage() puts generation and CRC behind the program, in a comment of 16 bytes", () => {
  const crc = crc32("print(1)\n//00007").toString(16).padStart(8, "0");
  expect(slotImage("print(1)", 7).toString("latin1")).toBe(`print(1)\n//00007${crc}\n`);
  expect(TRAILER_BYTES).toBe(16);
});

test.each([
  ["with a newline at its end", "print(1)\n", 0],
  ["with bytes above 127", 'print("\xe9")\n', 99_999],
])("parseSlot() gives back what slotImage() was given: a program %s", (_, program, generation) => {
  expect(parseSlot(slotImage(program, generation))).toMatchObject({ program, generation });
});

test("a slot of which anything is missing or changed does not count", () => {
  const image = slotImage("print(1)\n", 3);
  for (let i = 0; i < image.length; i++) {
    const unwritten = Buffer.from(image).fill(0xff, i);
    expect(parseSlot(unwritten), `written up to ${i}`).toBeUndefined();
    const damaged = Buffer.from(image);
    damaged[i] ^= 1;
    expect(parseSlot(damaged), `byte ${i} changed`).toBeUndefined();
  }
  expect(parseSlot(new Uint8Array(0))).toBeUndefined();
});

test("slotImage() refuses a generation that has no room", () => {
  expect(() => slotImage("", 100_000)).toThrow("generation 100000: 0 to 99999");
});

test("half a loader runs nothing: one call, which is not made before its last byte but one", () => {
  for (let end = "eval(".length; end < loader.trimEnd().length - 1; end++) {
    expect(() => new Function(loader.slice(0, end)), `${end} bytes`).toThrow(SyntaxError);
  }
});

test("no name of a file is cut by the board, which takes 28 characters", () => {
  const names = Object.values(Files).flat();
  expect(names.filter((name) => name.length > 28)).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});
