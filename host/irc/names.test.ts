import { describe, expect, test } from "vitest";
import { caseMappingOf, foldName, isChannelName, isNick, isOneLine } from "./names.ts";
import type { IrcNetworkSettings } from "./settings.ts";
import { refuseWrong } from "./settings-check.ts";

describe("names", () => {
  test.each([
    ["ascii", "ABZ[]\\^az", "abz[]\\^az"],
    ["strict-rfc1459", "ABZ[]\\^az", "abz{}|^az"],
    ["rfc1459", "ABZ[]\\^az", "abz{}|~az"],
    ["unicode", "ÄB[", "äb["],
  ] as const)("are folded as the server says: %s", (mapping, name, folded) => {
    expect(foldName(name, mapping)).toBe(folded);
  });

  test("a server that says nothing folds as RFC 1459 does, one that says something new by Unicode", () => {
    expect([undefined, "ascii", "rfc7613", true].map(caseMappingOf)).toEqual([
      "rfc1459",
      "ascii",
      "unicode",
      "unicode",
    ]);
  });

  test("nicks", () => {
    for (const right of ["gw", "gw_", "[x]", "a-b|c", "Jürgen"])
      expect([right, isNick(right)]).toEqual([right, true]);
    const wrong = ["", "a b", "#lab", ":a", "a,b", "a!b", "a@b", "*", "a\r", "a\0", "@op", "a\x7f"];
    for (const one of wrong) expect([one, isNick(one)]).toEqual([one, false]);
  });

  test("channels", () => {
    expect(["#lab", "&local", "##a"].every((name) => isChannelName(name))).toBe(true);
    for (const one of ["#", "lab", "#a b", "#a,b", "#a\x07", "#a:b", "#a\n", "!x"])
      expect([one, isChannelName(one)]).toEqual([one, false]);
    expect([isChannelName("!x", "#!"), isChannelName("&x", "#!")]).toEqual([true, false]);
  });

  test("lines", () => {
    expect(["ok : ☃", "a\rb", "a\nb", "a\0b"].map(isOneLine)).toEqual([true, false, false, false]);
  });
});

describe("settings that no server takes are refused by name", () => {
  const right: IrcNetworkSettings = {
    name: "test",
    host: "irc.example",
    port: 6697,
    tls: {},
    nick: "gw",
    user: "gw",
    realname: "a gateway",
    sasl: null,
    channels: [{ name: "#lab", key: "k" }],
    flood: { burst: 5, perS: 0.5 },
    maxQueue: 500,
    retryMinMs: 5000,
    retryMaxMs: 300_000,
    randomSource: Math.random,
  };

  test.each<[string, Partial<IrcNetworkSettings>]>([
    ["irc.host", { host: "a b" }],
    ["irc.port", { port: 0 }],
    ["irc.nick", { nick: "#gw" }],
    ["irc.user", { user: "a@b" }],
    ["irc.realname", { realname: "a\r\nQUIT" }],
    ["irc.password", { password: "a b" }],
    ["irc.channels", { channels: [{ name: "lab" }] }],
    ["irc.channels", { channels: [{ name: "#lab", key: "a b" }] }],
    ["irc.sasl", { sasl: { mechanism: "PLAIN", user: "gw" } }],
    ["irc.sasl", { sasl: { mechanism: "EXTERNAL" } }],
    ["irc.flood", { flood: { burst: 5, perS: 0 } }],
    ["irc.maxQueue", { maxQueue: 0 }],
    ["irc.retryMinMs", { retryMinMs: 10, retryMaxMs: 5 }],
  ])("%s of %j", (name, wrong) => {
    expect(() => refuseWrong(right)).not.toThrow();
    expect(() => refuseWrong({ ...right, ...wrong })).toThrow(RangeError);
    expect(() => refuseWrong({ ...right, ...wrong })).toThrow(name);
  });

  test("a password is in no error", () => {
    expect(() => refuseWrong({ ...right, password: "sec ret" })).toThrow(/^irc\.password: "…"/);
  });
});
