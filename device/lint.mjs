/**
 * Lint of a finished bundle: what the board's interpreter does not do as Node does, and esbuild lets through
 * (espruino §1.1–§1.3). The interpreter itself notices only when a line is reached, if at all.
 */
import { parseAst } from "vitest/node"; // vite's parser; the project has no other
import { languageGlobals, missingMethods, prototypeMembers, staticMembers } from "./dialect.mjs";
import { lintScopes } from "./lint-scopes.mjs";
import { walk } from "./walk.mjs";

/** TypeScript's declarations and types of functions are none. */
const isFunction = (node) => /Function/.test(node.type) && !node.type.startsWith("TS");
const isCallOf = (node, object, method) =>
  node.type === "CallExpression" &&
  node.callee.type === "MemberExpression" &&
  node.callee.object.name === object &&
  node.callee.property.name === method;

/** Words that begin something else; as names of properties in objects they work. */
const reservedWords = (
  "break case catch class const continue debugger default delete do else false finally for function if in instanceof " +
  "let new null of return static super switch this throw true try typeof var void while"
).split(" ");

/** One row a rule: its name, what to tell, and whether a node (with its parents, outermost first) breaks it. */
export const rules = [
  ["labels", "labels are not available on the board", (n) => n.type === "LabeledStatement"],
  ["computed-key", "computed keys are not available on the board", isComputedKey],
  ["default-last", "on the board `default` must be the last case of a switch", isDefaultNotLast],
  ["super-arguments", "a subclass with fields needs a constructor of its own on the board", isSuperSpread],
  ["super-in-arrow", "`super` inside an arrow does not work on the board", isSuperInArrow],
  [
    "destructuring",
    "destructuring is not available on the board",
    (n) => /^(Object|Array)Pattern$/.test(n.type),
  ],
  [
    "default-argument",
    "default arguments are not available on the board",
    (n, parents) =>
      n.type === "AssignmentPattern" && /Function|^TSParameterProperty/.test(parents.at(-1).type),
  ],
  ["rest-argument", "rest arguments are not available on the board", isRest],
  ["spread", "spread is not available on the board", isPlainSpread],
  ["generator", "generators are not available on the board", (n) => isFunction(n) && n.generator],
  [
    "async",
    "async and await are not available on the board",
    (n) => (isFunction(n) && n.async) || n.type === "AwaitExpression",
  ],
  ["bigint", "BigInt is not available on the board", isBigInt],
  ["new-syntax", "this syntax is newer than the board's", isNewSyntax],
  [
    "class-self-name",
    "inside of a class its own name is not known on the board",
    (n) => n.type === "ClassExpression" && n.id !== null,
  ],
  ["class-arrow", "an arrow whose body is a class does not work on the board", isArrowOfClass],
  ["field-arrow", "an arrow in a field has no `this` on the board", isFieldArrowWithThis],
  [
    "reserved-method",
    (n) => `a method of a class cannot be called ${n.key.name} on the board`,
    (n) => n.type === "MethodDefinition" && reservedWords.includes(n.key.name),
  ],
  ["extends-builtin", "classes of the language cannot be extended on the board", isExtendsBuiltin],
  ["private-name", "#private is not available on the board", (n) => n.type === "PrivateIdentifier"],
  [
    "tagged-template",
    "tagged templates are not available on the board",
    (n) => n.type === "TaggedTemplateExpression",
  ],
  ["regex", "of regular expressions the board has only classes, + * ?, groups, flags i and g", isBadRegex],
  ["set-length", "`.length` cannot be set on the board", isSetLength],
  ["prototype-method", "methods of X.prototype are undefined on the board", isPrototypeMember],
  ["inner-function", "a function kept in a function is garbage at every call", isInnerFunction],
  [
    "static-member",
    (n) => `${n.object.name}.${n.property.name} is not available on the board`,
    isMissingStatic,
  ],
  [
    "json-reviver",
    "JSON.parse has no reviver on the board",
    (n) => isCallOf(n, "JSON", "parse") && n.arguments.length > 1,
  ],
  ["crc32-array", "E.CRC32 does not flatten", isCrcOfArray],
];

/**
 * code: the bundle -> what it breaks, in the order of the text: [{rule, text, name, offset, excerpt}], with `definedAt`
 * where another place is meant, too. `name` is what `text` is about, as it is called in the bundle.
 */
export function lintBundle(code) {
  const ast = parseAst(code);
  const findings = [];
  const report = (rule, text, node, other) =>
    findings.push({
      ...{ rule, text, name: other?.name ?? nameOf(node), offset: node.start },
      ...{ excerpt: excerptAt(code, node.start), ...(other && { definedAt: other.definedAt }) },
    });
  walk(ast, (node, parents) => {
    for (const [rule, text, breaks] of rules)
      if (breaks(node, parents)) report(rule, typeof text === "string" ? text : text(node), node);
  });
  for (const node of missingCalls(ast)) report(...missingMethod(node));
  lintScopes(ast, report);
  const strange = /[^\0-\x7f]/.exec(code);
  if (strange) report("ascii", "only ASCII: escape it", { start: strange.index });
  return findings.sort((a, b) => a.offset - b.offset);
}

/** What a finding is about: the name itself, the member of an object, or nothing. */
export function nameOf(node) {
  if (node.type === "MemberExpression") return `${node.object.name}.${node.property.name}`;
  return node.name ?? "";
}

