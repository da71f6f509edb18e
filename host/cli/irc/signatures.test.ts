import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { privateKeyOfSeed, publicHexOf, signMid } from "../../irc-iot/signing.ts";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { runVerb } from "../testing/run-verb.ts";

const key = privateKeyOfSeed(createHash("sha256").update("seed of a test").digest());
const signer = ["--signer", `gw=${publicHexOf(key)}`];

/** Lines of gw, each signed behind the one before. */
function signedLog(count: number): string[] {
  let previous = "10000";
  const lines = [`<gw> {"mid":"${previous}","ver":"0.3.33"}`];
  for (let i = 0; i < count; i++) {
    const textOf = (mid: string) =>
      `{"mid":"${mid}","o":{"oid":"1","ot":"mainfo","src":"x@y","dst":"","d":{"d":${i}}}}`;
    previous = signMid(key, textOf(previous));
    lines.push(`<gw> ${textOf(previous)}`);
  }
  return lines;
}

function decode(lines: string[], ...args: string[]) {
  const terminal = new FakeTerminal();
  terminal.stdin = [lines.join("\n")];
  return runVerb(["irc", "decode", ...args], terminal);
}
const states = async (lines: string[]) =>
  (await decode(lines, "--json", ...signer)).out
    .map((line) => JSON.parse(line))
    .map((one) => one.signature ?? one.fault.code);

describe("decode --signer", () => {
  const [unsigned, ...signed] = signedLog(3);

  test("each line behind the one before: right", async () => {
    expect(await states([unsigned, ...signed].slice(1))).toEqual(["unchecked", "right", "right"]);
  });

  test("also where one between was lost, of which no more can be said than that", async () => {
    expect(await states([signed[0], signed[2]])).toEqual(["unchecked", 20_001, "wrong"]);
  });

  test("altered, of another nick, or not signed at all", async () => {
    const altered = signed[1].replace('"d":1}', '"d":7}');
    expect(await states([signed[0], altered])).toEqual(["unchecked", 20_001, "wrong"]);
    expect((await decode([signed[0].replace("<gw>", "<bob>")], ...signer)).code).toBe(0);
    const { code, err } = await decode([unsigned], ...signer);
    expect([code, err[0]]).toEqual([7, "line 1: 20001 signature: there is none (gw)"]);
  });

  test("without a key nothing is said of it", async () => {
    const { out } = await decode(signed, "--json");
    expect(out.every((line) => !("signature" in JSON.parse(line)))).toBe(true);
  });
});

test("explain tells it in words", async () => {
  const { out } = await runVerb(["irc", "explain", ...signer, signedLog(2).slice(1).join("\n")]);
  const containers = out.filter((line) => line.startsWith("container"));
  expect(containers).toEqual([
    expect.stringMatching(
      /signed with Ed25519, ed\S{10}…, which the line before it would show; no checksum$/,
    ),
    expect.stringMatching(/signed with Ed25519, ed\S{10}…, rightly; no checksum$/),
  ]);
});

test("a key that is none is a usage error", async () => {
  const { code, err } = await runVerb(["irc", "explain", "--signer", "gw=abc", "x"]);
  expect([code, err.join()]).toEqual([
    2,
    expect.stringContaining('reading --signer: "gw=abc"; allowed: NICK=KEY'),
  ]);
});
