/** What the first view of the page needs is small: a phone loads it over a hotspot, from a gateway that is a Pi. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

const page = fileURLToPath(new URL("../dist/page/", import.meta.url));
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
