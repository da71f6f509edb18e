/**
 * A name of the program that only stands for a number or a short text is replaced by it: each such name costs the board a
 * variable or more, and a search among all names wherever it is used. esbuild does this only together with what costs
 * speed here. `const` becomes `let`, which is shorter and the same.
 */
import { parseAst } from "vitest/node"; // vite's parser; the project has no other
import { usesIn } from "./lint-scopes.mjs";
import { walk } from "./walk.mjs";

/** A text that is used more often costs more flash than its name would cost memory. */
const MAX_TEXT_USES = 3;

/**
 * @param {string} code a whole program
 * @returns {string} the same without names for what it can say itself
 */
export function inlineLiterals(code) {
  const ast = parseAst(code);
  const named = new Map();
  for (const statement of ast.body.filter(({ type }) => type === "VariableDeclaration"))
    for (const one of statement.declarations)
      if ((isNumber(one.init) || isText(one.init)) && statement.declarations.length === 1)
        named.set(one.init, { statement, uses: [], text: code.slice(one.init.start, one.init.end) });
  for (const { node, parent, binding } of usesIn(ast)) {
    if (isWrite(node, parent)) named.delete(binding.value);
    else named.get(binding.value)?.uses.push({ node, parent });
  }
  for (const literal of declaredAgain(ast, named)) named.delete(literal);
  const isWorth = ([literal, { uses }]) => !isText(literal) || uses.length <= MAX_TEXT_USES;
  const edits = [...named].filter(isWorth).flatMap(([, { statement, uses, text }]) => [
    { start: statement.start, end: statement.end, text: "" },
    ...uses.map(({ node, parent }) => ({
      start: node.start,
      end: node.end,
      text: replaced(node, parent, text),
    })),
  ]);
  walk(ast, (node) => {
    const isInlined = edits.some(({ start, end }) => start === node.start && end === node.end);
    if (node.type === "VariableDeclaration" && node.kind === "const" && !isInlined)
      edits.push({ start: node.start, end: node.start + "const".length, text: "let" });
  });
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), code);
}

/** The literals whose name another `var` declares as well, which may give it another value. */
function declaredAgain(ast, named) {
  const literals = [...named.keys()];
  const nameOf = (literal) => named.get(literal).statement.declarations[0].id.name;
  const found = [];
  walk(ast, (node, parents) => {
    if (node.type !== "VariableDeclarator" || parents.at(-1).kind !== "var") return;
    found.push(...literals.filter((one) => one !== node.init && nameOf(one) === node.id.name));
  });
  return found;
}

function isNumber(node) {
  const value = node?.type === "UnaryExpression" && node.operator === "-" ? node.argument : node;
  return value?.type === "Literal" && typeof value.value === "number";
}

function isText(node) {
  return node?.type === "Literal" && typeof node.value === "string";
}

function isWrite(node, parent) {
  return (
    (parent.type === "AssignmentExpression" && parent.left === node) ||
    parent.type === "UpdateExpression" ||
    (/^For(In|Of)Statement$/.test(parent.type) && parent.left === node)
  );
}

function replaced(node, parent, text) {
  if (parent.type === "Property" && parent.shorthand) return `${node.name}:${text}`;
  // 5.toString() would be no number, and a--1 no difference.
  const isBare = /^(?:\d+|".*")$/.test(text) && parent.type !== "MemberExpression";
  return isBare ? text : `(${text})`;
}
