/** Every recorded vector of the codec, by the policy that it has; one that nobody proves fails. */

import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { isAddress } from "./address.ts";
import { encodeBase85 } from "./base85.ts";
import { checkOf } from "./checksum.ts";
import type { Datum } from "./datum.ts";
import { FaultCode, IrcIotError } from "./fault-code.ts";
import { defaultLimits } from "./limits.ts";
import { decodeMessage } from "./message.ts";
import { type Counters, Packer, type PackOptions, type Unsent } from "./pack.ts";
import type { SchemeSettings } from "./scheme.ts";
import { Listener, textsOf } from "./testing/codec-run.ts";
import {
  background,
  codecVectors,
  participantVectors,
  type ReferenceResult,
  type Vector,
  vectorNamed,
  vectors,
} from "./testing/vectors.ts";

interface EncodeConfig extends Counters {
  scheme: string;
  mtu: number;
}

/** As the vectors have them: an AES key of 32 ASCII characters. */
const keys = { legacy: { aes: Buffer.from("0123456789abcdef0123456789abcdef") } };
/** Schemes of the vectors that we do not write. */
const unwritten = ["b64b", "b122", "b64a", "b85A"];
/** Of these not even reading is possible. */
const unread = ["b64b", "b122"];

const configOf = (vector: Vector) => vector.config as EncodeConfig;
const inputOf = (vector: Vector) => vector.input_datums as Datum[];
const expectedOf = (vector: Vector) => vector.expected_messages as string[];
const schemesOf = (vector: Vector): SchemeSettings => ({
  scheme: (vector.config as { scheme: string } | undefined)?.scheme ?? "b85z",
  keys,
});

/** What our encoder makes of a vector's Datums, in as many calls as it has lists of them. */
function packed(vector: Vector, calls: Datum[][], options: Partial<PackOptions> = {}) {
  const { mid, oid, did, scheme, mtu } = configOf(vector);
  const counters = { mid, oid, did };
  const packer = new Packer(counters);
  const lines: Unsent[] = [];
  for (const datums of calls)
    lines.push(...packer.pack(datums, mtu, { scheme, profile: "strict", checksum: "", ...options }));
  for (const { head, tail, maxBytes } of lines) {
    expect(maxBytes).toBeLessThanOrEqual(mtu);
    expect(Buffer.byteLength(`${head}${mid + lines.length}${tail}`)).toBeLessThanOrEqual(maxBytes);
  }
  return { lines, counters, texts: textsOf(lines, mid) };
}

/** Fragments of each Datum, one after the other, cover its text exactly. */
function expectContiguous(lines: readonly Unsent[]): void {
  let end = 0;
  for (const { bp, bc, did, tail } of lines) {
    if (did === null) continue;
    expect(bp).toBe(end);
    const ed = (JSON.parse(`{"mid":"${tail}`) as { o: { d: { ed: string } } }).o.d.ed;
    end = bp + ed.length === bc ? 0 : bp + ed.length;
  }
  expect(end).toBe(0);
}

function expectRoundTrip(vector: Vector, calls: Datum[][]): void {
  const wanted = calls.flat();
  expect(new Listener(schemesOf(vector)).hearAll(expectedOf(vector)).datums).toEqual(wanted);
  for (const profile of ["strict", "pyirciot"] as const) {
    const { lines, texts } = packed(vector, calls, { profile });
    expectContiguous(lines);
    expect(new Listener(schemesOf(vector)).hearAll(texts)).toEqual({ datums: wanted, faults: [] });
  }
}

function expectRefused(action: () => unknown, code: FaultCode): void {
  expect(action).toThrow(IrcIotError);
  expect(action).toThrow(expect.objectContaining({ code }));
}

