/** What a line says, field by field; what is refused is in tables. */
import { describe, expect, test } from "vitest";
import { checkOf } from "./checksum.ts";
import { FaultCode } from "./fault-code.ts";
import { defaultLimits } from "./limits.ts";
import { type Container, decodeMessage } from "./message.ts";

function containersOf(text: string): Container[] {
  const decoded = decodeMessage(text, defaultLimits);
  if ("code" in decoded) throw new Error(decoded.reason);
  return decoded.containers;
}

const containerOf = (text: string) => containersOf(text)[0];

function codeOf(text: string): number | null {
  const decoded = decodeMessage(text, defaultLimits);
  return "code" in decoded ? decoded.code : null;
}

const plain = '{"mid":"1","o":{"oid":"5","ot":"t","src":"a","dst":"b","d":{"v":1}}}';

describe("a Container", () => {
  test("keeps its exact text, its ids as strings, and its Datums whole", () => {
    const text = ` {"mid" : 7, "ttl":3,"o":[${'{"oid":5,"ot":"t","src":"a","dst":"b","d":[{"v":1},{"v":2,"dst":""}]}'}] }`;
    expect(containerOf(text)).toEqual({
      ...{ mid: "7", text, ttl: 3, checksum: "none", oids: ["5"], fragments: [], faults: [] },
      datums: [
        { ot: "t", src: "a", dst: "b", v: 1 },
        { ot: "t", src: "a", dst: "", v: 2 },
      ],
    });
  });

  test("gives src, dst and t down to what lacks them; the nearest counts", () => {
    const text =
      '{"mid":"1","src":"c","dst":"c","t":"C","o":{"oid":"1","ot":"t","src":"o","t":"O","d":[{},{"src":"d","t":"D"}]}}';
    expect(containerOf(text).datums).toEqual([
      { ot: "t", src: "o", dst: "c", t: "O" },
      { ot: "t", src: "d", dst: "c", t: "D" },
    ]);
  });

  test("may say several things at once", () => {
    const text = plain.replace(
      '"mid":"1"',
      '"mid":"1","ver":"?","ping":"x","pong":"","lst":30,"rid":567,"bp":4,"dst":"nick"',
    );
    const { ver, ping, pong, lst, datums } = containerOf(text);
    expect({ ver, ping, pong, lst }).toEqual({
      ...{ ver: "?", ping: "x", pong: "" },
      lst: { kind: 30, rid: "567", bp: 4, dst: "nick" },
    });
    expect(datums).toHaveLength(1);
  });

  test.each([10, 11, 20, 21, 30, 31])("asks with lst %i, the id as a number or a string", (kind) => {
    expect(containerOf(`{"mid":"1", "lst": ${kind}, "rid": 123}`).lst).toEqual({ kind, rid: "123" });
    expect(containerOf(`{"mid":"1","lst":${kind},"rid":"a/b"}`).lst).toEqual({ kind, rid: "a/b" });
  });

  test("with a wrong lst beside an Object: the Object counts, the lst is told", () => {
    const { datums, lst, faults } = containerOf(plain.replace('"mid":"1"', '"mid":"1","lst":12,"rid":1'));
    expect([datums.length, lst, faults.length]).toEqual([1, undefined, 1]);
  });

  test("without Datums is valid where its d is empty", () => {
    expect(containerOf('{"mid":"1","o":{"oid":"5","ot":"t","d":[]}}').datums).toEqual([]);
  });
});

describe("an array of Containers", () => {
  test("each stands for itself, with its own text", () => {
    const other = '{ "mid":"2","ver":"?" }';
    const [first, refused, last] = containersOf(`[ ${plain} ,5,\n${other}]`);
    expect([first.text, last.text]).toEqual([plain, other]);
    expect(first.datums).toHaveLength(1);
    expect(refused).toMatchObject({
      mid: "",
      text: "5",
      datums: [],
      faults: [{ code: FaultCode.INVALID_MESSAGE }],
    });
  });

  test("has checksums of their own", () => {
    const checked = (mid: string, v: number) => {
      const text = (check: string, id: string) =>
        `{"mid":"${id}","o":${JSON.stringify(objectOf(v))},"c1":"${check}"}`;
      return text(checkOf("c1", Buffer.from(text("", ""))), mid);
    };
    const [one, two] = [checked("1", 1), checked("2", 2)];
    const wrong = two.replace('"v":2', '"v":3');
    expect(containersOf(`[${one},${wrong},${two}]`).map(({ checksum }) => checksum)).toEqual([
      "right",
      "wrong",
      "right",
    ]);
    expect(containersOf(`[${one},${wrong}]`)[1]).toMatchObject({
      ...{ mid: "2", datums: [], oids: [], faults: [{ code: FaultCode.CHECKSUM }] },
    });
  });
});

