/** What bodies are taken and refused, and that the quick check and the slow reader agree. */
import { decode, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BodyView, checkBody, decodeMessage, encodeMessage } from "./body.ts";
import { isFault } from "./fault.ts";
import type { Message } from "./message.ts";
import { formatTag, parseTag, type Tag } from "./tag.ts";

/** `SEED=7 npx vitest run host/monique` for another run; fast-check names it when a run fails. */
const SEED = Number(process.env.SEED ?? 1);

const message: Message = {
  id: "EbQ5cBYATSUuKnjgOPpnzIZkSmj4h45cCmhMrwot",
  pid: "",
  creator: "me",
  created_at: 1_795_301_707_509,
  expires_at: 0,
  spec: "a_b",
  encoding: "JSON",
  type: "data",
  data: new Uint8Array([0x7b, 0x7d]),
};

/** A body as another program writes it, with some fields of its own. */
const packed = (fields: object) => encode({ ...message, ...fields }, { forceIntegerToFloat: false });

const check = (body: Uint8Array, of: Message = message, view = new BodyView()) => {
  const tag = formatTag(of);
  return checkBody(body, tag, parseTag(tag) as Tag, view);
};

test("encodeMessage() writes nine keys in the order of the originals", () => {
  const hex = Buffer.from(encodeMessage({ ...message, expires_at: 1_795_301_707_510 })).toString("hex");
  const expected = [
    "89",
    "a2" + "6964", // "id"
    `d928${Buffer.from(message.id).toString("hex")}`,
    "a3" + "706964", // "pid"
    "a0",
    "a7" + "63726561746f72", // "creator"
    "a2" + "6d65",
    "aa" + "637265617465645f6174", // "created_at"
    "cf000001a200520ef5",
    "aa" + "657870697265735f6174", // "expires_at"
    "cf000001a200520ef6",
    "a4" + "73706563", // "spec"
    "a3" + "615f62",
    "a8" + "656e636f64696e67", // "encoding"
    "a4" + "4a534f4e",
    "a4" + "74797065", // "type"
    "a4" + "64617461",
    "a4" + "64617461", // "data"
    "c4" + "02" + "7b7d",
  ];
  expect(hex).toBe(expected.join(""));
});

test.each([0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 8.64e15])(
  "a time of %d ms is as short as it can be",
  (expires_at) => {
    expect(Buffer.from(encodeMessage({ ...message, expires_at })).toString("hex")).toBe(
      Buffer.from(packed({ expires_at })).toString("hex"),
    );
  },
);

test.each([0, 255, 256, 65_535, 65_536])("%d bytes of data have the smallest header", (length) => {
  const big = { ...message, data: new Uint8Array(length).fill(7), creator: "m".repeat(300) };
  const bytes = encodeMessage(big);
  expect(bytes).toEqual(Buffer.from(encode(big)));
  expect(decodeMessage(bytes)).toEqual(big);
});

test.each([
  ["a creator with a colon", { creator: "a:b" }],
  ["half a surrogate", { creator: "\ud800" }],
  ["no id", { id: "" }],
  ["no spec", { spec: "" }],
  ["a time that is no whole number", { created_at: 1.5 }],
  ["a time before 1970", { expires_at: -1 }],
  ["a far expiry of the original", { expires_at: 1e17 }],
  ["another type", { type: "task" as "data" }],
  ["another encoding", { encoding: "json" as "JSON" }],
])("encodeMessage() throws for %s", (_name, fields) => {
  expect(() => encodeMessage({ ...message, ...fields })).toThrow(RangeError);
});

