/** Single settings from the environment (`BOWLINE_HTTP_PORT=80`) and from `--set http.port=80`. */
import { isScalar, parseDocument } from "yaml";
import { suggest } from "../platform/suggest.ts";
import { type Fault, showValue, unknownKeyText } from "./faults.ts";
import { tooDeepAt } from "./nesting.ts";
import type { Place } from "./places.ts";
import { ANY_NAME, allowedText, isIndex, keysOf, nodeAt, type SchemaNode, settings } from "./settings.ts";

/** Variables that begin with BOWLINE_ and are no settings. */
export const reservedVariables: readonly string[] = [
  "BOWLINE_CONFIG",
  "BOWLINE_TOKEN",
  // Of `bowline flash`: its port, and the password of the board's Wi-Fi.
  "BOWLINE_PORT",
  "BOWLINE_WIFI_PASSWORD",
];

/** One value for one key. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly place: Place;
}

export interface Overrides {
  readonly overrides: readonly Override[];
  readonly faults: readonly Fault[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads every BOWLINE_ variable; `_` parts the keys, whose letter case does not matter: BOWLINE_SESSION_EXPIRES. */
export function readEnvironment(env: Environment): Overrides {
  const names = Object.keys(env).filter(
    (name) => name.startsWith(prefix) && !reservedVariables.includes(name),
  );
  // SERIAL_0 before SERIAL_1 before SERIAL_10: a list grows one entry at a time.
  names.sort((a, b) => byNumber.compare(a, b));
  return gather(names, (name) => {
    const place: Place = { kind: "env", key: name, value: name };
    const path = variablePath(name);
    return path === undefined ? unknownVariable(name) : readOverride(path, env[name] ?? "", place);
  });
}

/** Reads `a.b=value` texts in their order; list positions count from 0: `serial.0.path=/dev/ttyACM0`. */
export function readSetOptions(options: readonly string[]): Overrides {
  return gather(options, (option) => {
    const equals = option.indexOf("=");
    const dotted = equals < 0 ? option : option.slice(0, equals);
    const name = `--set ${dotted}`;
    if (equals < 0) return invalid(name, 'no "=" in it; write --set http.port=9080');
    const path = dotted.split(".").map((key) => (isIndex(key) ? String(Number(key)) : key));
    return (
      unknownOption(path, name) ??
      readOverride(path, option.slice(equals + 1), { kind: "set", key: name, value: name })
    );
  });
}

/** The variable that sets a key: `["http", "port"]` is BOWLINE_HTTP_PORT; `*` shows as 0, a name as NAME. */
export function variableName(path: readonly string[]): string {
  return (
    prefix + path.map((key) => (key === "*" ? "0" : key === ANY_NAME ? "NAME" : key.toUpperCase())).join("_")
  );
}

const prefix = "BOWLINE_";
const byNumber = new Intl.Collator("en", { numeric: true });

function gather(sources: readonly string[], read: (source: string) => Override | Fault): Overrides {
  const overrides: Override[] = [];
  const faults: Fault[] = [];
  for (const result of sources.map(read)) {
    if ("code" in result) faults.push(result);
    else overrides.push(result);
  }
  return { overrides, faults };
}

function variablePath(name: string): string[] | undefined {
  const parts = name.slice(prefix.length).split("_");
  const setting = settings.find(
    ({ path }) => path.length === parts.length && path.every((key, i) => fits(key, parts[i])),
  );
  return setting?.path.map((key, i) => (key === "*" ? String(Number(parts[i])) : key)) ?? namedPath(parts);
}

/** A name has underscores of its own: all that is behind the keys before it. */
function namedPath(parts: readonly string[]): string[] | undefined {
  const setting = settings.find(
    ({ path }) =>
      path.at(-1) === ANY_NAME &&
      path.length <= parts.length &&
      path.slice(0, -1).every((key, i) => fits(key, parts[i])),
  );
  if (setting === undefined) return undefined;
  const keys = setting.path.slice(0, -1);
  return [...keys, parts.slice(keys.length).join("_").toLowerCase()];
}

function fits(key: string, part = ""): boolean {
  return key === "*" ? isIndex(part) : key.toLowerCase() === part.toLowerCase();
}

function unknownVariable(name: string): Fault {
  const nearest = suggest(name, [...settings.map(({ path }) => variableName(path)), ...reservedVariables]);
  const question = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return { code: "CONFIG_UNKNOWN_KEY", place: name, text: `no setting has this variable${question}` };
}

/** The fault of a path that the schema does not know, named at the first key that does not fit. */
function unknownOption(path: readonly string[], place: string): Fault | undefined {
  const depth = path.findIndex((_, i) => nodeAt(path.slice(0, i + 1)) === undefined);
  if (depth < 0) return undefined;
  const [key = "", section] = [path[depth], path.slice(0, depth)];
  const parent = nodeAt(section);
  if (parent?.items !== undefined)
    return invalid(place, `${section.join(".")} is a list; write ${section.join(".")}.0`);
  const allowed = keysOf(parent);
  if (allowed.length === 0)
    return invalid(place, `${section.join(".")} is ${allowedText(parent)}, no section`);
  const text = unknownKeyText(key, section.join("."), allowed, suggest(key, allowed));
  return { code: "CONFIG_UNKNOWN_KEY", place, text };
}

function readOverride(path: readonly string[], text: string, place: Place): Override | Fault {
  const node = nodeAt(path);
  if (node?.properties !== undefined || node?.items !== undefined || node?.additionalProperties)
    return invalid(place.key, `${path.join(".")}: is ${allowedText(node)}; set one of its keys`);
  const scalar = readScalar(text, node);
  if (scalar !== undefined) return { path, value: scalar.value, place };
  return invalid(
    place.key,
    `${path.join(".")}: expected one value, got ${showValue(text)}; put it in quotes`,
  );
}

/** A YAML scalar; where the key takes text, an unquoted one is text as it stands: 42, no and #1 too. */
function readScalar(text: string, node: SchemaNode | undefined): { value: unknown } | undefined {
  if (node?.type === "string" && !/^\s*["']/.test(text)) return { value: text };
  if (tooDeepAt(text) >= 0) return undefined;
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined;
  if (document.contents === null) return { value: null };
  return isScalar(document.contents) ? { value: document.contents.value } : undefined;
}

function invalid(place: string, text: string): Fault {
  return { code: "CONFIG_INVALID", place, text };
}
