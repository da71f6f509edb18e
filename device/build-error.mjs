/**
 * What is wrong with a program, for its author: what was attempted, what was seen, what to write instead. The same shape
 * as the host's BowlineError (code, exitCode, mend), which device/ does not import.
 */
import { isAbsolute, relative } from "node:path";

/** Of the exit codes every command shares. */
export const FAILURE = 1;
export const USAGE = 2;
export const NOT_FOUND = 3;

/** A fault in a program: {text, file, line, excerpt, mend}; file is an absolute path; all but text may be absent. */
export class BuildError extends Error {
  name = "BuildError";
  constructor(code, message, { exitCode = FAILURE, mend = "", findings = [] } = {}) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
    this.mend = mend;
    this.findings = findings;
  }
}

/** As a person reads it: "build: …[CODE]", and a line with what helps. */
export function formatBuildError(error) {
  if (!(error instanceof BuildError)) return `build: internal fault: ${error.stack ?? error}`;
  const mend = error.mend === "" ? "" : `\n  mend: ${error.mend}`;
  return `build: ${error.message} [${error.code}]${mend}`;
}

/** `what`: what was being built; findings: at least one. */
export function faultsOf(code, what, findings) {
  const lines = findings.map(formatFinding);
  const text = lines.length === 1 ? lines[0] : `${lines.length} faults\n  ${lines.join("\n  ")}`;
  return new BuildError(code, `building ${what}: ${text}`, { findings });
}

/** "destructuring is not available on the board: app.ts:12: `const { a } = x`; write const a = x.a" */
function formatFinding({ text, file, line, excerpt, mend }) {
  const place = file === undefined ? "" : `: ${shown(file)}${line === undefined ? "" : `:${line}`}`;
  const seen = excerpt ? `: \`${excerpt}\`` : "";
  return `${text}${place}${seen}${mend ? `; ${mend}` : ""}`;
}

/** A path as one would type it here. */
export function shown(path) {
  const here = relative(process.cwd(), path);
  return here.startsWith("..") || isAbsolute(here) ? path : here;
}

/** Characters of a source line that are shown. */
const SHOWN = 70;

/** A line of a source; a long one around `column` (from 0). */
export function excerptOf(line, column) {
  const text = line.trim();
  if (text.length <= SHOWN) return text;
  const at = Math.max(0, column - (line.length - line.trimStart().length) - SHOWN / 3);
  return `${at > 0 ? "…" : ""}${text.slice(at, at + SHOWN).trim()}${at + SHOWN < text.length ? "…" : ""}`;
}
