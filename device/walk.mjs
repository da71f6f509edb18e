/** Visits a syntax tree in the order of its text. */

/** visit(node, parents): parents from the root to the node's own parent. */
export function walk(node, visit, parents = []) {
  visit(node, parents);
  parents.push(node);
  for (const child of childrenOf(node)) walk(child, visit, parents);
  parents.pop();
}

/** The nodes directly below `node`, in the order of the text. */
export function childrenOf(node) {
  const children = [];
  for (const key in node) {
    const value = node[key];
    if (Array.isArray(value)) children.push(...value.filter(isNode));
    else if (isNode(value)) children.push(value);
  }
  return children.sort((a, b) => a.start - b.start);
}

function isNode(value) {
  return value !== null && typeof value === "object" && typeof value.type === "string";
}
