/** README.md, typed as it stands there: with npm and npx, as who has never heard of Bowline does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./page.ts";
import { plugsIn, realBoard } from "./real-board.ts";
import { walkPage } from "./walk.ts";

await walkPage("README.md", {
  isAsItStands: /^(npm start$|npx bowline devices)/,
  instead: [plugsIn, ...realBoard],
});

test("it is short", () => {
  expect(readFileSync(join(root, "README.md"), "utf8").split("\n").length).toBeLessThan(300);
});
