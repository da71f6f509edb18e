import { expect, test } from "vitest";
import { parseHex } from "./hex.ts";

test.each([
  [["0100"], [1, 0]],
  [
    ["01", "00"],
    [1, 0],
  ],
  [["01 00\na0"], [1, 0, 160]],
  [["0x01,0x00;0XFF"], [1, 0, 255]],
  [["aa:BB-cc"], [170, 187, 204]],
  [["", " "], []],
])("parseHex(%j) is %j", (args, bytes) => {
  expect([...parseHex(args)]).toEqual(bytes);
});

test.each([
  [["01", "0z"], 'reading hex "0z": "z" at character 2'],
  [["123"], 'reading hex "123": 3 digits'],
  [["0x0x00"], '"x" at character 2'],
])("parseHex(%j) says where it is no hex", (args, text) => {
  expect(() => parseHex(args)).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining(text) }),
  );
});
