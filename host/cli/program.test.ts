import { expect, test } from "vitest";
import { version } from "../../package.json";
import { runVerb } from "./testing/run-verb.ts";

const verbs = ["up", "sim", "tail", "send", "devices", "sessions", "ports", "decode", "config"];

test("--help has a line for every verb, examples and the exit codes", async () => {
  const { code, out, err } = await runVerb(["--help"]);
  const text = out.join("\n");
  expect([code, err]).toEqual([0, []]);
  for (const verb of verbs) expect(text).toMatch(new RegExp(`^  ${verb} +\\S`, "m"));
  expect(text).toContain("bowline send sim-1 l:led '{\"on\":true}'");
  expect(text).toContain("8 refused by the other side, 130 interrupted");
});

test.each(verbs)("%s --help and help %s tell its options", async (verb) => {
  for (const args of [
    [verb, "--help"],
    ["help", verb],
  ]) {
    const { code, out } = await runVerb(args);
    expect([code, out.join("\n")]).toEqual([0, expect.stringContaining(`Usage: bowline ${verb}`)]);
  }
});

test.each(["--version", "-V"])("%s prints the version of the package", async (option) => {
  expect(await runVerb([option])).toEqual({ code: 0, out: [version], err: [] });
});

test("without a verb it prints the help to stderr and is a usage error", async () => {
  const { code, out, err } = await runVerb([]);
  expect([code, out]).toEqual([2, []]);
  expect(err.join("\n")).toContain("Usage: bowline VERB [options]");
});

test.each([
  [["tial"], "unknown verb 'tial'; did you mean tail? [USAGE]\n  mend: npx bowline --help"],
  [["xyzzy"], "unknown verb 'xyzzy' [USAGE]\n  mend: npx bowline --help"],
  [
    ["tail", "--jsn"],
    "unknown option '--jsn'; did you mean --json? [USAGE]\n  mend: npx bowline tail --help",
  ],
  [["--vers"], "unknown option '--vers'; did you mean --version? [USAGE]\n  mend: npx bowline --help"],
  [["devices", "x"], "no devices x; allowed: forget [USAGE]\n  mend: npx bowline devices --help"],
  [["send", "sim-1"], "missing required argument 'type' [USAGE]\n  mend: npx bowline send --help"],
  [
    ["config", "chekc"],
    "unknown command 'chekc'; did you mean check? [USAGE]\n  mend: npx bowline config --help",
  ],
  [["irc", "peer"], "no irc peer; did you mean peers? [USAGE]\n  mend: npx bowline irc --help"],
  [
    ["irc", "foo"],
    "no irc foo; allowed: peers, key, ask, again, explain, decode, types [USAGE]\n  mend: npx bowline irc --help",
  ],
  [
    ["irc", "ask", "sim-1@attic", "l:info"],
    "required option '--via <nick>' not specified [USAGE]\n  mend: npx bowline irc ask --help",
  ],
  [["up", "--set"], "option '--set <key=value>' argument missing [USAGE]\n  mend: npx bowline up --help"],
])("%j is one line and what mends it, with exit code 2", async (args, text) => {
  expect(await runVerb(args)).toEqual({ code: 2, out: [], err: [`bowline: ${text}`] });
});
