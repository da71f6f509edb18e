/** docs/operating.md: a gateway is asked how it is, backed up and restored; its service is shown, and not made. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPage, root } from "./page.ts";
import { walkPage } from "./walk.ts";

await walkPage("docs/operating.md", {
  hasGateway: true,
  // The service's configuration: here the defaults, in this clone.
  here: (text) => text.replace(" -c /etc/bowline/bowline.yaml", ""),
  instead: [
    // The program of a clone is where no service may look: it is to be installed first.
    [
      /^sudo bowline install --dry-run$/,
      (walk, command) => walk.type({ ...command, line: `${command.line} --program /usr/bin/env` }),
    ],
    [/^npx bowline doctor$/, (walk, command) => walk.typeWhatever(command)],
  ],
});

test("the line for cron has the verb that is shown above it", async () => {
  const { blocks } = await readPage("docs/operating.md");
  const [cron] = blocks.filter(({ language }) => language === "cron");
  expect(cron.text).toMatch(
    /^\d+ \d+ \* \* \*\s+cd \S+ && npx bowline backup \S+\$\(date \+\\%a\)\.bowline\n$/,
  );
  const typed = blocks.flatMap(({ commands }) => commands.map(({ line }) => line));
  expect(typed).toContain("npx bowline backup bowline.bowline");
});

test("what it says of the store's bounds is so", async () => {
  const { text } = await readPage("docs/operating.md");
  const table = readFileSync(join(root, "docs/configuration.md"), "utf8");
  const named = [...text.matchAll(/`((?:store|history)\.\w+)`/g)].map(([, key]) => key);
  expect(named.length).toBeGreaterThan(6);
  expect(named.filter((key) => !table.includes(`| \`${key}\` |`))).toEqual([]);
});
