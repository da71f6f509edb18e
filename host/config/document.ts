/** The text of bowline.yaml as plain values, with the line and column of each (JSON is YAML). */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { Fault } from "./faults.ts";
import { MAX_NESTING, tooDeepAt } from "./nesting.ts";
import type { Places } from "./places.ts";

export interface ParsedDocument {
  readonly tree: unknown;
  readonly places: Places;
  readonly faults: readonly Fault[];
}

/** Parses `text`; places and faults begin with `name`. With faults the tree is not to be used. */
export function parseConfigText(text: string, name: string): ParsedDocument {
  const deepAt = tooDeepAt(text);
  if (deepAt >= 0) return { tree: undefined, places: new Map(), faults: [depthFault(text, name, deepAt)] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  // A warning is a tag nobody resolves: its value would be taken for something else than was meant.
  const faults = [...document.errors, ...document.warnings].map((error) =>
    syntaxFault(place(error.pos[0]), error.message),
  );
  const places: Places = new Map();
  if (faults.length > 0) return { tree: undefined, places, faults };
  try {
    const tree: unknown = document.toJS();
    for (const { path, node, key } of withAllBelow({ path: [], node: document.contents }, document)) {
      const value = offsetOf(node) ?? offsetOf(key) ?? 0;
      places.set(path.join("."), { kind: "file", key: place(offsetOf(key) ?? value), value: place(value) });
    }
    return { tree, places, faults };
  } catch (error) {
    // yaml throws for an alias without an anchor, and for aliases that multiply beyond its limit of 100.
    if (!(error instanceof ReferenceError)) throw error;
    return { tree: undefined, places, faults: [syntaxFault(name, error.message)] };
  }
}

function depthFault(text: string, name: string, offset: number): Fault {
  const lines = text.slice(0, offset).split("\n");
  const place = `${name}:${lines.length}:${lines[lines.length - 1].length + 1}`;
  return syntaxFault(place, `nested more than ${MAX_NESTING} deep; settings are 4 deep at most`);
}

function syntaxFault(place: string, message: string): Fault {
  return { code: "CONFIG_SYNTAX", place, text: message };
}

/** A value as it stands in the text: its dotted path's parts, its node, and its key where it has one. */
interface Written {
  readonly path: readonly string[];
  readonly node: unknown;
  readonly key?: unknown;
}

/** The value itself and everything below it; an alias is placed where it stands, its content at the anchor. */
function* withAllBelow(
  written: Written,
  document: Document,
  holders: readonly unknown[] = [],
): Generator<Written> {
  yield written;
  const content = isAlias(written.node) ? written.node.resolve(document) : written.node;
  // yaml takes such an alias for a circle of objects, which no setting can be.
  if (holders.includes(content)) throw new ReferenceError("Alias of something that holds it");
  for (const below of directlyBelow(content, written.path)) {
    yield* withAllBelow(below, document, [...holders, content]);
  }
}

function directlyBelow(content: unknown, path: readonly string[]): Written[] {
  if (isSeq(content)) return content.items.map((node, i) => ({ path: [...path, String(i)], node }));
  if (!isMap(content)) return [];
  return content.items.map(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : String(key);
    return { path: [...path, name], node: value, key };
  });
}

const offsetOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];
