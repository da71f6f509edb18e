import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Counters } from "../../irc-iot/pack.ts";
import { Packer } from "../../irc-iot/pack.ts";
import { runVerb } from "../testing/run-verb.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bowline-explain-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const explain = (...args: string[]) => runVerb(["irc", "explain", "--set", "gateway.id=kitchen", ...args]);
/** `what: text`, without the column's blanks. */
const told = async (...args: string[]) =>
  (await explain(...args)).out.map((line) => line.replace(/ +/, ": "));

/** What no compression brings into one line. */
const LONG = Array.from({ length: 16 }, (_, i) => createHash("sha256").update(`${i}`).digest("hex")).join("");

/** A Container as another robot would say it. */
const container = (o: object, more: object = {}) => JSON.stringify({ mid: "10001", o, ...more });
const telemetry = container({
  ...{ oid: "1000", ot: "l:telemetry", src: "sim-1@kitchen", dst: "" },
  d: { temp: 20.75, supply: 3.3, free: 3200 },
});

describe("a line of IRC-IoT in words", () => {
  test("a Datum: who, to whom, what, and what its type is", async () => {
    expect(await told(telemetry)).toEqual([
      "container: 10001, not signed; no checksum",
      "datum: l:telemetry from sim-1@kitchen to everybody: temp 20.75 °C, supply 3.3 V, free 3200",
      "type: l:telemetry how the board is, sent at its interval; a type of sim-1@kitchen alone, told as Bowline's firmware has it",
    ]);
  });

  test("a request: also as it is typed", async () => {
    const o = {
      oid: "7",
      ot: "l:led",
      src: "me@phone",
      dst: "sim-1@kitchen",
      d: { on: true, rq: 5, t: "2026-01-02 03:04:05" },
    };
    expect(await told(container(o))).toEqual([
      "container: 10001, not signed; no checksum",
      "request: l:led from me@phone to sim-1@kitchen: on",
      "type: l:led switches the LED of the board; a type of sim-1@kitchen alone, told as Bowline's firmware has it",
      "stamp: at 2026-01-02 03:04:05",
      "typed: !led sim-1 on",
    ]);
  });

  test("a reply, an error, and what is not as it is described", async () => {
    const d = [
      { re: 5, on: true },
      { re: 6, err: "no LED1" },
      { re: 7, on: "maybe" },
    ];
    const lines = await told(container({ oid: "7", ot: "l:led", src: "sim-1@kitchen", dst: "me@phone", d }));
    expect(lines.filter((line) => !line.startsWith("type"))).toEqual([
      "container: 10001, not signed; no checksum",
      "reply: l:led from sim-1@kitchen to me@phone: on",
      "error: l:led from sim-1@kitchen to me@phone: error: no LED1",
      "reply: l:led from sim-1@kitchen to me@phone: maybe",
      "differs: on is a string, not flag",
    ]);
  });

  test("types of the global dictionary, of nobody, and of another robot", async () => {
    const of = async (ot: string) =>
      (await told(container({ oid: "7", ot, src: "x@y", dst: "", d: { v: 1 } }))).find((line) =>
        line.startsWith("type"),
      );
    expect(await of("mainfo")).toBe("type: mainfo a value that was measured; of the global dictionary");
    expect(await of("mysens")).toBe("type: mysens is not in the global dictionary");
    expect(await of("l:mood")).toBe(
      "type: l:mood is a type of x@y alone, which has not described it here (irc.types)",
    );
  });

  test.each([
    [{ ver: "?" }, "asks for the version that is spoken (IRC-IoT S-10)"],
    [{ ver: "0.3.33" }, "speaks version 0.3.33"],
    [{ ping: "MDEy" }, 'asks whether anybody is there, with "MDEy" (IRC-IoT S-12)'],
    [{ pong: "MDEy" }, 'is there, to "MDEy"'],
    [{ pong: "" }, "will not answer pings for a while (IRC-IoT S-13)"],
    [{ lst: 10, rid: 123 }, "asks its owner for Container 123 again (IRC-IoT S-6, 10)"],
    [{ lst: 20, rid: 345, dst: "gw" }, "asks gw for Object 345 again (IRC-IoT S-6, 20)"],
    [
      { lst: 31, rid: "567", bp: 350 },
      "asks everybody who may have heard it for Datum 567 again from character 350 on (IRC-IoT S-6, 31)",
    ],
  ])("the service %j", async (fields, words) => {
    expect(await told(JSON.stringify({ mid: "1", ...fields }))).toEqual([
      "container: 1, not signed; no checksum",
      `service: ${words}`,
    ]);
  });

  test("checksums, right and wrong, and signatures", async () => {
    const counters: Counters = { mid: 10_000, oid: 1000, did: 100 };
    const datum = { ot: "mainfo", src: "x@y", dst: "", d: 1 };
    const [line] = new Packer(counters).pack([datum], 400, {
      scheme: "b85z",
      profile: "strict",
      checksum: "c2",
    });
    const text = `${line.head}10001${line.tail}`;
    expect((await told(text))[0]).toBe("container: 10001, not signed; its checksum is right");
    expect(await told(text.replace('"d":1', '"d":2'))).toEqual([
      "container: 10001, not signed; its checksum is wrong",
      "fault: 20002 the checksum is another one",
    ]);
    const mid = `ed${"A".repeat(86)}`;
    expect((await told(telemetry.replace("10001", mid)))[0]).toBe(
      "container: signed with Ed25519, edAAAAAAAAAA…; no checksum",
    );
  });

  test("fragments, each by itself, and the Datum of all of them", async () => {
    const datum = {
      ot: "mainfo",
      src: "x@y",
      dst: "",
      text: LONG,
    };
    const lines = new Packer({ mid: 10_000, oid: 1000, did: 100 }).pack([datum], 400, {
      ...{ scheme: "b64z", profile: "strict", checksum: "" },
    });
    expect(lines.length).toBeGreaterThan(1);
    const texts = lines.map(({ head, tail }, i) => `${head}${10_001 + i}${tail}`);
    const one = await told(texts[0]);
    expect(one[1]).toMatch(/^fragment: characters 0 to \d+ of \d+ of Datum 100, mainfo, encoded as b64z$/);
    expect(one[2]).toMatch(
      /^missing: of Datum 100: \d+ of \d+ characters are here, the first that is missing is \d+$/,
    );
    const all = await told([...texts].reverse().join("\n"));
    expect(all.find((line) => line.startsWith("datum"))).toBe(
      `datum: mainfo from x@y to everybody: text ${datum.text}`,
    );
    expect(all.some((line) => line.startsWith("missing"))).toBe(false);
  });

  test("a line of IRC: who said it where", async () => {
    const line = `@account=gwacc;time=2026-01-02T03:04:05.006Z :gw!u@h PRIVMSG #lab :${telemetry}`;
    expect((await told(line))[0]).toBe("said: by gw, logged in as gwacc, in #lab, 2026-01-02T03:04:05.006Z");
    const notice = await explain(`:gw!u@h NOTICE #lab :${telemetry}`);
    expect([notice.code, notice.out[1]]).toEqual([0, expect.stringContaining("a NOTICE is not taken")]);
  });

  test("a scheme that is not said is the one of --scheme, and its key a file", async () => {
    const key = "0123456789abcdef".repeat(2);
    await writeFile(join(folder, "key"), `${Buffer.from(key).toString("hex")}\n`);
    const datum = { ot: "mainfo", src: "x@y", dst: "", d: 7 };
    const [line] = new Packer({ mid: 1, oid: 1, did: 1 }).pack([datum], 400, {
      ...{ scheme: "b85U", profile: "strict", checksum: "", keys: { sealing: Buffer.from(key) } },
    });
    const text = `${line.head}2${line.tail}`;
    const open = await told("--key-file", join(folder, "key"), text);
    expect(open.find((one) => one.startsWith("datum"))).toBe("datum: mainfo from x@y to everybody: d 7");
    expect((await told(text)).find((one) => one.startsWith("fault"))).toBe("fault: 351 scheme b85U: no key");
  });

  test("what cannot be understood is told with its code, and ends with 7", async () => {
    const { code, out, err } = await explain('{"mid":"1","o":');
    expect([code, out]).toEqual([7, ["fault      501 JSON: not JSON"]]);
    expect(err.join("\n")).toContain("[NOT_UNDERSTOOD]");
    const array = await explain(`[${telemetry},{"mid":""}]`);
    expect(array.code).toBe(0);
    expect(array.out.at(-1)).toContain("fault      501 message: a Container without a mid");
  });

  test("control characters of strangers move no cursor", async () => {
    const o = { oid: "7", ot: "l:\u001b[2J", src: "x\u0007@y", dst: "", d: { "\u009b": "\u0003" } };
    expect((await explain(container(o))).out.join("")).not.toMatch(/\p{Cc}/u);
  });
});

