/** Each scheme there and back, its text by hand, and what is refused. */
import { generateKeyPairSync, publicEncrypt } from "node:crypto";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { FaultCode } from "./fault-code.ts";
import { defaultLimits } from "./limits.ts";
import { decodeText, encodeText } from "./scheme.ts";
import type { SchemeKeys } from "./scheme-keys.ts";

const bound = { ot: "mainfo", did: "100" };
const keys: SchemeKeys = { sealing: Buffer.alloc(32, 7) };

function decoded(name: string, text: string, its: SchemeKeys = keys) {
  const result = decodeText(name, Buffer.from(text, "latin1"), defaultLimits, its, bound);
  return "code" in result ? result.code : Buffer.from(result).toString("latin1");
}

describe.each(["b32p", "b64p", "b85p", "b32z", "b64z", "b85z", "b85U"])("%s", (name) => {
  test("gives back texts of every length, without padding", () => {
    for (let length = 0; length < 300; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 151 + length) & 255));
      const text = encodeText(name, bytes, keys, bound);
      expect(text).not.toContain("=".repeat(name.startsWith("b85") ? 99 : 1));
      expect(decoded(name, text)).toBe(bytes.toString("latin1"));
    }
  });
});

test.each([
  ["b32p", "foobar", "MZXW6YTBOI"],
  ["b32p", "f", "MY"],
  ["b64p", "fo", "Zm8"],
  ["b64p", "\xfb\xff", "+/8"],
  ["b85p", "\0\0\0\0", "00000"],
  ["b85p", "\xff\xff\xff\xff", "|NsC0"],
  ["b85p", "f", "W&"],
])("%s of %j is %s", (name, plain, text) => {
  expect(encodeText(name, Buffer.from(plain, "latin1"), undefined, bound)).toBe(text);
  expect(decoded(name, text)).toBe(plain);
});

test("padding is restored, also where a sender left it (IRC-IoT S-8)", () => {
  expect(decoded("b64p", "Zm8=")).toBe("fo");
  expect(decoded("b32p", "MY======")).toBe("f");
});

test.each([
  ["b64p", "Zm8=Zg", FaultCode.BASE64],
  ["b64p", "Zm9vY", FaultCode.BASE64],
  ["b64p", "Zm_8", FaultCode.BASE64],
  ["b32p", "mzxw", FaultCode.BASE32],
  ["b32p", "MZXW6YTBOIA", FaultCode.BASE32],
  ["b85p", "|NsC1", FaultCode.BASE85],
  ["b85p", "0", FaultCode.BASE85],
  ["b85p", '0000"', FaultCode.BASE85],
  ["b64z", "Zm9vYmFy", FaultCode.ZLIB_HEADER],
  ["b64z", "eJwVi8tygjAA", FaultCode.ZLIB_INCOMPLETE],
  ["b64b", "Zm8", FaultCode.SCHEME],
  ["b122", "Zm8", FaultCode.SCHEME],
  ["6ra", "Zm8", FaultCode.SCHEME],
  ["__proto__", "Zm8", FaultCode.SCHEME],
  ["b64a", "Zm8", FaultCode.SCHEME],
  ["b85U", "00000", FaultCode.SEALED],
])("%s refuses %j with %i", (name, text, code) => {
  expect(decoded(name, text)).toBe(code);
});

test("what inflates to more than is allowed is refused at that size", () => {
  const bomb = (size: number) => encodeText("b85p", deflateSync(Buffer.alloc(size)), undefined, bound);
  expect(decoded("b85z", bomb(defaultLimits.maxInflated))).toHaveLength(defaultLimits.maxInflated);
  expect(decoded("b85z", bomb(defaultLimits.maxInflated + 1))).toBe(FaultCode.LENGTH_EXCEEDED);
});

describe("a sealed Datum", () => {
  const text = encodeText("b85U", Buffer.from("secret"), keys, bound);
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

  test("is opened by its key, under its type and id alone", () => {
    const open = (its: SchemeKeys, as = bound) => {
      const result = decodeText("b85U", Buffer.from(text), defaultLimits, its, as);
      return "code" in result ? result.code : Buffer.from(result).toString();
    };
    expect(open(keys)).toBe("secret");
    expect(open({ sealing: Buffer.alloc(32, 8) })).toBe(FaultCode.SEALED);
    expect(open(keys, { ot: "maicmd", did: "100" })).toBe(FaultCode.SEALED);
    expect(open(keys, { ot: "mainfo", did: "101" })).toBe(FaultCode.SEALED);
    expect(open({})).toBe(FaultCode.KEY);
    expect(open({ sealing: Buffer.alloc(16) })).toBe(FaultCode.KEY);
  });

  test("is refused when any character of it was changed", () => {
    for (let i = 0; i < text.length; i++)
      for (const digit of digits.replace(text[i], "")) {
        const changed = text.slice(0, i) + digit + text.slice(i + 1);
        expect([FaultCode.SEALED, FaultCode.BASE85]).toContain(decoded("b85U", changed));
      }
  });

  test("never looks the same twice", () => {
    expect(encodeText("b85U", Buffer.from("secret"), keys, bound)).not.toBe(text);
  });

  test("is not written without its key", () => {
    expect(() => encodeText("b85U", Buffer.from("secret"), {}, bound)).toThrow("no key of 32 bytes");
  });
});

describe("the reference's ciphers", () => {
  test("are not written", () => {
    expect(() => encodeText("b64a", Buffer.from("x"), { legacy: {} }, bound)).toThrow(
      "scheme b64a: not written",
    );
  });

  test("RSA: blocks of 214 bytes are joined, an empty last one is nothing", () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const plain = Buffer.alloc(428, "ab");
    const blocks = [plain.subarray(0, 214), plain.subarray(214), Buffer.alloc(0)].map((part) =>
      publicEncrypt({ key: publicKey, oaepHash: "sha1" }, part),
    );
    const text = Buffer.concat(blocks).toString("base64");
    expect(decoded("b64r", text, { legacy: { rsa: privateKey } })).toBe(plain.toString());
    expect(decoded("b64r", text.slice(4), { legacy: { rsa: privateKey } })).toBe(FaultCode.KEY);
    expect(decoded("b64r", text, { legacy: {} })).toBe(FaultCode.KEY);
  });

  test.each(["", "AAAA", "A".repeat(44), "/".repeat(64)])("AES: %j is refused, whatever it is", (text) => {
    const result = decoded("b64a", text, { legacy: { aes: Buffer.alloc(32) } });
    expect(result === FaultCode.KEY || typeof result === "string").toBe(true);
  });
});
