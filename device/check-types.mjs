/** An author's program under TypeScript's eyes, with the board's typings, wherever it stands. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Findings shown: what comes after the first few is mostly of their making. */
const MOST = 20;

/** root: the project's folder; entry: the absolute path of the program -> findings (build-error.mjs) */
export function checkTypes(root, entry) {
  const folder = mkdtempSync(join(tmpdir(), "bowline-types-"));
  try {
    const config = { extends: join(root, "device/tsconfig.json"), include: [], files: [entry] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(createRequire(import.meta.url).resolve("typescript/package.json"), "../bin/tsc");
    const args = [tsc, "-p", folder, "--noEmit", "--pretty", "false"];
    const { stdout, status, error } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
    if (error) throw error;
    const findings = stdout.split("\n").flatMap((line) => parse(line, folder));
    if (status !== 0 && findings.length === 0) throw new Error(`tsc ended with ${status}: ${stdout}`);
    return findings.slice(0, MOST);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** "app.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'." */
function parse(line, folder) {
  const found = /^(.+)\((\d+),\d+\): error TS\d+: (.+?)\.?$/.exec(line);
  if (found === null) return [];
  const [, file, number, text] = found;
  return [{ text, file: resolve(folder, file), line: Number(number), mend: "" }];
}
