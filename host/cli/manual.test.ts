import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { escapeRoff, paragraphs } from "./papers/roff.ts";
import { allVerbs, verbTree } from "./papers/verb-tree.ts";
import { createProgram } from "./program.ts";
import { FakeTerminal } from "./testing/fake-terminal.ts";
import { runVerb } from "./testing/run-verb.ts";

const isThere = (name: string, arg: string) => spawnSync(name, [arg]).error === undefined;
const page = async () => `${(await runVerb(["manual"])).out.join("\n")}\n`;

test("roff acts on nothing of a text, and what is indented stands as it is", () => {
  expect(escapeRoff(".a-b \\n 'x' \u2026")).toBe("\\&.a\\-b \\en \\(aqx\\(aq \\[u2026]");
  expect(paragraphs("one\ntwo:\n  a  b\n\nthree")).toEqual([
    ...[".PP", "one", ".PP", "two:"],
    ...[".PP", ".nf", "  a  b", ".fi"],
    ...[".PP", "three"],
  ]);
});

test("every verb and every option of help is in the page, and no place of this machine", async () => {
  const text = (await page()).replaceAll("\\-", "-");
  for (const { name, options } of allVerbs(verbTree(createProgram(new FakeTerminal())))) {
    expect(text).toContain(`.SS bowline ${name}`);
    for (const { flags } of options) expect(text).toContain(`\\fB${flags.replaceAll("'", "\\(aq")}\\fR`);
  }
  expect(text).not.toContain(process.cwd());
});

describe.skipIf(!isThere("mandoc", "-V"))("mandoc (needs mandoc: sudo apt-get install mandoc)", () => {
  test("has nothing to say of the page but that it has no date", async () => {
    const { stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "warning"], {
      input: await page(),
      encoding: "utf8",
    });
    expect(stdout.split("\n").filter((line) => line !== "" && !line.includes("missing date"))).toEqual([]);
  });

  test("shows it", async () => {
    const { stdout, status } = spawnSync("mandoc", ["-T", "utf8", "-O", "width=80"], {
      input: await page(),
      encoding: "utf8",
    });
    // Bold is a letter, a step back, and the letter again.
    const shown = stdout
      .split("\b")
      .map((part, i, all) => (i < all.length - 1 ? part.slice(0, -1) : part))
      .join("");
    expect(status).toBe(0);
    expect(shown).toContain("bowline send sim-1 l:led '{\"on\":true}'   a request, and its reply");
    expect(shown).toMatch(/bowline queue inspect \[options\] <peer>/);
    for (const line of shown.split("\n").filter((one) => !one.startsWith("         ")))
      expect(line.length, line).toBeLessThan(140);
  });
});
