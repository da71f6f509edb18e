/** What the section irc makes of how Datums are written and read, from its files to the lines of two gateways. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Config, configSchema } from "../config/schema.ts";
import type { Datum } from "../irc-iot/datum.ts";
import type { Fault } from "../irc-iot/fault-code.ts";
import { Participant } from "../irc-iot/participant.ts";
import { vectorNamed } from "../irc-iot/testing/vectors.ts";
import { participantSettings } from "./participant-settings.ts";
import { checkIrcFiles } from "./secrets.ts";

const AES_KEY = "0123456789abcdef0123456789abcdef";
const BUDGET = 400;
const lab = { host: "irc.example", nick: "gw", channels: ["#lab"] };
const small: Datum = { ot: "mainfo", src: "pump@hall", dst: "", v: 7 };
const long: Datum = { ...small, text: Array.from({ length: 300 }, (_, i) => i * i * 7).join(" ") };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bowline-irc-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function keyFile(text: string, mode = 0o600): string {
  const path = join(folder, "key");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

async function gateway(irc: object) {
  const datums: Datum[] = [];
  const faults: Fault[] = [];
  const settings = await participantSettings(
    configSchema.parse({ irc: { ...lab, ...irc }, data: "memory" }) as Config,
    { now: () => 0, wall: () => 0 },
  );
  const participant = new Participant(
    settings,
    {
      ...{ onDatum: (datum) => datums.push(datum), onRelayed() {}, onLine() {}, onPeer() {} },
      ...{ onFault: (fault) => faults.push(fault), budget: () => BUDGET, isMember: () => true },
    },
    { mid: 10_000, oid: 1000, did: 100 },
  );
  participant.ownNick = "gw";
  return {
    ...{ datums, faults, participant },
    say: (datum: Datum, target: { name: string; scheme?: string }) =>
      participant.pack([datum], target, BUDGET).map((line) => participant.stamp(line, target.name, 0)),
    hear: (texts: readonly string[], nick = "bot") => {
      const from = { network: "n", nick, user: "u", host: "h", account: null };
      for (const text of texts) participant.receive({ from, channel: "#lab", text }, 0);
    },
  };
}

test("a route that is sealed shows nothing of a datum; who has the key reads it, who has another does not", async () => {
  const sealingKeyFile = keyFile("ab".repeat(32));
  const [ours, theirs] = [await gateway({ sealingKeyFile }), await gateway({ sealingKeyFile })];
  const other = await gateway({ sealingKeyFile: keyFile("cd".repeat(32)) });
  const lines = ours.say(small, { name: "#lab", scheme: "b85U" });
  expect(lines.join()).not.toContain("pump");
  theirs.hear(lines);
  other.hear(lines);
  expect([theirs.datums, other.datums]).toEqual([[small], []]);
  expect(other.faults.map(({ code }) => code)).toEqual([20_003]);
  expect(ours.say(small, { name: "#lab" }).join()).toContain("pump@hall");
});

test("lines have the check that is configured, and who checks refuses what is altered", async () => {
  const ours = await gateway({ checksum: "c2" });
  const [line] = ours.say(small, { name: "#lab" });
  expect(line).toMatch(/,"c2":"[0-9a-f]{8}"}$/);
  ours.hear([line.replace('"v":7', '"v":8'), line]);
  expect(ours.datums).toEqual([small]);
});

test("a peer is written to, and read, in its own scheme", async () => {
  const peers = [{ name: "bot", nick: "bot", profile: "pyirciot", scheme: "b64z" }];
  const [ours, bot] = [await gateway({ peers }), await gateway({ scheme: "b64z" })];
  const lines = ours.say(long, { name: "bot" });
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join()).not.toContain('"em"');
  bot.hear(lines);
  ours.hear(lines);
  expect([bot.datums, ours.datums]).toEqual([[long], [long]]);
  const stranger = await gateway({ peers });
  stranger.hear(lines, "eve");
  expect(stranger.datums).toEqual([]);
});

test("the reference's ciphers are read with a key, by option alone", async () => {
  const aesKeyFile = keyFile(AES_KEY);
  const { expected_messages: lines, input_datums: written } = vectorNamed("E19-b64a");
  // It does not say on the wire how it writes, so its scheme is configured.
  const legacy = { enabled: true, aesKeyFile };
  const reader = await gateway({ legacy, peers: [{ name: "bot", nick: "bot", scheme: "b64a" }] });
  reader.hear(lines as string[]);
  expect(reader.datums).toEqual(written);
  expect(reader.say(long, { name: "bot" }).join()).toContain('"em":"b85z"');
  const marked = (lines as string[]).map((line) => line.replace('"bc":', '"em":"b64a","bc":'));
  const off = await gateway({ legacy: { enabled: false, aesKeyFile } });
  off.hear(marked);
  expect([off.datums, off.faults.map(({ code }) => code)]).toEqual([[], [300]]);
});

test("a datum is as deep and as long as its limits say", async () => {
  const ours = await gateway({ limits: { maxDepth: 8, maxEncoded: 512 } });
  const deep = (levels: number) => ({ ...small, v: JSON.parse("[".repeat(levels) + "]".repeat(levels)) });
  expect(() => ours.say(deep(4), { name: "#lab" })).not.toThrow();
  expect(() => ours.say(deep(5), { name: "#lab" })).toThrow(/deeper/);
  expect(() => ours.say(long, { name: "#lab" })).toThrow(/allowed are 512/);
});

test("a key that is none, or that anyone may read, is told before anything is started", () => {
  const check = (irc: object) => () =>
    checkIrcFiles(configSchema.parse({ irc: { ...lab, ...irc } }).irc, "gw");
  const wrong = expect.objectContaining({ code: "KEY_INVALID" });
  expect(check({ sealingKeyFile: keyFile("short") })).toThrow(wrong);
  expect(check({ legacy: { enabled: true, rsaKeyFile: keyFile(AES_KEY) } })).toThrow(wrong);
  expect(check({ sealingKeyFile: keyFile(AES_KEY, 0o604) })).toThrow(
    expect.objectContaining({ code: "KEY_EXPOSED" }),
  );
  expect(check({ sealingKeyFile: keyFile(AES_KEY) })).not.toThrow();
});

test("the key of a peer, and of an operator, is one however it is written", async () => {
  const irc = {
    ...lab,
    peers: [{ name: "bot", nick: "bot", key: "AB".repeat(32) }],
    operators: [
      { name: "ann", key: "CD".repeat(32) },
      { name: "bob", account: "bob" },
    ],
  };
  const config = configSchema.parse({ irc, data: "memory" }) as Config;
  const { peers } = await participantSettings(config, { now: () => 0, wall: () => 0 });
  expect(peers).toMatchObject([
    { name: "bot", key: "ab".repeat(32) },
    { name: "ann", key: "cd".repeat(32) },
  ]);
});
