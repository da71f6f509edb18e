/**
 * The program that goes onto the board: the standard firmware, or an author's, built here and now for what the board is to
 * speak over, since the link it does not use would only take its memory.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BowlineError, ExitCode } from "../../platform/errors.ts";
import { firmwarePath } from "../process/program-files.ts";

export type Links = "cable" | "network";

export interface Program {
  /** As people know it: `firmware`, `thermometer.ts`. */
  name: string;
  /** latin1. Rejects with what is wrong with it (exit 1). */
  textFor(links: Links): Promise<string>;
}

/** A bundle names the firmware that it holds, and imports nothing any more. */
const BUILT = /"bowline \d+\.\d+\.\d+"/;
const IMPORTS = /^\s*import[\s{"'*]/m;

/** `app`: absolute, or undefined for the standard firmware. Rejects with APP_NOT_FOUND (3), APP_UNREADABLE (4) or BUILDER_MISSING (3). */
export async function readProgram(app: string | undefined): Promise<Program> {
  const builder = builderPath();
  if (app === undefined) {
    const name = "firmware";
    // What was installed without its sources has both links.
    if (builder === undefined) return ready(name, await readFile(firmwarePath(), "latin1"));
    return builtOnce(name, (links) => build(builder, undefined, links));
  }
  const isFile = await stat(app).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) {
    const mend = "bowline flash --app FILE, with a program as device/examples has them";
    throw new BowlineError("APP_NOT_FOUND", `reading --app: ${app}: no such file`, ExitCode.notFound, mend);
  }
  const name = basename(app);
  const source = await readFile(app, "latin1").catch(({ code, message }: NodeJS.ErrnoException) => {
    const exit = code === "EACCES" ? ExitCode.permission : ExitCode.failure;
    throw new BowlineError("APP_UNREADABLE", `reading --app: ${message}`, exit);
  });
  if (BUILT.test(source) && !IMPORTS.test(source)) return ready(name, source);
  if (builder !== undefined) return builtOnce(name, (links) => build(builder, app, links));
  const text = `building ${app}: this installation cannot build, a clone of the repository can`;
  const mend = "in a clone: node device/build.mjs --app FILE, then bowline flash --app dist/device/NAME.js";
  throw new BowlineError("BUILDER_MISSING", text, ExitCode.notFound, mend);
}

function ready(name: string, text: string): Program {
  return { name, textFor: () => Promise.resolve(text) };
}

function builtOnce(name: string, make: (links: Links) => Promise<string>): Program {
  const texts = new Map<Links, Promise<string>>();
  return {
    name,
    textFor(links) {
      const text = texts.get(links) ?? make(links);
      texts.set(links, text);
      return text;
    },
  };
}

interface BuildOptions {
  entry?: string;
  outfile: string;
  links: Links;
  quiet: boolean;
  isTyped: boolean;
}
interface Builder {
  buildDevice(options: BuildOptions): Promise<unknown>;
}

/** The builder is code of the clone, and needs what is installed there; it is not part of this program. */
async function build(builder: string, app: string | undefined, links: Links): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bowline-build-"));
  try {
    const outfile = join(folder, "app.js");
    const { buildDevice } = (await import(pathToFileURL(builder).href)) as Builder;
    const entry = app === undefined ? {} : { entry: app };
    await buildDevice({ ...entry, outfile, links, quiet: true, isTyped: app !== undefined });
    return await readFile(outfile, "latin1");
  } catch (error) {
    throw refused(app ?? "the firmware", error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The author's errors as they are. */
function refused(app: string, error: unknown): BowlineError {
  const { message, code, exitCode, mend } = error as Error & {
    code?: unknown;
    exitCode?: ExitCode;
    mend?: unknown;
  };
  const isTold = typeof code === "string" && typeof exitCode === "number";
  const text = isTold ? message : `building ${app}: ${message}`;
  return new BowlineError(
    isTold ? code : "APP_REFUSED",
    text,
    isTold ? exitCode : ExitCode.failure,
    typeof mend === "string" ? mend : "",
  );
}

/** Above this file, or above the bundle that it is part of. */
function builderPath(): string | undefined {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < 4; level++, folder = resolve(folder, "..")) {
    const path = join(folder, "device/build.mjs");
    if (existsSync(path)) return path;
  }
  return undefined;
}
