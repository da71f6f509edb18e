/** An object as it was once, brought back again and again. */

/**
 * Returns what sets every own property of `object`, but those of `without`, to what it is now. Spelled out for these
 * properties: millions of streams begin with it, and a copy by name takes as long as reading a stream.
 */
export function snapshotOf<T extends object>(object: T, without: readonly (keyof T)[] = []): () => void {
  const then = { ...object };
  const names = Object.keys(object).filter((name) => !without.includes(name as keyof T));
  const lines = names.map((name) => `object[${JSON.stringify(name)}] = then[${JSON.stringify(name)}];`);
  return new Function("object", "then", `return () => { ${lines.join(" ")} };`)(object, then);
}