/** As report() takes it. */
export function missingMethod({ callee: { property } }) {
  return ["missing-method", `.${property.name}() is not available on the board`, property];
}

/** "label: for(…" : 60 characters from where it happens, a little of what stands before. */
function excerptAt(code, offset) {
  return code
    .slice(Math.max(0, offset - 15), offset + 45)
    .replace(/\s+/g, " ")
    .trim();
}

function isComputedKey(node, parents) {
  const isKeyed = /^(Property|MethodDefinition|PropertyDefinition)$/.test(node.type);
  return isKeyed && node.computed && parents.at(-1).type !== "ObjectPattern";
}

function isDefaultNotLast(node) {
  if (node.type !== "SwitchStatement") return false;
  const at = node.cases.findIndex((one) => one.test === null);
  return at >= 0 && at < node.cases.length - 1;
}

function isSuperSpread(node) {
  return node.type === "CallExpression" && node.callee.type === "Super" && node.arguments.some(isSpread);
}

function isSpread(node) {
  return node.type === "SpreadElement";
}

function isRest(node, parents) {
  return node.type === "RestElement" && !/Pattern$/.test(parents.at(-1).type);
}

function isPlainSpread(node, parents) {
  return isSpread(node) && parents.at(-1).callee?.type !== "Super";
}

function isBigInt(node) {
  return node.type === "Literal" && (typeof node.value === "bigint" || node.bigint !== undefined);
}

function isSuperInArrow(node, parents) {
  return node.type === "Super" && parents.findLast(isFunction)?.type === "ArrowFunctionExpression";
}

function isNewSyntax(node) {
  return (
    /^(ChainExpression|YieldExpression|MetaProperty|ImportExpression)$/.test(node.type) ||
    /^(Import|Export)\w*Declaration$/.test(node.type) ||
    (node.type === "Literal" && typeof node.value === "string" && /\\u\{|\\\n/.test(node.raw)) ||
    (/^(Binary|Assignment)Expression$/.test(node.type) && /^(\*\*|&&|\|\||\?\?)=?$/.test(node.operator))
  );
}

function isArrowOfClass(node) {
  return node.type === "ArrowFunctionExpression" && node.body.type === "ClassExpression";
}

function isFieldArrowWithThis(node) {
  if (node.type !== "PropertyDefinition" || node.value?.type !== "ArrowFunctionExpression") return false;
  let hasThis = false;
  walk(node.value, (inner) => {
    hasThis ||= inner.type === "ThisExpression";
  });
  return hasThis;
}

function isExtendsBuiltin(node) {
  return /^Class/.test(node.type) && languageGlobals.includes(node.superClass?.name);
}

function isBadRegex(node) {
  if (node.type !== "Literal" || !node.regex) return false;
  const { pattern, flags } = node.regex;
  const bare = pattern.replace(/\\./g, "_").replace(/\[[^\]]*\]/g, "_");
  return (
    /\(\?|[*+?]\?|\{\d|\([^)]*\|[^)]*\)[*+]/.test(bare) || /\\[kpPuB]/.test(pattern) || /[^gi]/.test(flags)
  );
}

function isSetLength(node) {
  const target = node.type === "AssignmentExpression" ? node.left : node.argument;
  const isWrite = /^(Assignment|Update)Expression$/.test(node.type);
  return isWrite && target.type === "MemberExpression" && target.property.name === "length";
}

function isPrototypeMember(node) {
  const owner = node.type === "MemberExpression" ? node.object : undefined;
  return owner?.property?.name === "prototype" && languageGlobals.includes(owner.object.name);
}

/** A function in a function, if it is kept in a name; the bundle's own outermost function does not count. */
function isInnerFunction(node, parents) {
  const isKept =
    node.type === "FunctionDeclaration" || (isFunction(node) && parents.at(-1).type === "VariableDeclarator");
  return isKept && parents.filter(isFunction).some((one) => !isWrapper(one, parents));
}

function isWrapper(node, parents) {
  const at = parents.indexOf(node);
  return at <= 4 && parents[at - 1].callee === node && parents[0].body.length === 1;
}

function isMissingStatic(node) {
  if (node.type !== "MemberExpression" || node.computed || !Object.hasOwn(staticMembers, node.object.name))
    return false;
  const members = [...staticMembers[node.object.name], "prototype", ...prototypeMembers.Function];
  return !members.includes(node.property.name);
}

function isCrcOfArray(node) {
  return isCallOf(node, "E", "CRC32") && node.arguments[0]?.type === "ArrayExpression";
}

/** Calls of missing methods by their names alone, unless the program defines a property of that name itself. */
export function missingCalls(ast) {
  const calls = [];
  const own = new Set();
  walk(ast, (node) => {
    if (/^(Property|MethodDefinition)$/.test(node.type)) own.add(node.key.name);
    if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression")
      own.add(node.left.property.name);
    if (node.type === "CallExpression" && missingMethods.includes(node.callee.property?.name))
      calls.push(node);
  });
  const isStatic = ({ object }) => Object.hasOwn(staticMembers, object.name ?? ""); // which has a rule of its own
  return calls.filter(
    ({ callee }) => !callee.computed && !own.has(callee.property.name) && !isStatic(callee),
  );
}
