/** Builds one firmware: a single script for the board, bundled, linted for its dialect and held to a size. */
import { realpathSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { isMain } from "../scripts/is-main.mjs";
import { BuildError, FAILURE, faultsOf, formatBuildError, NOT_FOUND, shown, USAGE } from "./build-error.mjs";
import { BundleError, bundleFirmware } from "./bundle.mjs";
import { checkTypes } from "./check-types.mjs";
import { ColdError, moveCold } from "./cold.mjs";
import { explain } from "./esbuild-words.mjs";
import { bundleFindings, sourceFindings } from "./findings.mjs";
import { inlineLiterals } from "./inline-literals.mjs";
import { callsStart } from "./source-lint.mjs";

const project = realpathSync(fileURLToPath(new URL("..", import.meta.url)));

const MAIN = "device/main.ts";
/**
 * Bytes, by the links that are built in. Two programs, the one that runs and the one that is being flashed, and the loader
 * share 40 kB of Storage on the smaller boards; whoever has both links built in has more.
 */
const budgets = { cable: 19_456, network: 19_456, both: 22_528 };
/** Bytes. What an author's program may have on top; whether its board has so much flash, the flasher asks the board. */
const APP_BYTES = 4096;

/**
 * entry: the program, absolute or relative to root; outfile: by default dist/device/NAME.js, `firmware` for main.ts;
 * links: what the board can speak over, as its bowline.json says; isTyped: TypeScript checks it, too;
 * mustStart: it is a whole program, which calls start(). Throws a BuildError when the program is not there, does not fit
 * the board's dialect, never starts, or has more than `budget` bytes.
 * -> {outfile, bytes, inputs}: where it is, its size, the absolute paths of its sources
 * @param {{ entry?: string, outfile?: string, links?: "cable" | "network" | "both", budget?: number, quiet?: boolean, root?: string, isTyped?: boolean, mustStart?: boolean }} options
 */
export async function buildDevice({
  entry = MAIN,
  outfile,
  links = "both",
  budget = budgets[links] + (entry === MAIN ? 0 : APP_BYTES),
  quiet = false,
  root = project,
  isTyped = false,
  mustStart = isTyped,
} = {}) {
  const program = resolve(root, entry);
  const target = resolve(root, outfile ?? join("dist/device", `${nameOf(entry)}.js`));
  refuseMissing(program);
  const { code: bundled, inputs, isStarted } = await bundle(root, program, links);
  if (isTyped && program.endsWith("ts")) refuse("APP_TYPES", program, checkTypes(root, program));
  if (mustStart && !isStarted) refuse("APP_REFUSED", program, [neverStarts]);
  const code = withColdMoved(inlineLiterals(bundled), program);
  const bytes = Buffer.byteLength(code);
  if (bytes > budget) throw tooBig(program, bytes, budget);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, code);
  const size = `${basename(target)} ${grouped(bytes)} bytes of ${grouped(budget)}`;
  if (!quiet) console.log(`${size} (${Math.round((100 * bytes) / budget)} %)`);
  return { outfile: target, bytes, inputs };
}

const neverStarts = {
  text: 'nothing calls start() of "bowline", and the board would say nothing to anybody',
  mend: "write start() as the last line",
};

/** Throws with all that the sources, esbuild and the bundle say, each line once. */
async function bundle(root, program, links) {
  const found = [];
  let isStarted = false;
  const onSource = (path, text) => {
    found.push(...sourceFindings(path, text, path === program));
    isStarted ||= callsStart(text, path);
  };
  const made = await bundleFirmware(root, program, links, onSource).catch((error) => {
    if (!(error instanceof BundleError)) throw error;
    const said = error.messages.map((message) => explain(message, root, error.exported));
    return refuse("APP_REFUSED", program, [...found, ...said.filter((one) => !isToldOf(one, found))]);
  });
  refuse("APP_REFUSED", program, found);
  refuse("APP_REFUSED", program, bundleFindings(made.code, made.map, root));
  return { ...made, isStarted };
}

function isToldOf({ file, line }, findings) {
  return findings.some((one) => one.file === file && one.line === line);
}

function withColdMoved(code, program) {
  try {
    return moveCold(code);
  } catch (error) {
    if (!(error instanceof ColdError)) throw error;
    throw faultsOf("APP_REFUSED", shown(program), [
      { text: error.message, mend: 'leave out "cold", or what it does not allow' },
    ]);
  }
}

function refuse(code, program, findings) {
  if (findings.length > 0) throw faultsOf(code, shown(program), findings);
}

function refuseMissing(program) {
  const mend = "node device/build.mjs --app FILE, with a program as device/examples has them";
  if (!/\.[mc]?[jt]s$/.test(program)) {
    const text = `building ${shown(program)}: it has no known ending; allowed: .ts, .js`;
    throw new BuildError("USAGE", text, { exitCode: USAGE, mend });
  }
  if (statSync(program, { throwIfNoEntry: false })?.isFile()) return;
  const text = `building ${shown(program)}: no such file`;
  throw new BuildError("APP_NOT_FOUND", text, { exitCode: NOT_FOUND, mend });
}

function tooBig(program, bytes, budget) {
  const text = `building ${shown(program)}: ${grouped(bytes)} bytes, the firmware with it; allowed: ${grouped(budget)}`;
  const mend = `leave out ${grouped(bytes - budget)} bytes: texts, tables, and what of "bowline" it does not need`;
  return new BuildError("APP_TOO_BIG", text, { mend });
}

function nameOf(entry) {
  const name = basename(entry).replace(/\.[^.]*$/, "");
  return name === "main" ? "firmware" : name;
}

/** 10240 -> "10 240" */
function grouped(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, " ");
}

const HELP = `node device/build.mjs [--app FILE] [--out FILE.js] [--links KIND] [--untyped]
  --app      an author's program, a .ts or .js file; without it the standard firmware
  --out      by default dist/device/NAME.js
  --links    what the board can speak over: cable, network, or both (as it is unless said)
  --untyped  without TypeScript's check`;

function readOptions() {
  try {
    const text = { type: "string" };
    const flag = { type: "boolean" };
    const options = { app: text, out: text, links: { ...text, default: "both" }, untyped: flag, help: flag };
    const { values } = parseArgs({ options });
    if (!(values.links in budgets))
      throw new Error(`--links ${values.links}: allowed: ${Object.keys(budgets).join(", ")}`);
    return values;
  } catch (error) {
    throw new BuildError("USAGE", `reading the options: ${error.message}`, {
      exitCode: USAGE,
      mend: "node device/build.mjs --help",
    });
  }
}

if (isMain(import.meta.url)) {
  const fromHere = (path) => path && resolve(path);
  try {
    const { app, out, links, untyped, help } = readOptions();
    if (help) console.log(HELP);
    else
      await buildDevice({
        entry: fromHere(app),
        outfile: fromHere(out),
        links,
        isTyped: app !== undefined && !untyped,
        mustStart: app !== undefined,
      });
  } catch (error) {
    console.error(formatBuildError(error));
    process.exitCode = error.exitCode ?? FAILURE;
  }
}