describe("readers are tolerant:", () => {
  test.each([
    ["keys in another order", Object.fromEntries(Object.entries(message).reverse()), message],
    ["a tenth key", { ...message, alphabet: "UTF-8" }, message],
    [
      "a deep value under an eleventh",
      { ...message, x: { y: [1, -1, 1.5, null, true, new Uint8Array(3)] } },
      message,
    ],
    ["a float as time", { ...message, created_at: 1_795_301_707_509.5 }, message],
    ["the far expiry of the original", { ...message, expires_at: 1e17 }, message],
    ["a time that was wrapped to 31 bits", { ...message, created_at: 77_509 }, { ...message, created_at: 0 }],
    ["a time that was wrapped below 0", { ...message, expires_at: -77_509 }, message],
    ["an infinite expiry", { ...message, expires_at: Number.POSITIVE_INFINITY }, message],
    ["a time that is no number", { ...message, expires_at: Number.NaN }, message],
  ])("%s", (_name, fields, expected) => {
    const body = encode(fields);
    expect(decodeMessage(body)).toEqual(expected);
    expect(check(body)).toBeUndefined();
  });

  test("data as text keep their bytes, and the check tells of it", () => {
    const body = packed({ data: "{}" });
    expect(decodeMessage(body)).toEqual(message);
    const view = new BodyView();
    expect(check(body, message, view)).toBeUndefined();
    expect(view.hasTextData).toBe(true);
    expect(encodeMessage(decodeMessage(body) as Message)).toEqual(Buffer.from(packed({})));
  });

  test("an expiry of int64, and one of 64 bits that is a BigInt to others", () => {
    const hex = Buffer.from(encodeMessage({ ...message, expires_at: 1_795_301_707_510 })).toString("hex");
    const signed = Buffer.from(hex.replace("cf000001a200520ef6", "d3000001a200520ef6"), "hex");
    expect(decodeMessage(signed)).toMatchObject({ expires_at: 1_795_301_707_510 });
    const beyond = Buffer.from(hex.replace("cf000001a200520ef6", "cfffffffffffffffff"), "hex");
    expect(decodeMessage(beyond)).toMatchObject({ expires_at: 0 });
  });
});

const twice = Buffer.concat([
  Buffer.from([0x8a]),
  encode(message).subarray(1),
  Buffer.from("a3706964a178", "hex"),
]);
const refused: [string, Uint8Array, string][] = [
  ["nothing", new Uint8Array(0), "BODY_UNREADABLE"],
  ["the byte c1", new Uint8Array([0xc1]), "BODY_UNREADABLE"],
  ["JSON", Buffer.from('{"id":"x"}'), "BODY_NO_MAP"],
  ["an array", encode(Object.values(message)), "BODY_NO_MAP"],
  [
    "a map that announces more than there is",
    new Uint8Array([0xdf, 0xff, 0xff, 0xff, 0xff]),
    "BODY_UNREADABLE",
  ],
  ["a number as key", new Uint8Array([0x81, 0x01, 0x02]), "BODY_EXTRA"],
  ["a key twice", twice, "BODY_KEY_TWICE"],
  [
    "forty keys",
    packed(Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`k${i}`, i]))),
    "BODY_EXTRA",
  ],
  ["text under another key that is no UTF-8", spoilt("x", "hi", [0xa2, 0xc3, 0x28]), "BODY_EXTRA"],
  ["a number as key of a map under another key", spoilt("x", "hi", [0x81, 0x01, 0x02]), "BODY_EXTRA"],
  ["bins as keys, as in the oldest form", withBinKeys(), "BODY_FIELD"],
  ["a bin as another key", mixed(), "BODY_EXTRA"],
  ["another key that changes objects", mixed("__proto__"), "BODY_EXTRA"],
  [
    "such a key within another",
    spoilt("x", "hi", [0x81, 0xa9, ...Buffer.from("__proto__"), 1]),
    "BODY_EXTRA",
  ],
  ["another key that is deep", packed({ x: deep(40) }), "BODY_EXTRA"],
  ["an extension type under another key", packed({ x: new Date(0) }), "BODY_EXTRA"],
  ["bytes behind the map", Buffer.concat([encode(message), Buffer.from([0])]), "BODY_TRAILING"],
  ["a number as id", packed({ id: 7 }), "BODY_FIELD"],
  ["a bin as id, as in older forms", packed({ id: Buffer.from(message.id) }), "BODY_FIELD"],
  ["a text as time", packed({ created_at: "now" }), "BODY_FIELD"],
  ["nothing as pid", packed({ pid: null }), "BODY_FIELD"],
  ["a list as data", packed({ data: [1] }), "BODY_FIELD"],
  ["another encoding", packed({ encoding: "json" }), "BODY_FIELD"],
];

function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)];
}

/** A body whose text under another key is replaced by bytes. */
function spoilt(key: string, text: string, bytes: number[]): Uint8Array {
  const body = packed({ [key]: text });
  return Buffer.concat([body.subarray(0, body.length - 1 - text.length), Buffer.from(bytes)]);
}

/** The same body, but for its keys. */
function withBinKeys(): Uint8Array {
  const pairs = Object.entries(message).map(([key, value]) =>
    Buffer.concat([Buffer.from([0xc4, key.length]), Buffer.from(key), encode(value)]),
  );
  return Buffer.concat([Buffer.from([0x89]), ...pairs]);
}