describe("words as a line of IRC-IoT", () => {
  test("the line to say, the command and the address", async () => {
    const lines = await told("led", "sim-1", "on");
    expect(lines.map((line) => line.replace(/("mid":"|"oid":")\d+/g, "$1#"))).toEqual([
      "request: l:led from you@irc to sim-1@kitchen: on",
      "type: l:led switches the LED of the board; a type of sim-1@kitchen alone, told as Bowline's firmware has it",
      'say: {"mid":"#","o":{"oid":"#","ot":"l:led","src":"you@irc","dst":"sim-1@kitchen","d":{"on":true}}}',
      "send: bowline send sim-1 l:led '{\"on\":true}'",
      'post: api/v1/devices/sim-1/requests {"ot":"l:led","on":true}',
    ]);
  });

  test.each([
    "!led sim-1 on",
    "!read attic/sim-1 A0 analog",
    "!reboot sim-1",
    '!send sim-1 l:x {"a": "b  \'c\'"}',
  ])("%s comes back from the line that it becomes", async (words) => {
    const say = (await told(words)).find((line) => line.startsWith("say: "))?.slice(5) ?? "";
    const back = (await told(say)).find((line) => line.startsWith("typed: "))?.slice(7);
    const isDescribed = !words.includes("l:x");
    expect(back).toBe(isDescribed ? words : undefined);
    if (!isDescribed) expect(JSON.parse(say).o).toMatchObject({ ot: "l:x", d: { a: "b  'c'" } });
  });

  test("each time with other numbers: what is said twice in the same words is dropped as a repeat", async () => {
    const mids = new Set<string>();
    for (let i = 0; i < 8; i++) mids.add((await told("led sim-1 on"))[2]);
    expect(mids.size).toBeGreaterThan(1);
  });

  test("a board elsewhere, by its address as well, and another asker", async () => {
    const lines = await told("--src", "me@phone", "info sim-1@attic");
    expect(lines[0]).toBe("request: l:info from me@phone to sim-1@attic");
    expect(lines.at(-1)).toBe('post: api/v1/devices/attic%2Fsim-1/requests {"ot":"l:info"}');
  });

  test("what is too long for a line becomes several", async () => {
    const lines = await told(`send sim-1 l:x {"text":"${LONG}"}`);
    expect(lines.filter((line) => line.startsWith("say: ")).length).toBeGreaterThan(1);
  });

  test.each([
    ["!status", /^command: !status \[BOARD\]: how the gateway is, .*no line of IRC-IoT asks the same$/],
    ["!cancel 3", /^command: !cancel NUMBER: withdraws/],
    ["!raw sim-1", /^command: !raw BOARD: /],
    ['{"mid":"1","o":[]}', /^empty: no Datum is in it/],
  ])("%s, which asks no board", async (text, expected) => {
    expect((await told(text)).at(-1)).toMatch(expected);
  });

  test("one that is mistyped is asked about", async () => {
    const { code, err } = await explain("!stauts");
    expect([code, err.join()]).toEqual([
      2,
      expect.stringContaining('"stauts"; did you mean !status? allowed'),
    ]);
  });

  test("wrong ones are a usage error with what is allowed, and an example that is right", async () => {
    const { code, err } = await explain("!lde sim-1 on");
    expect(code).toBe(2);
    expect(err.join("\n")).toContain('no command "lde"; did you mean led? allowed: info, led,');
    expect(err.join("\n")).toContain("mend: npx bowline irc explain '!led sim-1 on'");
  });

  test("--json is one object a line", async () => {
    const { out } = await explain("--json", "led sim-1 on");
    expect(out.map((line) => JSON.parse(line).what)).toEqual(["request", "type", "say", "send", "post"]);
  });
});

test.each([
  [["--scheme", "b99z", "x"], 2, "b32p, b64p"],
  [["--key-file", "/nowhere/key", telemetry], 3, "reading --key-file /nowhere/key: ENOENT"],
  [[], 2, "missing required argument 'text'"],
])("explain %j ends with %d", async (args, exit, text) => {
  const { code, err } = await explain(...args);
  expect([code, err.join("\n")]).toEqual([exit, expect.stringContaining(text)]);
});
