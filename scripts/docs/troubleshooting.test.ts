/** docs/troubleshooting.md: its commands are typed, what it quotes is said by the product, and no code is without a way there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { firstMissing } from "../../host/cli/testing/typed-commands.ts";
import { globSync } from "../glob.mjs";
import { root } from "./page.ts";
import { walkPage } from "./walk.ts";

const walk = await walkPage("docs/troubleshooting.md", {
  hasGateway: true,
  exits: [[/^bowline send nobody /, 3]],
  instead: [
    [
      /^bowline doctor$/,
      async (here, { line, shown }) => {
        const { shell, here: typed } = here.at("");
        const { printed, status } = await shell.type(typed(line));
        expect(firstMissing(shown, printed), printed).toBeUndefined();
        // Something may be wrong with the machine of the tests.
        expect([0, 1]).toContain(status);
      },
    ],
  ],
});

const files = (globSync(root, ["host", "shared", "device"], /\.(ts|mjs)$/) as string[]).filter(
  (file) => !/\.test\.|\/testing\//.test(file),
);
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
/** With concatenated lines joined. */
const product = [...texts.values()].join("\n").replace(/" \+\n\s*"|` \+\n\s*`/g, "");

function codesBy(pattern: RegExp, of = /./): Set<string> {
  const read = [...texts].filter(([file]) => of.test(file));
  return new Set(read.flatMap(([, text]) => [...text.matchAll(pattern)].map(([, code]) => code)));
}

describe("codes", () => {
  const [, problems, errors] = /## Problems(.*)## Errors(.*)/s.exec(walk.page.text) ?? ["", "", ""];
  const named = (part: string) => new Set([...part.matchAll(/`([A-Z][A-Z_]{3,})`/g)].map(([, code]) => code));
  const missing = (wanted: Set<string>, there: Set<string>) => [...wanted].filter((code) => !there.has(code));

  test("every problem is there, and no other", () => {
    const found = codesBy(/code: "([A-Z_]+)"/g, /^host\/problems\/.*-problems\.ts$/);
    expect(found.size).toBeGreaterThan(25);
    expect(missing(found, named(problems))).toEqual([]);
    expect(missing(named(problems), found)).toEqual([]);
  });

  test("every error that people are told is there, and no other", () => {
    const found = codesBy(/new (?:BowlineError|HttpFault)\(\s*(?:\d+,\s*)?"([A-Z][A-Z_]{3,})"/g);
    expect(found.size).toBeGreaterThan(120);
    for (const code of codesBy(/"(CONFIG_[A-Z_]+)"/g)) found.add(code);
    for (const code of codesBy(/code: "([A-Z_]+)"/g, /^host\/admission\//)) found.add(code);
    expect(missing(found, named(errors))).toEqual([]);
    const inUse = codesBy(/"([A-Z][A-Z_]{3,})"/g);
    expect(missing(named(errors), inUse)).toEqual([]);
  });
});

/** Rows of its tables whose first cell quotes the product; `…` stands for what differs. */
const quotes = [...walk.page.prose.matchAll(/^\| [^|]*?`([^|`]+)`[^|]* \|/gm)]
  .map(([, quote]) => quote)
  .filter((quote) => !/^bowline /.test(quote));

test("what it quotes is the product's own text", () => {
  expect(quotes.length).toBeGreaterThan(20);
  const strange = quotes.filter((quote) =>
    quote
      .split("…")
      .map((piece) => piece.trim())
      .some((piece) => piece !== "" && piece !== "," && !product.includes(piece)),
  );
  expect(strange).toEqual([]);
});
