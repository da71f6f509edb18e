/** Plain nested values with single ones replaced; what was passed in stays as it was. */
import type { Fault } from "./faults.ts";
import type { Override } from "./overrides.ts";
import type { Places } from "./places.ts";
import { isIndex, nodeAt } from "./settings.ts";

/** Writes each override into the tree and its place into `places`; a list takes only its next free position. */
export function applyOverrides(tree: unknown, places: Places, overrides: readonly Override[]) {
  const faults: Fault[] = [];
  let result = tree;
  for (const { path, value, place } of overrides) {
    const gap = gapBefore(result, path);
    if (gap !== undefined) {
      faults.push({ code: "CONFIG_INVALID", place: place.key, text: gap });
      continue;
    }
    result = withValue(result, path, value);
    // Delete first, so that the order of `places` stays the order of writing.
    places.delete(path.join("."));
    places.set(path.join("."), place);
  }
  return { tree: result, faults };
}

/** A section or a list with nothing in it (`http:`) counts as not written; a value with nothing in it does not. */
export function withoutEmptySections(tree: unknown): unknown {
  if (tree === null || tree === undefined) return {};
  if (typeof tree !== "object" || Array.isArray(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).filter(([key, value]) => value !== null || !isSection(key)));
}

/** The value at `path`, or undefined. */
export function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  let value = tree;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** A copy with `value` at `path`. A plain value in the way is kept: that fault is the file's, and is told as such. */
function withValue(tree: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const holder = tree ?? (isIndex(key) ? [] : {});
  if (typeof holder !== "object") return holder;
  const changed = withValue(valueAt(holder, [key]), rest, value);
  if (!Array.isArray(holder)) return { ...holder, [key]: changed };
  const list: unknown[] = [...holder];
  list[Number(key)] = changed;
  return list;
}

function isSection(key: string): boolean {
  const node = nodeAt([key]);
  return node?.properties !== undefined || node?.items !== undefined;
}

function gapBefore(tree: unknown, path: readonly string[]): string | undefined {
  const depth = path.findIndex(isIndex);
  if (depth < 0) return undefined;
  const list = valueAt(tree, path.slice(0, depth)) ?? [];
  if (!Array.isArray(list) || Number(path[depth]) <= list.length) return undefined;
  const name = path.slice(0, depth).join(".");
  return `${name}.${path[depth]}: ${name} has ${list.length} entries; the next one is ${name}.${list.length}`;
}