const encodeDeviations: Record<string, (vector: Vector) => void> = {
  /** One Container for each type, with consecutive mids. */
  E05(vector) {
    const { texts } = packed(vector, [inputOf(vector)]);
    expect(texts).toEqual([
      '{"mid":"10001","o":{"oid":"1000","ot":"mainfo","src":"MP714@Kitchen/co2","dst":"","d":{"t":"2026-01-02 03:04:05.000006","d":1}}}',
      '{"mid":"10002","o":{"oid":"1001","ot":"maicmd","src":"MP714@Kitchen/co2","dst":"","d":{"t":"2026-01-02 03:04:05.000006","d":2}}}',
    ]);
    expect(new Listener(schemesOf(vector)).hearAll(expectedOf(vector)).datums).toEqual(inputOf(vector));
  },
  E10(vector) {
    const { mid, oid, did, scheme, mtu } = configOf(vector);
    const counters = { mid, oid, did };
    const pack = () =>
      new Packer(counters).pack(inputOf(vector), mtu, { scheme, profile: "strict", checksum: "" });
    expectRefused(pack, FaultCode.INVALID_MESSAGE);
    expect(counters).toEqual({ mid, oid, did });
  },
  "E18-b122"(vector) {
    expectRefused(() => packed(vector, [inputOf(vector)]), FaultCode.SCHEME);
  },
  "E20-apostrophe": (vector) => expectRoundTrip(vector, [inputOf(vector)]),
  "E20-cyrillic": (vector) => expectRoundTrip(vector, [inputOf(vector)]),
  /** Another did for each big Datum, so that none meets the fragments of the one before. */
  E22(vector) {
    const calls = vector.input_datums as Datum[][];
    expectRoundTrip(vector, calls);
    expect(new Set(packed(vector, calls).lines.map(({ did }) => did)).size).toBe(2);
  },
  /** The reference leaves gaps here: its own text never comes to a Datum. */
  E23(vector) {
    const listener = new Listener(schemesOf(vector));
    expect(listener.hearAll(expectedOf(vector))).toEqual({ datums: [], faults: [] });
    expect(listener.reassembler.chains).toBe(1);
    const { lines, texts } = packed(vector, [inputOf(vector)]);
    expectContiguous(lines);
    expect(new Listener(schemesOf(vector)).hearAll(texts).datums).toEqual(inputOf(vector));
  },
  E25(vector) {
    const listener = new Listener(schemesOf(vector));
    expect(listener.hearAll(expectedOf(vector))).toEqual({ datums: inputOf(vector), faults: [] });
    expect(listener.reassembler.chains).toBe(0);
    expectContiguous(packed(vector, [inputOf(vector)]).lines);
    const { lines } = packed(vector, [inputOf(vector)], { profile: "pyirciot" });
    expectContiguous(lines);
    expect(lines).toHaveLength(2);
  },
};

function proveEncode(vector: Vector): void {
  if (vector.policy === "deviate") return encodeDeviations[vector.id](vector);
  const { scheme } = configOf(vector);
  if (vector.policy === "must-match" && vector.id !== "E09") {
    expect(packed(vector, [inputOf(vector)]).texts).toEqual(expectedOf(vector));
    expect(new Listener(schemesOf(vector)).hearAll(expectedOf(vector)).datums).toEqual(inputOf(vector));
  } else if (vector.id === "E09") {
    expectRefused(() => packed(vector, [inputOf(vector)]), FaultCode.INVALID_MESSAGE);
    expect(new Listener(schemesOf(vector)).hearAll(expectedOf(vector)).datums).toEqual([]);
    const [{ n: _, ...carried }] = inputOf(vector);
    const { texts } = packed(vector, [[carried as Datum]]);
    expect(new Listener(schemesOf(vector)).hearAll(texts).datums).toStrictEqual([carried]);
    expect(texts[0]).toContain('"y":-0.0');
  } else if (unwritten.includes(scheme)) {
    expectRefused(() => packed(vector, [inputOf(vector)]), FaultCode.SCHEME);
    const { datums, faults } = new Listener(schemesOf(vector)).hearAll(expectedOf(vector));
    if (unread.includes(scheme)) expect(faults).toMatchObject([{ code: FaultCode.SCHEME }]);
    else expect(datums).toEqual(inputOf(vector));
  } else expectRoundTrip(vector, [inputOf(vector)]);
}

const decodeDeviations: Record<string, (vector: Vector) => void> = {
  D08(vector) {
    const { datums } = new Listener(schemesOf(vector)).hearAll(vector.messages!);
    expect(datums).toEqual(vector.our_expected);
  },
  D27: expectNothing,
  D29(vector) {
    const { datums } = new Listener(schemesOf(vector)).hearAll(vector.messages!);
    expect(datums).toEqual([{ ot: "t", src: "", dst: "", v: 1 }]);
  },
  F07(vector) {
    const listener = new Listener(schemesOf(vector));
    expect(vector.messages!.map((text) => listener.hear(text).datums.length)).toEqual([0, 1]);
  },
  F08(vector) {
    const listener = new Listener(schemesOf(vector));
    expect(vector.messages!.map((text) => listener.hear(text).datums.length)).toEqual([0, 1]);
    expect(listener.reassembler.missing(Infinity)).toMatchObject([{ did: "1", firstMissing: 200, bc: 489 }]);
  },
  F14(vector) {
    const { datums, faults } = new Listener(schemesOf(vector)).hearAll(vector.messages!);
    expect(datums).toEqual([]);
    expect(faults).toMatchObject([{ code: FaultCode.LENGTH_EXCEEDED }]);
  },
  /** A recipe in the place of messages. */
  F23(vector) {
    const datum = JSON.stringify({ src: "", dst: "", v: "A".repeat(2_000_000) });
    const encoded = encodeBase85(deflateSync(datum));
    const texts: string[] = [];
    for (let bp = 0; bp < encoded.length; bp += 300) {
      const d = { did: "21", bc: encoded.length, bp, ed: encoded.slice(bp, bp + 300) };
      texts.push(JSON.stringify({ mid: "1", o: { oid: "1", ot: "mainfo", d } }));
    }
    expect(texts).toHaveLength(vector.messages_count as number);
    const { datums, faults } = new Listener(schemesOf(vector)).hearAll(texts);
    expect(datums).toEqual([]);
    expect(faults).toMatchObject([{ code: FaultCode.LENGTH_EXCEEDED }]);
  },
  F28(vector) {
    const listener = new Listener(schemesOf(vector));
    const { datums, faults } = listener.hearAll(vector.messages!);
    expect(datums).toEqual([]);
    expect(faults).toMatchObject([{ code: FaultCode.OVERLAP_MISMATCH }]);
    expect(listener.reassembler.chains).toBe(0);
  },
};

