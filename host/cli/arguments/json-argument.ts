/** JSON on the command line, with the place of what is wrong in it; JSON.parse does not always give one. */
import { misread } from "./misread.ts";

const AN_OBJECT = "a JSON object, as '{\"on\":true}'";

/** Throws a usage error for what is no JSON, or no object. */
export function parseJsonObject(name: string, text: string): Record<string, unknown> {
  const value = parseJson(name, text, AN_OBJECT);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw misread(name, `${Array.isArray(value) ? "a list" : JSON.stringify(value)}`, AN_OBJECT);
}

/** Any value; throws a usage error for what is no JSON. */
export function parseJson(name: string, text: string, allowed: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const at = jsonFaultAt(text);
    const seen =
      at >= text.trimEnd().length ? "it ends too early" : `unexpected ${JSON.stringify(letterAt(text, at))}`;
    throw misread(name, `${seen} at position ${at + 1}`, allowed);
  }
}

function letterAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) ?? 0);
}

type Expectation = "value" | "key" | "keyOrEnd" | "colon" | "valueOrEnd" | "commaOrEnd" | "nothing";

// A string that is not ended, or has a bad escape, is no token: it begins where the fault is told.
const TOKEN =
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))/uy;
const SPACE = /[ \t\n\r]*/y;

/** Where the first token stands that no JSON text could have there; the length of the text when it just ends early. */
export function jsonFaultAt(text: string): number {
  const open: string[] = [];
  let expected: Expectation = "value";
  for (let at = 0; ; at = TOKEN.lastIndex) {
    SPACE.lastIndex = TOKEN.lastIndex = at;
    const start = at + (SPACE.exec(text)?.[0].length ?? 0);
    const match = TOKEN.exec(text);
    if (match === null) return start;
    const next = follow(expected, match[1] ?? (match[2] === undefined ? "scalar" : "string"), open);
    if (next === undefined) return start;
    expected = next;
  }
}

/** What may come after `token`, undefined when it may not come here. */
function follow(expected: Expectation, token: string, open: string[]): Expectation | undefined {
  const takesValue = expected === "value" || expected === "valueOrEnd";
  const behind = () => (open.length === 0 ? "nothing" : "commaOrEnd");
  switch (token) {
    case "{":
    case "[":
      if (!takesValue) return undefined;
      open.push(token);
      return token === "{" ? "keyOrEnd" : "valueOrEnd";
    case "}":
    case "]": {
      const canEnd = expected === "commaOrEnd" || expected === (token === "}" ? "keyOrEnd" : "valueOrEnd");
      return canEnd && open.pop() === (token === "}" ? "{" : "[") ? behind() : undefined;
    }
    case ",":
      if (expected !== "commaOrEnd") return undefined;
      return open[open.length - 1] === "{" ? "key" : "value";
    case ":":
      return expected === "colon" ? "value" : undefined;
    case "string":
      if (expected === "key" || expected === "keyOrEnd") return "colon";
      return takesValue ? behind() : undefined;
    default:
      return takesValue ? behind() : undefined;
  }
}
