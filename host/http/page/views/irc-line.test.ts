import { expect, test } from "vitest";
import { wordsOfLine } from "./irc-line.ts";

test.each([
  [
    ":ann!a@h PRIVMSG #lab :hi there: you",
    { who: "ann", command: "PRIVMSG", target: "#lab", text: "hi there: you" },
  ],
  ["PRIVMSG ann :sim-1 up", { who: "", command: "PRIVMSG", target: "ann", text: "sim-1 up" }],
  [":irc.example 001 gw :Welcome", { who: "irc.example", command: "001", target: "", text: "gw Welcome" }],
  ["JOIN #lab ***", { who: "", command: "JOIN", target: "", text: "#lab ***" }],
  ["QUIT", { who: "", command: "QUIT", target: "", text: "" }],
  [":ann!a@h NOTICE gw", { who: "ann", command: "NOTICE", target: "gw", text: "" }],
  ["", { who: "", command: "", target: "", text: "" }],
])("%j", (line, words) => {
  expect(wordsOfLine(line)).toEqual(words);
});
