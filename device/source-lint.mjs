/**
 * Lint of an author's own files as they were written: what the lint of the bundle finds too, but here in the author's
 * words, and what esbuild would turn into something else on the way.
 *
 * What needs to know what a name stands for is left to the bundle (lint-scopes.mjs).
 */
import { builtinModules } from "node:module";
import { parseAst } from "vitest/node"; // vite's parser; the project has no other that reads TypeScript
import { missingCalls, missingMethod, nameOf, rules } from "./lint.mjs";
import { walk } from "./walk.mjs";

/** Node's modules by name that boards have, too, in a way of their own. */
const boardModules = ["net", "http", "tls", "dgram", "crypto"];

/** Found in the bundle only: esbuild makes the one, and mends the others. */
const notInSources = ["super-arguments", "field-arrow", "new-syntax", "prototype-method"];

const sourceRules = [
  ...rules.filter(([rule]) => !notInSources.includes(rule)),
  ["prototype-method", "methods of X.prototype are undefined on the board", isCallOfPrototype],
  ["negative-index", "an index below 0 throws on the board", isNegativeIndex],
  ["wide-text", "a text with characters above \\xff is not the same on every board", isWideText],
  ["ascii-name", "names are ASCII on the board", isWideName],
  ["char-code", "String.fromCharCode() takes no code above 255 on the board", isWideCode],
  ["split-limit", "split() takes no limit on the board", (n) => isMethodCall(n, "split", 2)],
  ["json-replacer", "JSON.stringify() takes no list of names on the board", isReplacer],
  ["regex", "of regular expressions the board has only classes, + * ?, groups, flags i and g", isBadRegExp],
  ["debugger-statement", "`debugger` stops the board", (n) => n.type === "DebuggerStatement"],
  ["decorator", "decorators are not available on the board", (n) => n.type === "Decorator"],
  ["new-class-syntax", "accessor is not available on the board", (n) => n.type === "AccessorProperty"],
  ["using", "using is not available on the board", isUsing],
  ["new-target", "new.target is not available on the board", (n) => isMeta(n, "new")],
  ["import-meta", "import.meta is not available on the board", (n) => isMeta(n, "import")],
  ["dynamic-import", "import() is not available on the board", (n) => n.type === "ImportExpression"],
  ["node-module", (n) => nodeModule(n.arguments[0].value), isNodeRequire],
];

/** Of TypeScript, what leaves nothing in the bundle. */
const isTypeOnly = (node) =>
  /^TS(TypeAnnotation|TypeAlias|Interface|TypeParameter|DeclareFunction|FunctionType|ConstructorType|TypeLiteral|MappedType|Empty)/.test(
    node.type,
  ) || node.declare === true;

/** -> [{rule, text, name, offset}], in the order of the text; none of a text that does not parse, which esbuild tells. */
export function lintSource(code, path, isEntry) {
  const ast = parse(code, path);
  if (ast === undefined) return [];
  const findings = [];
  const report = (rule, text, node) => findings.push({ rule, text, name: nameOf(node), offset: node.start });
  walk(ast, (node, parents) => {
    if (isTypeOnly(node) || parents.some(isTypeOnly)) return;
    for (const [rule, text, breaks] of sourceRules)
      if (breaks(node, parents)) report(rule, typeof text === "string" ? text : text(node), node);
    const isExport = /^Export(Named|Default|All)Declaration$/.test(node.type) && node.exportKind !== "type";
    if (isEntry && isExport && parents.length === 1)
      report("no-export", "the program itself exports nothing", node);
  });
  for (const node of missingCalls(ast)) report(...missingMethod(node));
  for (const node of iteratorCalls(ast)) report(...missingMethod(node));
  for (const { owner, name, node } of inheritedStatics(ast))
    report("static-inheritance", `on the board ${owner} does not inherit the static ${name}`, node);
  return findings.sort((a, b) => a.offset - b.offset);
}

/** Whether this file calls start() of "bowline", or hands it on; also where it does not parse, which esbuild tells. */
export function callsStart(code, path) {
  const ast = parse(code, path);
  if (ast === undefined) return true;
  const names = [];
  let isHandedOn = false;
  let isCalled = false;
  walk(ast, (node) => {
    if (node.source?.value === "bowline") {
      if (node.type === "ImportDeclaration") names.push(...node.specifiers.flatMap(startOf));
      else isHandedOn = true;
    }
    if (node.type === "CallExpression" && names.includes(nameOf(node.callee))) isCalled = true;
  });
  return isCalled || isHandedOn;
}

