/** Documents of all rooms are in one store: what one room's keys begin with, no other's does. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const host = fileURLToPath(new URL("..", import.meta.url));
/** Their keys are of a database, below the store's documents, or beside the store. */
const notDocuments = ["store", "history", "http/page"];

/** "s/" -> rooms with a text that begins so, and goes on with a name: "s/", `s/${name}`. */
function roomsByPrefix(): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const file of readdirSync(host, { recursive: true, encoding: "utf8" })) {
    const room = dirname(file);
    if (!/\.ts$/.test(file) || /\.test\.ts$|testing\//.test(file)) continue;
    if (notDocuments.some((one) => room === one || room.startsWith(`${one}/`))) continue;
    for (const [, prefix] of readFileSync(join(host, file), "utf8").matchAll(
      /["`]([a-z]{1,3}\/)(?:["`]|\$\{)/g,
    ))
      found.set(prefix, (found.get(prefix) ?? new Set()).add(room));
  }
  return new Map([...found].map(([prefix, rooms]) => [prefix, [...rooms]]));
}

test("a prefix belongs to one room", () => {
  const all = roomsByPrefix();
  for (const prefix of ["q/", "s/", "up/", "tl/", "mt/"])
    expect([prefix, all.get(prefix)?.length]).toEqual([prefix, 1]);
  expect([...all].filter(([, rooms]) => rooms.length > 1)).toEqual([]);
});
