import { expect, test } from "vitest";
import { parseLogLine } from "./log-line.ts";

const json = '{"mid":"1","ver":"?"}';

test.each([
  ["bare JSON", json, {}],
  ["bare JSON, spaced", `  [ ${json}]`, { text: `  [ ${json}]` }],
  ["IRC", `:gw!~bowline@10.0.0.1 PRIVMSG #lab :${json}`, { nick: "gw", channel: "#lab" }],
  ["IRC, with its line end", `:gw!u@h PRIVMSG #lab :${json}\r`, { nick: "gw", channel: "#lab" }],
  ["IRC of a service without a mask", `:gw PRIVMSG #lab :${json}`, { nick: "gw", channel: "#lab" }],
  ["IRC, said to us alone", `:gw!u@h PRIVMSG me :${json}`, { nick: "gw" }],
  ["IRC, said by us", `PRIVMSG &local :${json}`, { channel: "&local" }],
  [
    "IRC with tags",
    `@time=2026-01-02T03:04:05.006Z;account=gwacc;x :gw!u@h PRIVMSG #lab :${json}`,
    { nick: "gw", channel: "#lab", account: "gwacc", time: "2026-01-02T03:04:05.006Z" },
  ],
  [
    "IRC behind a time and an arrow",
    `03:04:05 >> :gw!u@h PRIVMSG #lab :${json}`,
    { nick: "gw", channel: "#lab" },
  ],
  ["a NOTICE", `:gw!u@h NOTICE #lab :${json}`, { nick: "gw", channel: "#lab", isNotice: true }],
  ["irssi", `03:04 <@gw> ${json}`, { nick: "gw" }],
  ["irssi without a sign", `03:04 < gw> ${json}`, { nick: "gw" }],
  ["weechat", `2026-01-02 03:04:05\t@gw\t${json}`, { nick: "gw" }],
  ["ZNC", `[03:04:05] <gw> ${json}`, { nick: "gw" }],
  ["HexChat", `Jan 02 03:04:05 <gw>\t${json}`, { nick: "gw" }],
  ["a nick of odd letters", `03:04 <{gw}[]^\`|> ${json}`, undefined],
])("%s", (_, line, expected) => {
  const none = { nick: "", channel: null, account: null, time: null, isNotice: false, text: json };
  if (expected !== undefined) expect(parseLogLine(line)).toEqual({ ...none, ...expected });
  else expect(parseLogLine(line)).toEqual({ ...none, nick: "{gw}[]^`|" });
});

test.each([
  "03:04 <bob> good morning",
  "03:04 <bob> [ok] fine",
  "03:04 <bob> {sigh}",
  "03:04 -!- gw [~bowline@10.0.0.1] has joined #lab",
  "--- Day changed Fri Jan 02 2026",
  ":gw!u@h JOIN #lab",
  ":irc.example 001 gw :Welcome",
  ":bob!u@h PRIVMSG #lab :look: {1}",
  "[03:04:05] *** Joins: gw",
  "",
])("%j is none of it", (line) => {
  expect(parseLogLine(line)).toBeNull();
});

test("a line of any letters takes no longer than it is long", () => {
  for (const letter of ["<", "\t", "[", " ", "@", ":", "{", "PRIVMSG "])
    for (const end of ["", json]) parseLogLine(letter.repeat(60_000) + end);
});
