/** The fields of a message one by one: what is nested has names with points, `bme.temp`. */

/** As deep as the history goes. */
const MAX_DEPTH = 3;
/** Names beyond this are cut: one message must not fill the page. */
const MAX_NAME = 40;

export function fieldsOf(message: Record<string, unknown>): [name: string, value: unknown][] {
  return Object.entries(message).flatMap(([name, value]) => leavesOf(name, value, 1));
}

function leavesOf(name: string, value: unknown, depth: number): [string, unknown][] {
  const isNested = typeof value === "object" && value !== null && !Array.isArray(value) && depth < MAX_DEPTH;
  if (!isNested) return [[name.slice(0, MAX_NAME), value]];
  return Object.entries(value).flatMap(([inner, leaf]) => leavesOf(`${name}.${inner}`, leaf, depth + 1));
}

/** What can be drawn: a number, and yes and no as 1 and 0; null for anything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
