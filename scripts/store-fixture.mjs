// Writes host/store/fixtures/format-1.0.json, or what this release's format is: a data folder that later releases must take
// over. Run once for each format, before the release; what is there is never written anew.
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const bundle = join(root, "node_modules/.cache/store-fixture.mjs");
await build({
  entryPoints: [join(root, "host/backup/testing/make-fixture.ts")],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  external: ["classic-level"],
});
try {
  const { makeFixture } = await import(pathToFileURL(bundle).href);
  const fixture = await makeFixture();
  const folder = join(root, "host/store/fixtures");
  const path = join(folder, `format-${fixture.format}.${fixture.minor}.json`);
  if (existsSync(path)) throw new Error(`writing ${path}: it is there, and stays as that release made it`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(fixture, null, 2)}\n`);
  console.log(path);
} finally {
  rmSync(bundle, { force: true });
}
