/** Every reason that PROTOCOL knows has its words. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { breakWords } from "./break-words.ts";

test("every letter of PROTOCOL is told in words, and one that is none as it is", () => {
  const protocol = readFileSync(new URL("../../shared/PROTOCOL.md", import.meta.url), "utf8");
  const letters = [...protocol.matchAll(/^\| `(.)` [0-9a-f]{2} \| [A-Z]+ \| /gm)].map(([, letter]) => letter);
  const reasons = letters.filter((letter) => letter === letter.toLowerCase());
  expect(reasons).toEqual(["c", "f", "o", "q", "s", "t"]);
  for (const letter of reasons) expect(breakWords(letter.charCodeAt(0))).not.toContain("reason");
  expect(breakWords("z".charCodeAt(0))).toBe('reason "z"');
});
