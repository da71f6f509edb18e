/** The settings as a tree of names, ranges and meanings, read from the JSON Schema of the configuration. */
import { z } from "zod";
import { configSchema } from "./schema.ts";

/** The part of JSON Schema that the configuration uses. */
export interface SchemaNode {
  /** Several of a section that a value stands for. */
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  /** Of a section whose keys are names that the user chooses: what each holds. */
  readonly additionalProperties?: SchemaNode | false;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Stands for a name that the user chooses. */
export const ANY_NAME = "<name>";

/** One key. In `path`, `*` stands for a position in a list. */
export interface Setting {
  readonly path: readonly string[];
  readonly node: SchemaNode;
  readonly isRequired: boolean;
}

/** JSON Schema (draft 2020-12) of bowline.yaml, for editors and for `bowline config schema`. */
export const configJsonSchema = {
  title: "bowline.yaml",
  ...z.toJSONSchema(configSchema, { io: "input" }),
} as SchemaNode;

/** Every key that holds a value of its own, in the order of the schema. */
export const settings: readonly Setting[] = collect(configJsonSchema, []);

/** The node at `path`, whose list positions are numbers, or undefined where the schema knows no such key. */
export function nodeAt(path: readonly PropertyKey[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = configJsonSchema;
  for (const key of path) node = node?.items !== undefined && isIndex(key) ? node.items : child(node, key);
  return node;
}

/** The keys a section takes; none for a value. */
export function keysOf(node: SchemaNode | undefined): string[] {
  return Object.keys(node?.properties ?? {});
}

/** What a key takes, in words: `a whole number from 0 to 65535`. */
export function allowedText(node: SchemaNode | undefined): string {
  if (node?.enum !== undefined) return `one of ${node.enum.join(", ")}`;
  if (node?.type === "number") return `a number from ${node.minimum} to ${node.maximum}`;
  if (node?.type === "integer") return `a whole number from ${node.minimum} to ${node.maximum}`;
  if (node?.type === "boolean") return "true or false";
  if (node?.type === "array") return "a list";
  if (node?.additionalProperties)
    return `a section of names, each with ${allowedText(node.additionalProperties)}`;
  if (node?.properties !== undefined) return `a section with ${keysOf(node).join(", ")}`;
  return "text";
}

export function isIndex(key: PropertyKey): boolean {
  return /^\d+$/.test(String(key));
}

// Own properties only: "constructor" is no key of a section.
function child(node: SchemaNode | undefined, key: PropertyKey): SchemaNode | undefined {
  const properties = node?.properties ?? {};
  return Object.hasOwn(properties, key) ? properties[String(key)] : node?.additionalProperties || undefined;
}

function collect(node: SchemaNode, path: readonly string[], isRequired = false): Setting[] {
  if (node.items !== undefined) return collect(node.items, [...path, "*"]);
  if (node.additionalProperties) return collect(node.additionalProperties, [...path, ANY_NAME]);
  if (node.properties === undefined) return [{ path, node, isRequired }];
  return Object.entries(node.properties).flatMap(([key, value]) =>
    collect(value, [...path, key], node.required?.includes(key) === true && value.default === undefined),
  );
}
