/** Names in which * stands for any letters. No regular expression of a stranger's making is run. */

/** Whether one of the patterns is of this name. */
export function isNamed(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => pattern === "*" || matches(pattern, name));
}

/** Pieces between stars, in their order. */
function matches(pattern: string, name: string): boolean {
  const [first, ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === name;
  if (!name.startsWith(first)) return false;
  const last = rest.pop()!;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
