/** The status page, built into a folder of its own as scripts/build.mjs builds it. */
import { copyFile, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = fileURLToPath(new URL("../page/", import.meta.url));

/** -> the folder, for the caller to remove. */
export async function buildPage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-page-"));
  for (const name of ["index.html", "page.css"]) await copyFile(join(source, name), join(folder, name));
  await build({
    entryPoints: [join(source, "main.tsx")],
    outfile: join(folder, "page.js"),
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    minify: true,
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "warning",
  });
  return folder;
}
