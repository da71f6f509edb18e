/** Imports run only along the arrows of ARCHITECTURE.md, and a few rules of the house hold in every file. */
import { readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { globSync } from "./glob.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The block marked ```arrows: `room: the rooms it may import`, in reading order. */
function readArrows(): Map<string, string[]> {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const block = /```arrows\n([^`]*)```/.exec(text)?.[1] ?? "";
  const rows = block.split("\n").filter((line) => line.trim() !== "");
  return new Map(
    rows.map((row) => {
      const [room, rooms] = row.split(":");
      return [room.trim(), rooms.trim().split(/\s+/).filter(Boolean)];
    }),
  );
}

const arrows = readArrows();
const rooms = ["shared", "device", "host", "client", "component", "bench", "proof", "scripts", "packaging"];
const sources: string[] = globSync(root, rooms, /\.(ts|tsx|mjs)$/).filter((file) => !file.includes(".test."));

/** Lines of one idea. */
const LONGEST = 400;

/** The room a file stands in: the longest that names it. */
function roomOf(file: string): string | undefined {
  return [...arrows.keys()]
    .filter((room) => file === room || file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

interface Import {
  from: string;
  to: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8").replace(/^\s*(\*|\/\/).*$/gm, "");
  const found = text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return [...found].map((match) => ({ from: file, to: match[1] }));
}

const relativeImports = sources
  .flatMap(importsOf)
  .filter(({ to }) => to.startsWith(".") && !to.endsWith(".json"));
const resolve = ({ from, to }: Import) => relative(root, normalize(join(root, dirname(from), to)));

describe("the arrows of ARCHITECTURE.md", () => {
  test("there are arrows, every source stands in a room of theirs, and every room has sources", () => {
    expect(arrows.size).toBeGreaterThan(10);
    expect(sources.length).toBeGreaterThan(80);
    expect(sources.filter((file) => roomOf(file) === undefined)).toEqual([]);
    expect([...arrows.keys()].filter((room) => !sources.some((file) => roomOf(file) === room))).toEqual([]);
  });

  test("every import of another room is one of them", () => {
    const wrong = relativeImports.filter((one) => {
      const [from, to] = [roomOf(one.from)!, roomOf(resolve(one))];
      return to === undefined || (from !== to && !arrows.get(from)!.includes(to));
    });
    expect(wrong.map((one) => `${one.from} -> ${resolve(one)}`)).toEqual([]);
  });

  test("they have no circle: a room imports only rooms that stand before it", () => {
    const order = [...arrows.keys()];
    const back = order.flatMap((room, i) =>
      arrows
        .get(room)!
        .filter((other) => order.indexOf(other) < 0 || order.indexOf(other) >= i)
        .map((other) => `${room} -> ${other}`),
    );
    expect(back).toEqual([]);
  });

  test("no arrow is written that nothing uses", () => {
    const used = new Set(relativeImports.map((one) => `${roomOf(one.from)} -> ${roomOf(resolve(one))}`));
    const unused = [...arrows]
      .flatMap(([room, rooms]) => rooms.map((to) => `${room} -> ${to}`))
      .filter((arrow) => !used.has(arrow));
    expect(unused).toEqual([]);
  });
});

describe("rules of the house", () => {
  test("shared/ and device/ import no package", () => {
    const files = sources.filter(
      (file) => /^(shared|device)\/.*\.ts$/.test(file) && !file.startsWith("shared/testing/"),
    );
    const packages = files.flatMap(importsOf).filter(({ to }) => !to.startsWith(".") && to !== "bowline"); // an example's own
    expect(packages).toEqual([]);
  });

  test("there is no default export and no barrel", () => {
    const offenders = sources.filter((file) => {
      if (file === "scripts/vitest-reporter.mjs") return false; // vitest asks for one
      const text = readFileSync(join(root, file), "utf8");
      return /^export default|^export \* from/m.test(text);
    });
    expect(offenders).toEqual([]);
  });

  test("a file has at most 400 lines, or says in its head what it is long for; half of them have at most 120", () => {
    const texts = new Map(
      [...sources, ...globSync(root, rooms, /\.(js|lua|py)$/)].map((file) => [
        file,
        readFileSync(join(root, file), "utf8").split("\n"),
      ]),
    );
    const long = [...texts].filter(([, lines]) => lines.length > LONGEST + 1);
    const unsaid = long.filter(
      ([, lines]) => !lines.slice(0, 12).some((line) => /Long because \w/.test(line)),
    );
    expect(unsaid.map(([file]) => file)).toEqual([]);
    const lengths = [...texts.values()].map((lines) => lines.length - 1).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120);
  });

  test("no comment takes a branch out of what is measured, in tests neither", () => {
    const comment = new RegExp(
      ["v8", "c8", "istanbul", "node:coverage"].map((tool) => `${tool} ignore`).join("|"),
    );
    const all = globSync(root, rooms, /\.(ts|tsx|mjs|js)$/);
    expect(all.filter((file) => comment.test(readFileSync(join(root, file), "utf8")))).toEqual([]);
  });
});
