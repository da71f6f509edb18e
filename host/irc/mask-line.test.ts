import { expect, test } from "vitest";
import { maskLine } from "./mask-line.ts";

const secrets = ["hunter2-and-more", "abc"];

test.each([
  ["PASS hunter2-and-more", "PASS ***"],
  ["pass :another one", "pass ***"],
  ["AUTHENTICATE PLAIN", "AUTHENTICATE PLAIN"],
  ["AUTHENTICATE SCRAM-SHA-256", "AUTHENTICATE SCRAM-SHA-256"],
  ["AUTHENTICATE +", "AUTHENTICATE +"],
  ["AUTHENTICATE Z3cAZ3cAc2VjcmV0", "AUTHENTICATE ***"],
  ["OPER gw secret", "OPER gw ***"],
  ["JOIN #lab", "JOIN #lab"],
  ["JOIN #lab,#hall key1,key2", "JOIN #lab,#hall ***"],
  ["PRIVMSG NickServ :IDENTIFY gw secret", "PRIVMSG NickServ :IDENTIFY ***"],
  ["PRIVMSG NickServ@services.example :REGAIN gw", "PRIVMSG NickServ@services.example :REGAIN ***"],
  ["NICKSERV IDENTIFY gw secret", "NICKSERV IDENTIFY ***"],
  ["NS identify secret", "NS identify ***"],
  ["PRIVMSG Q@CServe.quakenet.org :AUTH gw secret", "PRIVMSG Q@CServe.quakenet.org :AUTH ***"],
  [":ann!a@h MODE #lab +ok ann secret", ":ann!a@h MODE #lab +ok ***"],
  [":ann!a@h MODE #lab +o ann", ":ann!a@h MODE #lab +o ann"],
  [":irc.example 324 gw #lab +ntk secret", ":irc.example 324 gw #lab +ntk ***"],
  [":irc.example 324 gw #lab +nt", ":irc.example 324 gw #lab +nt"],
  ["PRIVMSG #lab :the password is hunter2-and-more!", "PRIVMSG #lab :the password is ***!"],
  [":ann!a@h PRIVMSG gw :!led sim-1 on", ":ann!a@h PRIVMSG gw :!led sim-1 on"],
  ["@time=2026-11-27T10:00:00Z;account=ann :ann!a@h PRIVMSG gw :hi", ":ann!a@h PRIVMSG gw :hi"],
  [
    "PRIVMSG #lab :abc stays, it is too short to be looked for",
    "PRIVMSG #lab :abc stays, it is too short to be looked for",
  ],
  ["QUIT", "QUIT"],
  ["", ""],
])("%j is shown as %j", (line, shown) => {
  expect(maskLine(line, secrets)).toBe(shown);
});
