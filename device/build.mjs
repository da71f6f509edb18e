/** Builds one firmware: a single script for the board, bundled, linted for its dialect and held to a size. */
import { realpathSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isMain } from "../scripts/is-main.mjs";
import { bundleFirmware } from "./bundle.mjs";
import { lintBundle } from "./lint.mjs";

const project = realpathSync(fileURLToPath(new URL("..", import.meta.url)));

const MAIN = "device/main.ts";
/** Bytes. 16 400, run from flash, and their buffers took 1566 of the smallest board's 2500 variables (2v29, measured). */
const FIRMWARE_BUDGET = 20_480;
/** Bytes. What an author's program may have on top; whether its board has so much flash, the flasher asks the board. */
const APP_BUDGET = FIRMWARE_BUDGET + 4096;

/**
 * entry: the program, absolute or relative to root; outfile: by default dist/device/NAME.js, `firmware` for main.ts.
 * Throws when the program does not fit the board's dialect, or has more than `budget` bytes.
 * -> {outfile, bytes, inputs}: where it is, its size, the absolute paths of its sources
 * @param {{ entry?: string, outfile?: string, budget?: number, quiet?: boolean, root?: string }} options
 */
export async function buildDevice({
  entry = MAIN,
  outfile,
  budget = entry === MAIN ? FIRMWARE_BUDGET : APP_BUDGET,
  quiet = false,
  root = project,
} = {}) {
  const target = resolve(root, outfile ?? join("dist/device", `${nameOf(entry)}.js`));
  const { code, map, inputs } = await bundleFirmware(root, resolve(root, entry));
  refuseFindings(code, map);
  const bytes = Buffer.byteLength(code);
  const size = `${basename(target)} ${grouped(bytes)} bytes of ${grouped(budget)}`;
  if (bytes > budget) throw new Error(`${size}: ${grouped(bytes - budget)} too many`);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, code);
  if (!quiet) console.log(`${size} (${Math.round((100 * bytes) / budget)} %)`);
  return { outfile: target, bytes, inputs };
}

function refuseFindings(code, map) {
  const findings = lintBundle(code);
  if (findings.length === 0) return;
  const sources = new SourceMap(map);
  const lines = findings.map(
    ({ rule, text, offset, excerpt }) => `${rule}: ${text}: ${placeOf(sources, code, offset)}: ${excerpt}`,
  );
  throw new Error(lines.join("\n"));
}

/** "device/main.ts:12 (name)", or the position in the bundle where no source is known. */
function placeOf(sources, code, offset) {
  const before = code.slice(0, offset).split("\n");
  const { originalSource, originalLine, name } = sources.findEntry(before.length - 1, before.at(-1).length);
  if (originalSource === undefined) return `byte ${offset} of the bundle`;
  return `${originalSource}:${originalLine + 1}${name ? ` (${name})` : ""}`;
}

function nameOf(entry) {
  const name = basename(entry).replace(/\.[^.]*$/, "");
  return name === "main" ? "firmware" : name;
}

/** 10240 -> "10 240" */
function grouped(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, " ");
}

if (isMain(import.meta.url)) {
  const fromHere = (path) => path && resolve(path);
  try {
    const { values } = parseArgs({ options: { app: { type: "string" }, out: { type: "string" } } });
    await buildDevice({ entry: fromHere(values.app), outfile: fromHere(values.out) });
  } catch (error) {
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  }
}
