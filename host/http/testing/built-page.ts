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
  await copyFile(join(source, "index.html"), join(folder, "index.html"));
  await build({
    entryPoints: [
      { in: join(source, "main.tsx"), out: "page" },
      { in: "uplot", out: "uplot" },
      { in: join(source, "page.css"), out: "page" },
    ],
    outdir: folder,
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
