/**
 * Which property names the firmware library may shorten: those its own interfaces declare, and nobody else reads.
 *
 * Opt-in by declaration. A name that only ever stands in an object literal, a JSON text or quotes is left alone, so a
 * forgotten entry in reserved.mjs can only hurt a name that an interface of shared/ or device/ declares.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "vitest/node"; // vite's parser; the project has no other that reads TypeScript
import { reserved } from "./reserved.mjs";
import { walk } from "./walk.mjs";

/** root: the project's folder -> the names, sorted. */
export function namesToShorten(root) {
  const sources = listSources(root).map((file) => parse(file));
  const typings = parse(join(root, "device/espruino.d.ts"));
  const keep = new Set([...reserved, ...languageNames(), ...memberNames(typings)]);
  for (const name of apiNames(sources)) keep.add(name);
  const declared = new Set(sources.flatMap((source) => memberNames(source, isInterfaceMember)));
  return [...declared].filter((name) => !keep.has(name)).sort();
}

function listSources(root) {
  return ["shared", "device"].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts") && !file.includes(".test."))
      .filter((file) => !file.startsWith("examples"))
      .map((file) => join(root, room, file)),
  );
}

function parse(path) {
  return { path, ast: parseAst(readFileSync(path, "utf8"), { lang: path.endsWith(".d.ts") ? "dts" : "ts" }) };
}

const isInterfaceMember = (parents) => parents.some((node) => node.type === "TSInterfaceBody");

/** The names of all properties and methods that types declare below `ast`. */
function memberNames({ ast }, isWanted = () => true) {
  const names = [];
  walk(ast, (node, parents) => {
    const isMember = node.type === "TSPropertySignature" || node.type === "TSMethodSignature";
    if (isMember && !node.computed && isWanted(parents)) names.push(node.key.name ?? node.key.value);
  });
  return names;
}

/** Everything the language itself may look up by name. */
function languageNames() {
  const values = [Object, Array, Function, String, Number, Boolean, Date, RegExp, Promise, Error, Math, JSON]
    .concat([ArrayBuffer, DataView, Uint8Array, Object.getPrototypeOf(Uint8Array), globalThis])
    .flatMap((value) => [value, value.prototype ?? value]);
  return values.flatMap((value) => Object.getOwnPropertyNames(value));
}

/**
 * Members of every type an author's program can see: what device/bowline.ts exports, and the types those name in turn,
 * looked up by name in all sources. (Of an exported value without a written type nothing is known here.)
 */
function apiNames(sources) {
  const types = new Map();
  for (const { ast } of sources)
    walk(ast, (node) => {
      if (/^(TSInterface|TSTypeAlias|Function)Declaration$/.test(node.type))
        types.set(node.id?.name, { ast: node });
    });
  const library = sources.find(({ path }) => path.endsWith("bowline.ts"));
  const waiting = library ? library.ast.body.filter((node) => node.type === "ExportNamedDeclaration") : [];
  const seen = new Set();
  const names = [];
  for (const ast of waiting) {
    names.push(...memberNames({ ast }));
    for (const type of typesNamedIn(ast)) {
      if (seen.has(type) || !types.has(type)) continue;
      seen.add(type);
      waiting.push(types.get(type).ast);
    }
  }
  return names;
}

/** Function bodies do not count: what they use inside nobody sees. */
function typesNamedIn(ast) {
  const names = [];
  walk(ast, (node, parents) => {
    if (parents.some((parent) => parent.type === "BlockStatement")) return;
    if (node.type === "TSTypeReference") names.push(node.typeName.name);
    if (node.type === "ExportSpecifier") names.push(node.local.name);
    if (node.type === "TSInterfaceHeritage") names.push(node.expression.name);
  });
  return names;
}
