/** A tree of values checked against the schema; each issue becomes a fault with place, reason and remedy. */
import type { z } from "zod";
import { suggest } from "../platform/suggest.ts";
import { type Fault, showValue, unknownKeyText } from "./faults.ts";
import { lastWritten, nearestPlace, type Places } from "./places.ts";
import { configSchema, type ParsedConfig } from "./schema.ts";
import { allowedText, keysOf, nodeAt, type SchemaNode } from "./settings.ts";
import { valueAt } from "./tree.ts";

export type Validated =
  | { config: ParsedConfig; faults: readonly [] }
  | { config: undefined; faults: readonly Fault[] };

/** Checks `tree` as a whole: all faults at once, not just the first. */
export function validate(tree: unknown, places: Places): Validated {
  const result = configSchema.safeParse(tree);
  const lost = [...places.keys()].filter(isLost).map((path) => lostFault(path, places));
  if (result.success && lost.length === 0) return { config: result.data, faults: [] };
  const issues = result.error?.issues ?? [];
  return {
    config: undefined,
    faults: [...lost, ...issues.flatMap((issue) => faultsOf(issue, tree, places))],
  };
}

/** zod leaves a name out that stands for an object's prototype, and says nothing. */
function isLost(path: string): boolean {
  const keys = path.split(".");
  return keys.at(-1) === "__proto__" && Boolean(nodeAt(keys.slice(0, -1))?.additionalProperties);
}

function lostFault(path: string, places: Places): Fault {
  const section = path.slice(0, path.lastIndexOf("."));
  return invalid(places.get(path)?.key, `${section}: __proto__ can be no name`);
}

function faultsOf(issue: z.core.$ZodIssue, tree: unknown, places: Places): Fault[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKeyFault(issue.path, key, places));
  if (issue.code === "invalid_key") return [nameFault(issue, places)];
  const settings: unknown = issue.code === "custom" ? issue.params?.settings : undefined;
  if (Array.isArray(settings)) {
    const path = lastWritten(places, settings) ?? issue.path.join(".");
    return [invalid(nearestPlace(places, path.split("."))?.value, issue.message)];
  }
  const text = `${issue.path.join(".") || "the file"}: ${reason(issue, valueAt(tree, issue.path))}`;
  return [invalid(nearestPlace(places, issue.path)?.value, text)];
}

function reason(issue: z.core.$ZodIssue, value: unknown): string {
  const node = nodeAt(issue.path);
  if (value === undefined) return `missing; expected ${allowedText(node)}`;
  // For text the schema has words of its own; of a number the file must keep every digit.
  if (node?.type === "string" && typeof value === "string" && node.enum === undefined) {
    return value === "" ? issue.message : `${issue.message}; got ${showValue(value)}`;
  }
  const quotes = node?.type === "string" && typeof value === "number" ? "; put it in quotes" : "";
  const either = Array.isArray(node?.type) ? "true, false, or " : "";
  return `expected ${either}${allowedText(node)}${meaning(node)}, got ${showValue(value)}${quotes}`;
}

/** Of a number that stands for one of two things: for which. */
function meaning(node: SchemaNode | undefined): string {
  const { type, minimum = 0, maximum = 0, description } = node ?? {};
  return type === "integer" && maximum - minimum === 1 && description !== undefined
    ? ` (${description})`
    : "";
}

function unknownKeyFault(path: readonly PropertyKey[], key: string, places: Places): Fault {
  const allowed = keysOf(nodeAt(path));
  return {
    code: "CONFIG_UNKNOWN_KEY",
    place: nearestPlace(places, [...path, key])?.key ?? unplaced,
    text: unknownKeyText(key, path.join("."), allowed, suggest(key, allowed)),
  };
}

function nameFault({ path, issues }: z.core.$ZodIssueInvalidKey, places: Places): Fault {
  const section = path.slice(0, -1).join(".");
  const text = `${section}: ${issues[0]?.message}; got ${showValue(path.at(-1))}`;
  return invalid(nearestPlace(places, path)?.key, text);
}

function invalid(place: string | undefined, text: string): Fault {
  return { code: "CONFIG_INVALID", place: place ?? unplaced, text };
}

// Defaults alone are valid, so every fault has a place; this is for a schema whose defaults are not.
const unplaced = "the defaults";
