/** Findings of the two lints, each with the file, the line and the words of whoever wrote it (build-error.mjs). */
import { SourceMap } from "node:module";
import { resolve } from "node:path";
import { excerptOf } from "./build-error.mjs";
import { lintBundle } from "./lint.mjs";
import { mendOf } from "./mends.mjs";
import { lintSource } from "./source-lint.mjs";

/** One rule is told once a line. */
export function sourceFindings(path, source, isEntry) {
  const found = lintSource(source, path, isEntry).map(({ rule, text, name, offset }) => {
    const before = source.slice(0, offset).split("\n");
    const line = source.split("\n")[before.length - 1];
    const mend = mendOf(rule, name);
    return {
      rule,
      text,
      file: path,
      line: before.length,
      excerpt: excerptOf(line, before.at(-1).length),
      mend,
    };
  });
  return found.filter((one, i) => found.findIndex((other) => isAlike(one, other)) === i);
}

function isAlike(one, other) {
  return one.rule === other.rule && one.line === other.line;
}

/** One a line: what esbuild made of it may break several rules. */
export function bundleFindings(code, map, root) {
  const sources = new SourceMap(map);
  const found = lintBundle(code).map((finding) => placed(finding, code, sources, map, root));
  return found.filter(
    ({ file, line }, i) =>
      file === undefined || found.findIndex((other) => other.file === file && other.line === line) === i,
  );
}

function placed({ rule, text, name, offset, excerpt, definedAt }, code, sources, map, root) {
  const { originalSource, originalLine, originalColumn, name: written } = entryAt(code, sources, offset);
  const meant = definedAt === undefined ? written : entryAt(code, sources, definedAt - name.length).name;
  const what = meant === undefined ? text : text.replace(wordOf(name), meant);
  const mend = mendOf(rule, meant ?? name);
  if (originalSource === undefined) return { rule, text: what, excerpt, mend };
  const line = map.sourcesContent[map.sources.indexOf(originalSource)].split("\n")[originalLine];
  const place = { file: resolve(root, originalSource), line: originalLine + 1 };
  return { rule, text: what, ...place, excerpt: excerptOf(line, originalColumn), mend };
}

function entryAt(code, sources, offset) {
  const before = code.slice(0, offset).split("\n");
  return sources.findEntry(before.length - 1, before.at(-1).length);
}

/** The name as a word of its own; minified, it may be a letter that other words have, too. */
function wordOf(name) {
  return new RegExp(`(?<![\\w$.'])${name.replace(/\$/g, "\\$&")}(?![\\w$])`);
}
