/** What esbuild says of a program, in words for its author. */
import { isAbsolute, resolve } from "node:path";
import { excerptOf } from "./build-error.mjs";
import { mendOf } from "./mends.mjs";
import { isNodeModule, nodeModule } from "./source-lint.mjs";

/** What esbuild calls what it cannot lower, and the rule of the lint that says what to write instead. */
const refusals = [
  [/destructuring/, "destructuring"],
  [/default arguments/, "default-argument"],
  [/rest arguments/, "rest-argument"],
  [/spread/, "spread"],
  [/generator/, "generator"],
  [/async|await/, "async"],
  [/new\.target/, "new-target"],
];

/** Each row: what esbuild says, and what we make of its groups: [text, mend]. */
const rows = [
  [/^Transforming (.+) to the configured target environment/, refused],
  [/^Could not resolve "(.+)"/, unresolved],
  [/^No matching export in "(.+)" for import "(.+)"/, notExported],
  [
    /^The following expression is not returned/,
    () => ["return and its value stand on two lines", "put them on one"],
  ],
  [/^With statements/, () => ["with is not available on the board", "name the object each time"]],
  [
    /^(.*) is not available in the configured target environment/,
    ([, what]) => [`${what} is not available on the board`, ""],
  ],
];

/** message: esbuild's; folder: what its paths start from; exported: what bowline exports -> a finding (build-error.mjs) */
export function explain({ text, location, detail }, folder, exported) {
  const row = rows.find(([pattern]) => pattern.test(text));
  const [what, mend] =
    row === undefined ? [lowered(text), detail?.mend ?? ""] : row[1](row[0].exec(text), exported);
  if (location === null) return { text: what, mend };
  const file = isAbsolute(location.file) ? location.file : resolve(folder, location.file);
  return {
    text: what,
    mend,
    file,
    line: location.line,
    excerpt: excerptOf(location.lineText, location.column),
  };
}

function refused([, what]) {
  const row = refusals.find(([pattern]) => pattern.test(what));
  const text = `${what} ${/s$/.test(what) ? "are" : "is"} not available on the board`;
  return [text, row === undefined ? "" : mendOf(row[1], "")];
}

function unresolved([, name]) {
  if (isNodeModule(name)) return [nodeModule(name), nodeMend(name)];
  if (/^[./]/.test(name))
    return [`there is no file ${name}`, "its name is seen from the file that imports it"];
  const text = `${name} is not "bowline" and no file; packages of npm do not run on the board`;
  return [text, `a module of the board is had by require("${name}"), a file of yours by "./${name}.ts"`];
}

function nodeMend(name) {
  if (/fs/.test(name)) return 'files of the board: require("Storage")';
  const bare = name.replace(/^node:/, "");
  if (/^(net|http|tls|dgram|crypto)$/.test(bare)) return `the board has its own: require("${bare}")`;
  return 'what the board has is global, or in require("Storage")';
}

function notExported([, file, name], exported) {
  if (!/bowline\.ts$/.test(file)) return [`${file} does not export ${name}`, ""];
  return [`"bowline" does not export ${name}`, `it has ${exported.join(", ")}`];
}

/** "Unexpected end of file" -> "unexpected end of file" */
function lowered(text) {
  return /^[A-Z][a-z]/.test(text) ? text[0].toLowerCase() + text.slice(1) : text;
}
