import { expect, test } from "vitest";
import { readPing, readProperties, readReason } from "./command.ts";

const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

test("readProperties() finds them under names in lower case", () => {
  const found = readProperties(bytes("0b 536f636b65742d54797065 00000003 535542  01 41 00000000"));
  expect(
    [...(found as Map<string, Uint8Array>)].map(([name, value]) => [name, Buffer.from(value).toString()]),
  ).toEqual([
    ["socket-type", "SUB"],
    ["a", ""],
  ]);
  expect(readProperties(bytes(""))).toEqual(new Map());
});

test("what readProperties() found stays when the bytes are overwritten", () => {
  const body = bytes("01 61 00000001 62");
  const found = readProperties(body) as Map<string, Uint8Array>;
  body.fill(0xee);
  expect(Buffer.from(found.get("a")!).toString()).toBe("b");
});

test.each([
  "00 00000000",
  "01",
  "01 61",
  "01 61 000000",
  "01 61 00000001",
  "02 61 00000000",
  "01 61 ffffffff 61",
])("%s is no property of a READY", (hex) =>
  expect(readProperties(bytes(hex))).toMatchObject({ code: "BAD_COMMAND" }),
);

test("readPing() gives the context back, of up to 16 bytes", () => {
  expect(readPing(bytes("000a"))).toEqual(bytes(""));
  expect(readPing(bytes(`000a ${"61".repeat(16)}`))).toEqual(bytes("61".repeat(16)));
  for (const hex of ["", "00", `000a${"61".repeat(17)}`])
    expect(readPing(bytes(hex))).toMatchObject({ code: "BAD_COMMAND" });
});

test("readReason() reads what is there, however long it is said to be", () => {
  expect(readReason(bytes("02 6e6f 21"))).toBe("no");
  expect(readReason(bytes("ff 6e6f"))).toBe("no");
  expect(readReason(bytes(""))).toBe("");
});