/** By which names a specifier of an import makes start() known: none, or one. */
function startOf({ type, imported, local }) {
  if (type === "ImportNamespaceSpecifier") return [`${local.name}.start`];
  return imported?.name === "start" ? [local.name] : [];
}

function parse(code, path) {
  try {
    return parseAst(code, { lang: path.endsWith("ts") ? "ts" : "js" });
  } catch {
    return undefined; // esbuild refuses it as well, and says why
  }
}

/** "fs is Node's", for messages about import and about require(). */
export function nodeModule(name) {
  return `${name} is a module of Node's, and not on the board`;
}

export function isNodeModule(name) {
  return builtinModules.includes(name.replace(/^node:/, "")) && !boardModules.includes(name);
}

function isNodeRequire(node) {
  const [name] = node.type === "CallExpression" && node.callee.name === "require" ? node.arguments : [];
  return typeof name?.value === "string" && isNodeModule(name.value);
}

function isMeta(node, name) {
  return node.type === "MetaProperty" && node.meta.name === name;
}

function isUsing(node) {
  return node.type === "VariableDeclaration" && /using/.test(node.kind);
}

function isCallOfPrototype(node, parents) {
  const prototype = rules.find(([rule]) => rule === "prototype-method");
  return prototype[2](node, parents);
}

function isNegativeIndex(node) {
  const { property } = node;
  return node.type === "MemberExpression" && property.type === "UnaryExpression" && property.operator === "-";
}

function isWideText(node) {
  const text = node.type === "TemplateElement" ? node.value.cooked : node.value;
  return /^(Literal|TemplateElement)$/.test(node.type) && typeof text === "string" && /[^\0-\xff]/.test(text);
}

function isWideName(node) {
  return node.type === "Identifier" && /[^\0-\x7f]/.test(node.name);
}

function isWideCode(node) {
  return isMethodCall(node, "fromCharCode") && node.arguments.some(({ value }) => value > 255);
}

function isMethodCall(node, name, count) {
  const isCall = node.type === "CallExpression" && node.callee.property?.name === name;
  return isCall && (count === undefined || node.arguments.length === count);
}

function isReplacer(node) {
  const isCall = isMethodCall(node, "stringify") && node.callee.object.name === "JSON";
  return isCall && node.arguments[1]?.type === "ArrayExpression";
}

/** The same as a literal: new RegExp("a{2}"). */
function isBadRegExp(node, parents) {
  const isMade = /^(New|Call)Expression$/.test(node.type) && node.callee.name === "RegExp";
  const [pattern, flags] = isMade ? node.arguments : [];
  if (typeof pattern?.value !== "string") return false;
  const literal = { type: "Literal", regex: { pattern: pattern.value, flags: flags?.value ?? "" } };
  return rules.find(([rule]) => rule === "regex")[2](literal, parents);
}

/** Of an array or a text; Object.keys() and its like have an argument. */
function iteratorCalls(ast) {
  const calls = [];
  walk(ast, (node) => {
    const name = node.type === "CallExpression" ? node.callee.property?.name : undefined;
    if (/^(entries|keys|values)$/.test(name) && node.arguments.length === 0) calls.push(node);
  });
  return calls;
}

/** B.make() where only the class that B extends has a static make. */
function inheritedStatics(ast) {
  const classes = new Map();
  walk(ast, (node) => {
    if (node.type === "ClassDeclaration") classes.set(node.id.name, node);
  });
  const has = (owner, name) => owner.body.body.some((member) => member.static && member.key?.name === name);
  const found = [];
  walk(ast, (node) => {
    const owner = node.type === "MemberExpression" ? classes.get(node.object.name) : undefined;
    if (owner === undefined || node.computed || has(owner, node.property.name)) return;
    const { name } = node.property;
    for (let base = classes.get(owner.superClass?.name); base; base = classes.get(base.superClass?.name))
      if (has(base, name)) return void found.push({ owner: owner.id.name, name, node });
  });
  return found;
}
