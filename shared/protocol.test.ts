/**
 * PROTOCOL.md against the code: every byte in it is read and written by the codec, every table is compared with what
 * it tells of. Link, session, and hello and messages have files of their own, protocol-*.test.ts, and so have the
 * decisions of section 5 that have no test elsewhere.
 */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as frameConstants from "./link/frame.ts";
import * as linkConstants from "./link/link.ts";
import * as messageConstants from "./message.ts";
import * as proofConstants from "./proof.ts";
import { codeNames } from "./session/code-names.ts";
import * as codeConstants from "./session/codes.ts";
import * as handshakeConstants from "./session/handshake.ts";
import * as stateConstants from "./session/state.ts";
import { unescaped, unescapedBytes } from "./testing/protocol-bytes.ts";
import type { Field } from "./testing/protocol-document.ts";
import { documentText, hexBlock, hexBlockNames, quotedIn, tableRows } from "./testing/protocol-document.ts";
import { membersOf, root, sourceOf } from "./testing/protocol-source.ts";
import { bytesOf, hexOf } from "./testing/side.ts";
import { decodeVarint, encodeVarint, Varint } from "./varint.ts";
import vectors from "./vectors/session.json";

describe("varint (section 1)", () => {
  const varint = (hex: string) => decodeVarint(bytesOf(hex), 0, bytesOf(hex).length);

  test.each(tableRows("value", "shortest form"))("%s is %s, both ways", (value, cell) => {
    const [hex] = quotedIn(cell);
    const written = new Uint8Array(9);
    const size = encodeVarint(written, 0, Number(value));
    expect(varint(hex)).toBe(Number(value));
    expect(hexOf(written.slice(0, size))).toBe(hex.replaceAll(" ", ""));
  });

  test("the long form and the numbers out of range are read as the text says", () => {
    const sentence = documentText.split("\n").find((line) => line.startsWith("Write the shortest form"))!;
    const [long, , ...above] = quotedIn(sentence);
    expect(varint(long)).toBe(1);
    expect(above.map(varint)).toEqual([Varint.RANGE, Varint.RANGE]);
  });
});

describe("hex blocks", () => {
  const known = ["frames", "handshakes", "packets", "resume", "payloads", "proofs"];

  test("each has a test below, or in host/iotgw/protocol.test.ts", () => {
    expect([...hexBlockNames]).toEqual([...known, "iotgw", "bodies"]);
  });

  /** What the bytes of a field say, in the form its annotation has. */
  function meaningOf({ hex, name, value }: Field): string {
    const bytes = bytesOf(hex);
    if (name === "crc") return hexOf(unescapedBytes(bytes).slice().reverse());
    if (value.startsWith('"')) return JSON.stringify(Buffer.from(bytes).toString("latin1"));
    if (name === "payload") return unescaped(hex);
    if (name === "counter") return String(Buffer.from(bytes).readUInt32BE());
    if (/^\d+$/.test(value))
      return String(bytes.length === 1 ? bytes[0] : decodeVarint(bytes, 0, bytes.length));
    return Buffer.from(bytes).toString("latin1");
  }

  const fields = known.flatMap((name) => hexBlock(name).flatMap((section) => section.fields));
  const told = fields.filter(({ name, value }) => value !== "" && name !== "packet");
  test.each(told)("$hex is $name $value", (field) => {
    expect(meaningOf(field)).toBe(field.value);
  });
});

describe("decisions (section 5)", () => {
  const rows = tableRows("#", "question");

  test("D1…D18 are all there, once, then those of link and hello", () => {
    const ids = rows.map(([id]) => id);
    expect(ids.filter((id) => id.startsWith("D"))).toEqual(Array.from({ length: 18 }, (_, i) => `D${i + 1}`));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(rows)("%s: %s has a reason, and a test that is there", (_, __, reason, where) => {
    const [, path, words] = /^`([^`]+)` "([^"]+)"$/.exec(where) ?? [];
    expect(reason.length).toBeGreaterThan(20);
    expect(path, where).toMatch(/\.test\.ts$/);
    expect(existsSync(new URL(path, root)), path).toBe(true);
    const titles = sourceOf(path).match(/(?:test|describe)(?:\.each\([\s\S]*?\])?\)?\(\s*["'`].*/g) ?? [];
    expect(
      titles.some((title) => title.includes(words)),
      `a test ${words} in ${path}`,
    ).toBe(true);
  });
});

describe("codes (section 6)", () => {
  const rows = tableRows("code", "name");

  test("every code has exactly one row, with its number, and no row is without a code", () => {
    const inDocument = rows.map(([code, name]) => [name, Number(code)]);
    const inCode = Object.entries(membersOf(codeConstants, "Code"));
    expect(inDocument).toEqual(inCode);
    expect(Object.entries(codeNames)).toEqual(inCode);
  });

  test.each(rows)("%s %s says who raises it, what ends, and what a person does", (...cells) => {
    expect(cells.length).toBe(6);
    for (const cell of cells) expect(cell).not.toBe("");
  });
});

describe("limits (section 7)", () => {
  const rows = tableRows("name", "value");
  const enums: [object, string][] = [
    [frameConstants, "Slip"],
    [frameConstants, "Frame"],
    [linkConstants, "LinkLimit"],
    [handshakeConstants, "Handshake"],
    [stateConstants, "Limit"],
    [messageConstants, "Payload"],
    [proofConstants, "Proof"],
  ];

  test.each(enums)("of the code $1: every one has its row, and the same value", (module, name) => {
    const members = Object.entries(membersOf(module, name)).filter(([member]) => member !== "NONE");
    const documented = rows.filter(([row]) => row.startsWith(`${name}.`));
    expect(Object.fromEntries(documented.map(([row, value]) => [row, Number(value)]))).toEqual(
      Object.fromEntries(members.map(([member, value]) => [`${name}.${member}`, value])),
    );
  });

  test.each(rows)("%s is %s in %s", (name, value, cell) => {
    const [path] = quotedIn(cell);
    const member = name.split(".").at(-1);
    const [, found] = new RegExp(`\\b${member} = ([0-9a-fx_]+)[,;]`).exec(sourceOf(path)) ?? [];
    expect(Number(found?.replaceAll("_", "")), `${member} in ${path}`).toBe(Number(value));
  });
});

describe("vectors (section 9)", () => {
  test("the table names every list of the file, and every key of its entries", () => {
    const lists = Object.entries(vectors).filter(([, list]) => Array.isArray(list));
    const rows = tableRows("key", "what").map(([key, what]) => [...quotedIn(key), ...quotedIn(what)]);
    expect(rows.map(([key]) => key)).toEqual(lists.map(([key]) => key));
    lists.forEach(([, list], i) => {
      const keys = new Set((list as object[]).flatMap((entry) => Object.keys(entry)));
      for (const key of rows[i].slice(1)) expect(keys).toContain(key);
    });
  });
});
