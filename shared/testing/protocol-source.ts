/** What the tests of PROTOCOL.md compare it with: the text of sources, and the numbers of const enums. */
import { readFileSync } from "node:fs";

export const root = new URL("../../", import.meta.url);

export const sourceOf = (path: string) => readFileSync(new URL(path, root), "utf8");

/** A const enum as the module that declares it holds it: names with numbers. */
export function membersOf(module: object, name: string): Record<string, number> {
  const members = Object.entries((module as Record<string, Record<string, unknown>>)[name]);
  return Object.fromEntries(
    members.filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}
