/**
 * Cold functions: kept in flash, and in the board's memory only while they run.
 *
 * A function costs the board 4 variables and 1 for each parameter for as long as it has a name (espruino §2.2). One that
 * begins with the directive "cold" loses its name: its body goes into a comment at the end of the program, and each call
 * of it becomes a call of one small function that reads the body from there and runs it. That takes a millisecond or two, so it
 * is for what happens once a session or when a person asks, not for what happens with each packet. One that is handed on as a
 * value stays as it is.
 */
import { parseAst } from "vitest/node"; // vite's parser; the project has no other
import { usesIn } from "./lint-scopes.mjs";
import { walk } from "./walk.mjs";

/** Of the small function that runs them; the fewer, the cheaper each call. */
const MAX_PARAMETERS = 7;

/** What a cold function has that its new place does not allow. */
export class ColdError extends Error {}

/**
 * The program with its cold functions moved out. Throws a ColdError.
 * @param {string} code a whole program, minified or not
 * @returns {string}
 */
export function moveCold(code) {
  const ast = parseAst(code);
  const uses = usesIn(ast);
  const handedOn = new Set(uses.filter((use) => !isCall(use)).map(({ binding }) => binding.value));
  const functions = ast.body
    .filter((node) => isCold(node) && !handedOn.has(node))
    .map((node) => ({ node, edits: [], text: "", at: 0 }));
  if (functions.length === 0) return code;
  const names = freeNames(code);
  const main = { edits: functions.map(({ node }) => ({ start: node.start, end: node.end, parts: [] })) };
  const home = (node) => functions.find((one) => one.node.start <= node.start && node.end <= one.node.end);
  for (const use of uses) {
    const called = functions.find(({ node }) => use.binding.value === node);
    if (called) replaceCall(code, use, called, home(use.node) ?? main, names);
  }
  for (const one of functions) renameParameters(one, uses, names);
  return assemble(code, main, functions, names);
}

function isCold(node) {
  const first = node.type === "FunctionDeclaration" ? node.body.body[0] : undefined;
  return first?.type === "ExpressionStatement" && first.expression.value === "cold";
}

function isCall({ node, parent }) {
  return parent.type === "CallExpression" && parent.callee === node;
}

/** Names that the program does not have, for the runner and for the parameters it hands on. */
function freeNames(code) {
  const used = new Set(code.match(/[\w$]+/g));
  const free = (stem) => {
    let name = stem;
    while (used.has(name)) name += "_";
    return name;
  };
  return { run: free("$0"), parameters: Array.from({ length: MAX_PARAMETERS }, (_, i) => free(`$${i + 1}`)) };
}

/** `name(x)` -> `$0(at,size,x)` */
function replaceCall(code, { node, parent }, called, into, { run }) {
  const open = code.indexOf("(", node.end) + 1; // not where an argument begins: it may have parentheses of its own
  const comma = parent.arguments.length > 0 ? "," : "";
  into.edits.push({ start: node.start, end: open, parts: [`${run}(`, called, comma] });
}

function renameParameters(one, uses, names) {
  const { node, edits } = one;
  const { name } = node.id;
  if (node.params.length > MAX_PARAMETERS)
    throw new ColdError(
      `cold function ${name} has ${node.params.length} parameters, the most is ${MAX_PARAMETERS}`,
    );
  walk(node.body, (inner, parents) => {
    if (parents.some(({ type }) => type === "FunctionExpression")) return; // which has its own
    const isOwn =
      inner.type === "ThisExpression" || (inner.type === "Identifier" && inner.name === "arguments");
    if (isOwn)
      throw new ColdError(
        `cold function ${name} uses ${inner.name ?? "this"}, which is another's where it runs`,
      );
  });
  const redeclared = varsIn(node.body);
  for (const [i, parameter] of node.params.entries()) {
    for (const { start, end, name } of redeclared)
      if (name === parameter.name) edits.push({ start, end, parts: [names.parameters[i]] });
    for (const use of uses) {
      if (use.binding.definedAt !== parameter.end || use.binding.owner.node !== node) continue;
      const isShorthand = use.parent.type === "Property" && use.parent.shorthand;
      const parts = [isShorthand ? `${parameter.name}:` : "", names.parameters[i]];
      edits.push({ start: use.node.start, end: use.node.end, parts });
    }
  }
}

/** The names that `var` declares in a function's body: one of a parameter is the parameter. */
function varsIn(body) {
  const ids = [];
  walk(body, (node, parents) => {
    if (node.type !== "VariableDeclaration" || node.kind !== "var") return;
    if (!parents.some(({ type }) => /Function/.test(type)))
      ids.push(...node.declarations.map(({ id }) => id));
  });
  return ids;
}

/** Where a body lies decides how many digits its calls have, and so where the next one lies: until nothing moves any more. */
function assemble(code, main, functions, { run, parameters }) {
  const handed = parameters.join();
  const quoted = parameters.map((name) => `"${name}"`).join();
  const body = 'require("Storage").read(global.bl||".bootcde",at,size)';
  const head = `function ${run}(at,size,${handed}){return new Function(${quoted},${body})(${handed})}\n`;
  for (;;) {
    const program = `${head}${edited(code, main.edits, 0, code.length).trimEnd()}\n/*`;
    let at = program.length;
    let isSettled = true;
    for (const one of functions) {
      const { body } = one.node;
      // Never empty: of 0 bytes Storage reads all that follow.
      const text = edited(code, one.edits, body.body[0].end, body.end - 1) || ";";
      if (one.at !== at || one.text.length !== text.length) isSettled = false;
      one.text = text;
      one.at = at;
      at += text.length;
    }
    if (isSettled) return finish(program, functions);
  }
}

function finish(program, functions) {
  for (const { text } of functions) {
    const end = text.indexOf("*/");
    if (end < 0) continue;
    const seen = text.slice(Math.max(0, end - 20), end + 10);
    throw new ColdError(`a cold function has the two characters that end a comment: \`${seen}\``);
  }
  return `${program}${functions.map(({ text }) => text).join("")}*/\n`;
}

/** The text from start to end with its edits made. */
function edited(code, edits, start, end) {
  let text = "";
  let at = start;
  for (const edit of edits
    .filter((one) => one.start >= start && one.end <= end)
    .sort((a, b) => a.start - b.start)) {
    const parts = edit.parts.map((part) =>
      typeof part === "string" ? part : `${part.at},${part.text.length}`,
    );
    text += code.slice(at, edit.start) + parts.join("");
    at = edit.end;
  }
  return text + code.slice(at, end);
}
