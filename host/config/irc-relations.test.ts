import { describe, expect, it } from "vitest";
import { configSchema } from "./schema.ts";

function faults(irc: object): string[] {
  return (configSchema.safeParse({ irc }).error?.issues ?? []).map((issue) => issue.message);
}

const lab = { host: "irc.example", nick: "gw", channels: ["#lab"] };

describe("the section irc", () => {
  it("is nothing without a host, and takes tls as a word", () => {
    expect(configSchema.parse({}).irc).toMatchObject({ enabled: true, networks: [], routes: [] });
    expect(configSchema.parse({ irc: { ...lab, tls: true } }).irc.tls).toEqual({ enabled: true });
    expect(configSchema.parse({ irc: { ...lab, tls: false } }).irc.tls).toEqual({ enabled: false });
  });

  it.each<[string, object, string[]]>([
    [
      "waits the wrong way round",
      { ...lab, retryMinMs: 500_000 },
      ["irc.retryMinMs: expected at most irc.retryMaxMs (300000), got 500000"],
    ],
    [
      "a network twice",
      { ...lab, networks: [{ host: "irc.example" }] },
      ["irc.networks.0.host: the same network as irc"],
    ],
    [
      "a channel twice, however it is written",
      { ...lab, channels: ["#lab", "#ops", "#LAB"] },
      ["irc.channels.2: the same channel as irc.channels.0"],
    ],
    [
      "a listed network without a host",
      { networks: [{ name: "x" }] },
      ["irc.networks.0.host: missing; expected the name of an IRC server"],
    ],
    [
      "a password in the clear",
      { ...lab, tls: false, passwordFile: "p" },
      ["irc.tls.enabled: a password would pass in the clear; allowed: true, or a host on loopback"],
    ],
    [
      "half a login",
      { ...lab, sasl: { user: "gw" } },
      ["irc.sasl.passwordFile: missing; PLAIN needs user and passwordFile"],
    ],
    [
      "a login with a certificate that is not there",
      { ...lab, sasl: { mechanism: "EXTERNAL" } },
      ["irc.sasl.mechanism: EXTERNAL logs in with tls.cert and tls.key, which are missing"],
    ],
    [
      "a certificate without its key",
      { ...lab, tls: { cert: "c" } },
      ["irc.tls: key is missing; a certificate needs its key"],
    ],
    [
      "a route to nowhere",
      { ...lab, routes: [{}, { channel: "#lab", nick: "ann" }] },
      [
        "irc.routes.0: expected exactly one of channel and nick, got none",
        "irc.routes.1: expected exactly one of channel and nick, got both",
      ],
    ],
    [
      "a route to what is not there",
      { ...lab, routes: [{ channel: "#lap" }, { network: "n", nick: "ann" }] },
      [
        "irc.routes.0.channel: #lap is none of irc.channels; allowed: #lab",
        "irc.routes.1.network: n is no network; allowed: irc.example",
      ],
    ],
    [
      "waiting for somebody in private",
      { ...lab, routes: [{ nick: "ann", waitFor: ["bob"] }] },
      ["irc.routes.0.waitFor: is for routes to a channel"],
    ],
    [
      "saying again to nobody",
      { ...lab, routes: [{ channel: "#lab", sayAgainS: 60 }] },
      ["irc.routes.0.sayAgainS: needs somebody to wait for: waitFor"],
    ],
    [
      "an audit elsewhere",
      { ...lab, auditChannel: "#ops" },
      ["irc.auditChannel: #ops is none of irc.channels; allowed: #lab"],
    ],
    [
      "a seal without a key, told once where it is everywhere",
      { ...lab, scheme: "b85U", routes: [{ channel: "#lab" }] },
      ["irc.scheme: b85U seals with irc.sealingKeyFile, which is missing"],
    ],
    [
      "a sealed route and a sealed peer without a key",
      { ...lab, routes: [{ channel: "#lab", scheme: "b85U" }], peers: [{ name: "p", scheme: "b85U" }] },
      [
        "irc.routes.0.scheme: b85U seals with irc.sealingKeyFile, which is missing",
        "irc.peers.0.scheme: b85U seals with irc.sealingKeyFile, which is missing",
      ],
    ],
    [
      "a route to the reference that it cannot read",
      {
        ...{ ...lab, scheme: "b32z" },
        routes: [
          { channel: "#lab", profile: "pyirciot" },
          { channel: "#lab", profile: "pyirciot", scheme: "b64z" },
        ],
        peers: [{ name: "p", profile: "pyirciot" }],
      },
      [
        "irc.routes.0.profile: pyirciot, which does not read b32z; allowed: another scheme there",
        "irc.peers.0.profile: pyirciot, which does not read b32z; allowed: another scheme there",
      ],
    ],
    [
      "words on a route that is sealed",
      { ...lab, sealingKeyFile: "k", routes: [{ channel: "#lab", scheme: "b85U", detail: "words" }] },
      ["irc.routes.0.detail: words are for everybody to read; b85U seals full and brief"],
    ],
    [
      "ciphers to be read with nothing",
      { ...lab, legacy: { enabled: true } },
      ["irc.legacy: expected aesKeyFile or rsaKeyFile, got neither"],
    ],
    [
      "a cipher that is assumed of a peer, and cannot be read",
      { ...lab, peers: [{ name: "p", scheme: "b64r" }], legacy: { enabled: true, aesKeyFile: "k" } },
      ["irc.peers.0.scheme: b64r is read with irc.legacy.enabled and irc.legacy.rsaKeyFile"],
    ],
    [
      "a peer that has to sign with no key",
      { ...lab, peers: [{ name: "p", nick: "p", required: true }] },
      ["irc.peers.0.key: missing; nothing that is required of it could be right"],
    ],
    [
      "an operator who proves nothing, or too much",
      {
        ...lab,
        operators: [{ name: "a" }, { name: "b", account: "b", key: "ab".repeat(32) }],
      },
      [
        "irc.operators.0: expected exactly one of account, certfp and key, got none",
        "irc.operators.1: expected exactly one of account, certfp and key, got account, key",
      ],
    ],
    [
      "an operator of no network, and one twice",
      {
        ...lab,
        operators: [
          { name: "a", account: "a", network: "n" },
          { name: "a", account: "b" },
        ],
      },
      [
        "irc.operators.0.network: n is no network; allowed: irc.example",
        "irc.operators.1.name: the same name as irc.operators.0",
      ],
    ],
  ])("refuses %s", (_, irc, expected) => {
    expect(faults(irc)).toEqual(expected);
  });

  it("takes the same when it is disabled, or does not matter", () => {
    expect(faults({ ...lab, enabled: false, auditChannel: "#ops", routes: [{}] })).toEqual([]);
    expect(faults({ ...lab, routes: [{ enabled: false }] })).toEqual([]);
    expect(faults({ ...lab, host: "127.0.0.1", tls: false, passwordFile: "p" })).toEqual([]);
  });

  it.each([
    ["channels", ["lab", "#a b", "#a,b", "#a:b", "#", "#\n1"], ["#lab", "&local", "#küche"]],
    ["nick", ["1a", "a b", "", "ünn"], ["gw-kitchen", "[bot]"]],
    ["address", ["a@b@c", "a//b", "a b"], ["bowline@kitchen", "MP714@Kitchen/co2", "a@b/c@d"]],
  ])("knows what is written in %s", (key, wrong, right) => {
    const faultsOf = (value: string) =>
      faults({ ...lab, [key]: key === "channels" ? [value] : value }).length;
    expect(wrong.filter((value) => faultsOf(value) === 0)).toEqual([]);
    expect(right.filter((value) => faultsOf(value) > 0)).toEqual([]);
  });
});

it("a fingerprint is taken as WHOIS tells it and as openssl prints it, in either case", () => {
  const check = (certfp: string) =>
    configSchema.safeParse({ irc: { operators: [{ name: "ann", certfp }] } }).success;
  const bytes = (count: number, sign: string) => Array.from({ length: count }, () => "aB").join(sign);
  for (const count of [20, 32, 64])
    expect([check(bytes(count, "")), check(bytes(count, ":"))]).toEqual([true, true]);
  expect(["ab:ab", bytes(31, ":"), `${bytes(31, ":")}ab`, bytes(33, "")].filter(check)).toEqual([]);
});
