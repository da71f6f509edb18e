/**
 * The part of the lint that must know what a name stands for: names that nothing defines, names used before the line
 * that defines them has run (the board hoists nothing), and loop variables that closures share.
 *
 * A scope has names; an owner is the function (or program) whose running creates scopes, with the names it uses and the
 * functions it calls by name.
 */
import { boardGlobals, isPinName, languageGlobals } from "./dialect.mjs";
import { childrenOf } from "./walk.mjs";

const known = new Set([...languageGlobals, ...boardGlobals, "arguments"]);
const isFunction = (node) =>
  /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);
const isLoop = (node) => /^For/.test(node.type);
const isBlock = (node) => isLoop(node) || /^(BlockStatement|SwitchStatement|CatchClause)$/.test(node.type);

/** report(rule, text, node) is called for each finding. */
export function lintScopes(ast, report) {
  const owners = new Map();
  const program = enterOwner(ast, null, owners);
  visit(ast, program, owners, report);
  // The bundle is one function that calls itself; otherwise the program is the top level.
  const wrapper = ast.body.length === 1 ? ast.body[0].expression?.callee : undefined;
  const top = owners.get(wrapper) ?? program.owner;
  for (const owner of owners.values()) checkUses(owner, report);
  for (const call of top.calls) checkCall(call, top, owners, report);
}

/**
 * What every name stands for that the program defines itself.
 * -> [{node, parent, binding}]; binding: {name, definedAt, value, owner}, value the node it was defined with
 */
export function usesIn(ast) {
  const owners = new Map();
  visit(ast, enterOwner(ast, null, owners), owners, () => {});
  return [...owners.values()].flatMap(({ uses }) => uses);
}

function enterOwner(node, outer, owners) {
  const owner = { node, uses: [], calls: [] };
  const scope = { names: new Map(), owner, outer };
  owners.set(node, owner);
  if (node.type === "FunctionExpression" && node.id) declare(scope, node.id, node);
  for (const parameter of node.params ?? []) declare(scope, parameter, null);
  const body = node.type === "Program" ? node : node.body;
  declareVars(body, scope);
  if (Array.isArray(body.body)) declareLexical(body.body, scope);
  return scope;
}

function enterBlock(node, outer) {
  const scope = { names: new Map(), owner: outer.owner, outer };
  if (node.type === "CatchClause" && node.param) declare(scope, node.param, null);
  const statements = isLoop(node)
    ? [node.init ?? node.left]
    : (node.cases?.flatMap((one) => one.consequent) ?? node.body);
  if (Array.isArray(statements)) declareLexical(statements, scope);
  if (isLoop(node)) for (const binding of scope.names.values()) binding.isLoop = true;
  return scope;
}

/** Every `var` below `node` is the function's, whatever block it stands in. */
function declareVars(body, scope) {
  for (const child of childrenOf(body)) {
    if (isFunction(child) || /^Class/.test(child.type)) continue;
    if (child.type === "VariableDeclaration" && child.kind === "var") {
      const block = body.type === "BlockStatement" && body !== scope.owner.node.body ? body : null;
      for (const one of child.declarations) declare(scope, one.id, one.init, block);
    }
    declareVars(child, scope);
  }
}

function declareLexical(statements, scope) {
  for (const one of statements) {
    if (/^(Function|Class)Declaration$/.test(one?.type)) declare(scope, one.id, one);
    if (one?.type === "VariableDeclaration" && one.kind !== "var")
      for (const { id, init } of one.declarations) declare(scope, id, init);
  }
}

/** From the end of its own name on it is there: the board makes the variable before it looks at the value. */
function declare(scope, id, value, block = null) {
  if (id.type !== "Identifier") {
    for (const inner of childrenOf(id)) declare(scope, inner, null, block); // a pattern, reported elsewhere
  } else if (!scope.names.has(id.name))
    scope.names.set(id.name, {
      name: id.name,
      definedAt: id.end,
      value,
      block,
      owner: scope.owner,
      isLoop: false,
    });
}

function visit(node, scope, owners, report) {
  for (const child of childrenOf(node)) {
    const isBody = child === scope.owner.node.body;
    if (child.type === "Identifier" && isReference(child, node)) use(child, node, scope, report);
    if (isFunction(child)) visit(child, enterOwner(child, scope, owners), owners, report);
    else visit(child, isBlock(child) && !isBody ? enterBlock(child, scope) : scope, owners, report);
    if (/^(Call|New)Expression$/.test(child.type)) noteCall(child, scope);
  }
}

function isReference(node, parent) {
  if (parent.type === "MemberExpression") return parent.object === node || parent.computed;
  if (/^(Property|MethodDefinition|PropertyDefinition)$/.test(parent.type)) return parent.value === node;
  if (isFunction(parent)) return parent.body === node;
  if (/^Class/.test(parent.type)) return parent.superClass === node;
  if (parent.type === "VariableDeclarator") return parent.init === node;
  return !/^(LabeledStatement|BreakStatement|ContinueStatement|CatchClause|MetaProperty)$/.test(parent.type);
}

function use(node, parent, scope, report) {
  const binding = find(node.name, scope);
  if (binding === undefined) {
    const isAsked = parent.type === "UnaryExpression" && parent.operator === "typeof";
    if (!isAsked && !known.has(node.name) && !isPinName(node.name))
      report("unknown-name", `${node.name} is neither defined nor part of the board`, node);
    return;
  }
  scope.owner.uses.push({ node, parent, binding });
  if (binding.isLoop && binding.owner !== scope.owner)
    report("loop-closure", `closures share the loop's ${node.name}`, node);
}

function find(name, scope) {
  for (let at = scope; at !== null; at = at.outer) if (at.names.has(name)) return at.names.get(name);
  return undefined;
}

/** Calls of functions known by name, and of those that are called where they stand. */
function noteCall(node, scope) {
  const binding = node.callee.type === "Identifier" ? find(node.callee.name, scope) : undefined;
  const value = isFunction(node.callee) ? node.callee : binding?.value;
  if (value)
    scope.owner.calls.push({ node, value: value.type.startsWith("Class") ? constructorOf(value) : value });
}

function constructorOf(node) {
  return node.body.body.find((member) => member.kind === "constructor")?.value;
}

function checkUses(owner, report) {
  for (const { node, binding } of owner.uses) {
    const { name, block } = binding;
    if (binding.owner !== owner) continue;
    if (node.start < binding.definedAt && node.end !== binding.definedAt)
      report("use-before-definition", `${name} is used before the line that defines it`, node);
    else if (block !== null && node.start > block.end)
      report("var-in-block", `var ${name} is there only if its block ran`, node);
  }
}

/** What the top level calls must find everything it uses, however deep, defined by then. */
function checkCall({ node, value }, top, owners, report) {
  const late = usedBy(value, owners, new Set()).find(
    (binding) => binding.owner === top && binding.definedAt > node.start && !isInside(binding, node),
  );
  if (late)
    report(
      "use-before-definition",
      `this call needs ${late.name}, which is defined further down`,
      node,
      late,
    );
}

function usedBy(value, owners, seen) {
  const owner = owners.get(value);
  if (owner === undefined || seen.has(owner)) return [];
  seen.add(owner);
  return [
    ...owner.uses.map(({ binding }) => binding),
    ...owner.calls.flatMap((call) => usedBy(call.value, owners, seen)),
  ];
}

function isInside(binding, node) {
  return binding.definedAt > node.start && binding.definedAt <= node.end;
}
