import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Packer } from "../../irc-iot/pack.ts";
import { FakeTerminal } from "../testing/fake-terminal.ts";
import { runVerb } from "../testing/run-verb.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-irc-decode-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What no compression brings into one line. */
const LONG = Array.from({ length: 16 }, (_, i) => createHash("sha256").update(`${i}`).digest("hex")).join("");
const packer = new Packer({ mid: 10_000, oid: 1000, did: 100 });
const pack = (fields: object, scheme = "b85z") =>
  packer
    .pack([{ ot: "mainfo", src: "x@y", dst: "", ...fields }], 400, {
      scheme,
      profile: "strict",
      checksum: "",
    })
    .map(({ head, tail }, i) => `${head}${10_001 + i}${tail}`);
const [small] = pack({ d: 7 });
const fragments = pack({ text: LONG });

function decode(log: string | Uint8Array[], ...args: string[]) {
  const terminal = new FakeTerminal();
  terminal.stdin = typeof log === "string" ? [log] : log;
  return runVerb(["irc", "decode", "--set", "gateway.id=kitchen", ...args], terminal);
}
const jsonOf = async (log: string, ...args: string[]) =>
  (await decode(log, "--json", ...args)).out.map((line) => JSON.parse(line));

describe("a log of IRC becomes Datums, one a line", () => {
  const text = `mainfo from x@y to everybody: text ${LONG}`;
  test.each<[string, (text: string) => string, string]>([
    ["IRC", (json) => `:gw!u@h PRIVMSG #lab :${json}`, "#lab gw  "],
    ["IRC with tags", (json) => `@time=2026-01-02T03:04:05.006Z :gw!u@h PRIVMSG #lab :${json}`, "#lab gw  "],
    ["irssi", (json) => `03:04 <@gw> ${json}`, "gw  "],
    ["weechat", (json) => `2026-01-02 03:04:05\t@gw\t${json}`, "gw  "],
    ["ZNC", (json) => `[03:04:05] <gw> ${json}`, "gw  "],
    ["bare JSON", (json) => json, ""],
  ])("of %s, fragments put together in any order, talk passed over", async (_, lineOf, who) => {
    const talk = lineOf("hello [all] {of you}");
    const lines = [lineOf(small), talk, ...[...fragments].reverse().map(lineOf)];
    const { code, out, err } = await decode(`${lines.join("\r\n")}\r\n`);
    expect(out).toEqual([
      `    1  ${who}mainfo from x@y to everybody: d 7`,
      `${String(lines.length).padStart(5)}  ${who}${text}`,
    ]);
    expect(err).toEqual([`${lines.length} lines, ${1 + fragments.length} of IRC-IoT, 2 Datums, 0 faults`]);
    expect(code).toBe(0);
  });

  test("whatever pieces it comes in", async () => {
    const bytes = Buffer.from([small, ...fragments].join("\n"));
    const whole = await decode([bytes]);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) =>
      bytes.subarray(7 * i, 7 * i + 7),
    );
    expect(await decode(pieces)).toEqual(whole);
  });

  test("of each sender on its own: two that use the same ids are not mixed up", async () => {
    const others = fragments.map((line) => line.replace('"bp":', '"x":1,"bp":'));
    const said = fragments.flatMap((line, i) => [`03:04 <a> ${line}`, `03:04 <b> ${others[i]}`]);
    expect(await jsonOf(said.join("\n"))).toEqual([
      expect.objectContaining({ nick: "a", datum: expect.objectContaining({ text: LONG }) }),
      expect.objectContaining({ nick: "b", datum: expect.objectContaining({ text: LONG }) }),
    ]);
  });

  test("--json has all that the log says of it", async () => {
    const line = `@account=gwacc;time=2026-01-02T03:04:05.006Z :gw!u@h PRIVMSG #lab :${small}`;
    expect(await jsonOf(line)).toEqual([
      {
        ...{ line: 1, nick: "gw", channel: "#lab", account: "gwacc", time: "2026-01-02T03:04:05.006Z" },
        ...{ mid: "10001", datum: { ot: "mainfo", src: "x@y", dst: "", d: 7 } },
      },
    ]);
  });

  test("what is said again in the same words is told as that", async () => {
    const again = await decode(`<a> ${small}\n<a> ${small}\n<b> ${small}`);
    expect(again.out.map((line) => line.endsWith(" (repeated)"))).toEqual([false, true, false]);
    expect((await jsonOf(`${small}\n${small}`))[1]).toMatchObject({ line: 2, isRepeat: true });
  });

  test("--all tells versions, pings and requests for what was lost as well", async () => {
    const log =
      '<a> {"mid":"1","ver":"?"}\n<b> {"mid":"2","ping":"MDEy"}\n<c> {"mid":"3","lst":30,"rid":"100"}';
    expect((await decode(log)).out).toEqual([]);
    expect((await decode(log, "--all")).out).toEqual([
      "    1  a  asks for the version that is spoken (IRC-IoT S-10)",
      '    2  b  asks whether anybody is there, with "MDEy" (IRC-IoT S-12)',
      "    3  c  asks its owner for Datum 100 again (IRC-IoT S-6, 30)",
    ]);
    expect((await jsonOf(log, "--all"))[2]).toMatchObject({
      line: 3,
      service: { lst: { kind: 30, rid: "100" } },
    });
  });

  test("a NOTICE is no IRC-IoT", async () => {
    expect((await decode(`:gw!u@h NOTICE #lab :${small}`)).out).toEqual([]);
  });
});