function objectOf(v: number) {
  return { oid: "5", ot: "t", src: "", dst: "", d: { v } };
}

describe("refused", () => {
  test.each([
    "null",
    "5",
    '"x"',
    "[]",
    "[null]",
    '{"mid":""}',
    '{"mid":null,"ver":"?"}',
    '{"mid":["1"],"ver":"?"}',
    `{"mid":"${"1".repeat(300)}","ver":"?"}`,
    '{"mid":"1","ver":5}',
    `{"mid":"1","ver":"${"1".repeat(100)}"}`,
    '{"mid":"1","ping":1}',
    '{"mid":"1","lst":10,"rid":""}',
    '{"mid":"1","lst":10,"rid":null}',
    '{"mid":"1","o":null}',
    '{"mid":"1","o":[1]}',
    '{"mid":"1","o":{"oid":"","ot":"t","d":[]}}',
    '{"mid":"1","o":{"oid":"1","ot":"t"}}',
    '{"mid":"1","o":{"oid":"1","ot":"t","src":1,"dst":"","d":[]}}',
    '{"mid":"1","o":{"oid":"1","src":"","dst":"","d":{"ot":""}}}',
    '{"mid":"1","o":{"oid":"1","ot":"t","src":"","dst":"","d":{"src":1}}}',
    '{"mid":"1","o":{"oid":"1","ot":"t","src":"","dst":"","d":{"dst":null}}}',
    '{"mid":"1","o":{"oid":"1","ot":"t","src":"","dst":"","d":[{"v":1},5]}}',
    plain.replace('"mid":"1"', '"mid":"1","oc":1,"op":2'),
    plain.replace('"mid":"1"', '"mid":"1","oc":-1'),
    plain.replace('"mid":"1"', '"mid":"1","oc":1.5'),
    plain.replace('"v":1', '"v":12345678901234567890'),
    `${plain}${" ".repeat(65_536)}`,
  ])("%s", (text) => {
    expect(codeOf(text)).toBe(FaultCode.INVALID_MESSAGE);
  });

  const fragment = (fields: string) => `{"mid":"1","o":{"oid":"1","ot":"t","d":{${fields}}}}`;
  test.each([
    ['"ed":"abc","did":"1","bc":3,"bp":0', null],
    ['"ed":"abc","did":7,"bc":6,"bp":3', null],
    ['"ed":"abc","did":"1","bc":3,"bp":1', FaultCode.LENGTH_EXCEEDED],
    ['"ed":"abc","did":"1","bc":65537,"bp":0', FaultCode.LENGTH_EXCEEDED],
    ['"ed":"abc","did":"1","bc":300000000,"bp":0', FaultCode.LENGTH_EXCEEDED],
    ['"ed":"abc","did":"1","bc":3,"bp":-1', FaultCode.INVALID_MESSAGE],
    ['"ed":"abc","did":"1","bc":"3","bp":0', FaultCode.INVALID_MESSAGE],
    ['"ed":"abc","did":"","bc":3,"bp":0', FaultCode.INVALID_MESSAGE],
    ['"ed":"abc","bc":3,"bp":0', FaultCode.INVALID_MESSAGE],
    ['"ed":5,"did":"1","bc":3,"bp":0', FaultCode.INVALID_MESSAGE],
    ['"ed":"","did":"1","bc":3,"bp":0', FaultCode.INVALID_MESSAGE],
  ])("or taken, a fragment of %s", (fields, code) => {
    expect(codeOf(fragment(fields))).toBe(code);
  });
});

test("a Datum whose time is a number has it as text", () => {
  expect(containerOf(plain.replace('"v":1', '"t":5')).datums[0].t).toBe("5");
});