/** A tenth key, of bin or of text. */
function mixed(key?: string): Uint8Array {
  const head = key === undefined ? [0xc4, 1, 0x78] : [0xa0 | key.length, ...Buffer.from(key)];
  return Buffer.concat([Buffer.from([0x8a]), packed({}).subarray(1), Buffer.from([...head, 1])]);
}

test.each(refused)("%s is no body", (_name, bytes, code) => {
  expect(decodeMessage(bytes)).toMatchObject({ code });
  const fault = check(bytes);
  expect(fault).toMatchObject({ code });
  expect(fault?.text).toMatch(/^[^\n]{5,200}$/);
});

test.each(Object.keys(message))("a body without %s is none", (key) => {
  const body = encode(Object.fromEntries(Object.entries(message).filter(([name]) => name !== key)));
  expect(decodeMessage(body)).toMatchObject({ code: "BODY_KEY_MISSING" });
  expect(check(body)).toMatchObject({ code: "BODY_KEY_MISSING" });
});

test.each(["id", "pid", "creator", "spec", "type"] as const)(
  "a body of another %s is not the tag's",
  (field) => {
    const other = field === "type" ? { type: "result" as const } : { [field]: "other" };
    expect(check(packed(other))).toMatchObject({ code: "BODY_DISAGREES" });
  },
);

test("what decodeMessage() gives stays when the bytes it came from change", () => {
  const body = Buffer.from(encodeMessage(message));
  const read = decodeMessage(body) as Message;
  body.fill(0);
  expect(read).toEqual(message);
});

// What a naive reader makes of the bytes: the twin of the quick check.
function isTakenByTwin(body: Uint8Array, of: Message): boolean {
  const read = decodeMessage(body);
  return !isFault(read) && Buffer.from(formatTag(read)).equals(formatTag(of));
}

const word = fc
  .oneof(
    fc.stringMatching(/^[a-zA-Z0-9_-]{1,40}$/),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
  )
  .filter((text) => !text.includes(":") && !/\p{Surrogate}/u.test(text));
const anyMessage = fc.record({
  id: word,
  pid: fc.oneof(word, fc.constant("")),
  creator: word,
  created_at: fc.oneof(fc.constant(0), fc.integer({ min: 2 ** 31, max: 8.64e15 })),
  expires_at: fc.oneof(fc.constant(0), fc.integer({ min: 2 ** 31, max: 8.64e15 })),
  spec: word,
  encoding: fc.constantFrom("JSON" as const, "MessagePack" as const),
  type: fc.constantFrom("config" as const, "result" as const, "error" as const, "data" as const),
  data: fc.uint8Array({ maxLength: 300 }),
});

test("any message comes back from its bytes, which are those of another codec", () => {
  fc.assert(
    fc.property(anyMessage, (one) => {
      const bytes = encodeMessage(one);
      expect(bytes).toEqual(Buffer.from(encode(one)));
      expect(decodeMessage(bytes)).toEqual(one);
      expect(check(bytes, one)).toBeUndefined();
      expect(decode(new Uint8Array(bytes))).toEqual(one);
      // In the originals' order and in any other they are read by two walks.
      const anyOrder = encode({ alphabet: "", ...one });
      const [view, other] = [new BodyView(), new BodyView()];
      expect([check(bytes, one, view), check(anyOrder, one, other)]).toEqual([undefined, undefined]);
      expect(decodeMessage(anyOrder)).toEqual(one);
      expect(other).toEqual({ ...view, dataStart: other.dataStart, dataEnd: other.dataEnd });
      expect(anyOrder.subarray(other.dataStart, other.dataEnd)).toEqual(one.data);
      expect(new Uint8Array(bytes.subarray(view.dataStart, view.dataEnd))).toEqual(one.data);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test("the quick check and the slow reader take the same bytes, whatever is done to them", () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 0.9999 }),
    byte: fc.integer({ min: 0, max: 255 }),
    kind: fc.nat(2),
  });
  fc.assert(
    fc.property(anyMessage, fc.array(change, { maxLength: 3 }), (one, changes) => {
      const body = changes.reduce(apply, [...encodeMessage(one)]);
      const bytes = Uint8Array.from(body);
      expect(check(bytes, one) === undefined).toBe(isTakenByTwin(bytes, one));
    }),
    { seed: SEED, numRuns: 3000 },
  );
});

function apply(bytes: number[], { at, byte, kind }: { at: number; byte: number; kind: number }): number[] {
  const place = Math.floor(at * bytes.length);
  bytes.splice(place, kind === 1 ? 0 : 1, ...(kind === 2 ? [] : [byte]));
  return bytes;
}