describe("what cannot be decoded is told with its line and code, and the end is 7", () => {
  test("on stderr, the Datums before and behind it all the same", async () => {
    const log = [
      "hi",
      `<a> ${small.slice(0, -1)}`,
      `<a> ${small}`,
      '<b> {"mid":"1","o":{"oid":"1","d":5}}',
    ].join("\n");
    const { code, out, err } = await decode(log);
    expect(code).toBe(7);
    expect(out).toEqual(["    3  a  mainfo from x@y to everybody: d 7"]);
    expect(err.slice(0, 3)).toEqual([
      "line 2: 501 JSON: not JSON (a)",
      "line 4: 501 message: a Datum, allowed are an object or an array of them (b)",
      "4 lines, 3 of IRC-IoT, 1 Datum, 2 faults",
    ]);
    expect(err[3]).toContain("[NOT_UNDERSTOOD]");
  });

  test("with --json among the others", async () => {
    const { code, out } = await decode("{}", "--json");
    expect([code, JSON.parse(out[0])]).toEqual([
      7,
      { line: 1, fault: { code: 501, reason: expect.any(String) } },
    ]);
  });

  test("a Datum that was never completed: with the line of its last fragment", async () => {
    const { code, err } = await decode(["x", fragments[0], "y"].join("\n"));
    expect(code).toBe(7);
    expect(err[0]).toMatch(/^line 2: 113 fragment: Datum 100, mainfo: \d+ of \d+ characters came$/);
  });

  test("a fragment that is another one in the same place", async () => {
    const other = fragments[0].replace(/"ed":"./, '"ed":"0');
    expect((await decode(`${fragments[0]}\n${other}`)).err[0]).toMatch(/^line 2: 133 fragment: another text/);
  });

  test("a scheme that is another one than it was encoded with", async () => {
    const bare = pack({ text: LONG }, "b64p").map((line) => line.replace('"em":"b64p",', ""));
    expect((await decode(bare.join("\n"))).code).toBe(7);
    expect((await decode(bare.join("\n"), "--scheme", "b64p")).code).toBe(0);
  });

  test("a line without an end", async () => {
    const { code, err } = await decode(`${"x".repeat(70_000)}\n${small}`);
    expect([code, err[0]]).toEqual([7, "line 1: 501 message: a line of more than 65536 characters"]);
  });
});

test("a file, one that is not there, and nothing at all", async () => {
  await writeFile(join(folder, "lab.log"), `03:04 <gw> ${small}\n`);
  expect((await decode("", join(folder, "lab.log"))).out).toEqual([
    "    1  gw  mainfo from x@y to everybody: d 7",
  ]);
  const none = await decode("", join(folder, "none.log"));
  expect([none.code, none.err.join()]).toEqual([
    3,
    expect.stringContaining("none.log: no such file [LOG_FILE]"),
  ]);
  const folderItself = await decode("", folder);
  expect([folderItself.code, folderItself.err.join()]).toEqual([
    1,
    expect.stringContaining("a folder, expected a log"),
  ]);
  expect((await decode("")).err).toEqual(["0 lines, 0 of IRC-IoT, 0 Datums, 0 faults"]);
});
