/** What is built stays small. The first view of the page above all: a phone loads it over a hotspot, from a gateway that is a Pi. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const page = join(dist, "page");
const MOST_BYTES = 150_000;

test("page.js is no larger than what a first view may need", () => {
  expect(readFileSync(join(page, "page.js")).length).toBeLessThanOrEqual(MOST_BYTES);
});

test("page.js asks for no other file before it runs", async () => {
  const { metafile } = await build({
    entryPoints: [join(page, "page.js")],
    bundle: true,
    external: ["*"],
    format: "esm",
    write: false,
    metafile: true,
  });
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
});

// Each has a tenth to grow; the bundles of boards have a budget in device/build.mjs.
test.each([
  ["bowline.mjs", 6_100_000],
  ["component.mjs", 143_000],
  ["client.mjs", 20_000],
  ["page/page.css", 27_000],
  ["page/uplot.js", 57_000],
])("%s is no larger than %d bytes", (name, most) => {
  const { length } = readFileSync(join(dist, name));
  expect(length).toBeGreaterThan(1000);
  expect(length).toBeLessThanOrEqual(most);
});
