import { expect, test } from "vitest";
import { formatHex } from "./hex.ts";

test("formatHex() shows all, or the first and that there are more", () => {
  expect(formatHex(Uint8Array.of(1, 0, 255))).toBe("01 00 ff");
  expect(formatHex(Uint8Array.of(1, 0, 255), 2)).toBe("01 00 …");
  expect(formatHex(Uint8Array.of(1, 0), 2)).toBe("01 00");
});