function expectNothing(vector: Vector): void {
  for (const text of vector.messages!) {
    const { datums, faults } = new Listener(schemesOf(vector)).hear(text);
    expect(datums).toEqual([]);
    expect(faults).toHaveLength(1);
    expect("code" in decodeMessage(text, defaultLimits)).toBe(true);
  }
}

function proveDecode(vector: Vector): void {
  if (vector.policy === "reject") return expectNothing(vector);
  if (vector.policy === "deviate") return decodeDeviations[vector.id](vector);
  const listener = new Listener(schemesOf(vector));
  const results = vector.ref_result as ReferenceResult[];
  for (const [i, text] of vector.messages!.entries()) {
    const { deinencap, output_pool } = results[i];
    const { datums, faults } = listener.hear(text);
    const errors = output_pool!.map((one) => (JSON.parse(one) as { ec: number }).ec);
    expect(datums).toEqual(JSON.parse((deinencap as string) || "[]"));
    expect(faults.map(({ code }) => code)).toEqual(errors);
  }
}

const provers: Record<string, (vector: Vector) => void> = {
  encode: proveEncode,
  decode: proveDecode,
  crc(vector) {
    for (const { input, c1, c2 } of vector.cases as { input: string; c1: string; c2: string }[]) {
      const bytes = Buffer.from(input);
      expect([checkOf("c1", bytes), checkOf("c2", bytes)]).toEqual([c1, c2]);
    }
  },
  integrity(vector) {
    for (const { message, ref_no_vuid } of vector.cases as {
      message: string;
      ref_no_vuid: { is_irciot: boolean };
    }[]) {
      const decoded = decodeMessage(message, defaultLimits);
      const isTaken = !("code" in decoded) && decoded.containers[0].checksum !== "wrong";
      expect([message, isTaken]).toEqual([message, ref_no_vuid.is_irciot]);
      if (!isTaken && !("code" in decoded)) expect(decoded.containers[0].datums).toEqual([]);
    }
  },
  address(vector) {
    for (const { input, ref } of vector.cases as { input: string; ref: boolean }[])
      expect([input, isAddress(input)]).toEqual([input, ref]);
  },
  /** Each size that the reference allows, and the least one is enough for a fragment. */
  mtu(vector) {
    const datum = { ot: "mainfo", src: "a@b", dst: "", text: "x".repeat(20_000) };
    for (const { mtu, ref } of vector.cases as { mtu: number; ref: boolean }[]) {
      if (!ref) continue;
      const packer = new Packer({ mid: 10_000, oid: 1000, did: 100 });
      const lines = packer.pack([datum], mtu, { scheme: "b85p", profile: "strict", checksum: "" });
      expect(new Listener({ scheme: "b85p" }).hearAll(textsOf(lines, 10_000)).datums).toEqual([datum]);
    }
  },
  /** The reference's error reports are bare Datums. */
  error(vector) {
    expect(decodeMessage(vector.example as string, defaultLimits)).toMatchObject({
      code: FaultCode.INVALID_MESSAGE,
    });
  },
  /** A published key comes in fragments, in the scheme without its cipher. */
  encrypt(vector) {
    const { datums } = new Listener({ scheme: "b64z" }).hearAll(vector.messages!);
    expect(datums).toMatchObject([{ ot: "encnfo", em: expect.any(String), ek: expect.any(String) }]);
  },
  /** What passed between a client and a reference bot: every line is read, and Datums come out of it. */
  live(vector) {
    const listener = new Listener({ scheme: "b85z" });
    let datums = 0;
    for (const { line } of vector.lines as { line: string }[]) {
      const text = line.replace(/^(:\S+ )?PRIVMSG \S+ :/, "");
      if (text !== line) datums += listener.hear(text).datums.length;
    }
    expect(datums).toBeGreaterThan(3);
  },
};

describe("the vectors", () => {
  test("are claimed, each by the codec, by the participant, or with the reason why it binds nobody", () => {
    const ids = vectors.map(({ id }) => id);
    expect(ids).toHaveLength(new Set(ids).size);
    for (const id of [...participantVectors, ...Object.keys(background)]) vectorNamed(id);
    for (const { id, kind } of codecVectors) expect([id, provers[kind]]).toEqual([id, expect.any(Function)]);
    for (const { id, kind, policy } of codecVectors)
      if (policy === "deviate" && kind === "encode") expect(encodeDeviations).toHaveProperty([id]);
      else if (policy === "deviate" && kind === "decode") expect(decodeDeviations).toHaveProperty([id]);
  });

  test.each(codecVectors)("$id ($policy): $description", (vector) => provers[vector.kind](vector));
});
