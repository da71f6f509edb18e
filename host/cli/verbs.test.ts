/** What holds of every verb there is, also of those that come. */
import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "./program.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";

/** Those that print nothing for programs: they run until they are ended, or print what is for one program alone. */
const withoutJson = ["up", "sim", "irc again", "completion", "completion names", "manual"];

/** Every verb that does something, by the words it is typed with. */
function verbsOf(command: Command, words: string[] = []): { name: string; verb: Command }[] {
  const below = command.commands.flatMap((verb) => verbsOf(verb, [...words, verb.name()]));
  const isVerb = words.length > 0 && "_actionHandler" in command && command._actionHandler !== null;
  return isVerb ? [{ name: words.join(" "), verb: command }, ...below] : below;
}
const verbs = verbsOf(createProgram(new FakeTerminal()));

test.each(verbs.filter(({ name }) => !withoutJson.includes(name)))("$name takes --json", ({ verb }) => {
  expect(verb.options.map(({ long }) => long)).toContain("--json");
});

test.each(verbs)("$name says what it does, and what its arguments and options are", ({ verb }) => {
  expect(verb.description()).not.toBe("");
  for (const { description } of [...verb.registeredArguments, ...verb.options])
    expect(description).not.toBe("");
});
