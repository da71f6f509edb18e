/** The configuration for readers: the table of docs/configuration.md, the JSON Schema, the values in force. */
import { Document, isScalar } from "yaml";
import type { LoadedConfig } from "./load.ts";
import { configJsonSchema, type Setting, settings } from "./settings.ts";

export const tableBegin = "<!-- config:begin -->";
export const tableEnd = "<!-- config:end -->";

/** One row a key: its name (`serial[].path`), its default, what it means. */
export function configTable(): string {
  const rows = settings.map((setting) => {
    const cells = [code(shownPath(setting)), shownDefault(setting), setting.node.description ?? ""];
    return `| ${cells.join(" | ")} |`;
  });
  return ["| key | default | what it means |", "|---|---|---|", ...rows].join("\n");
}

/** `markdown` with the present table between its two markers; a RangeError when it has not exactly one pair of them. */
export function updateTable(markdown: string): string {
  const [before, inside, ...more] = markdown.split(tableBegin);
  const [old, after, ...rest] = (inside ?? "").split(tableEnd);
  if (before === undefined || old === undefined || after === undefined || more.length + rest.length > 0) {
    throw new RangeError(
      `updating the table of settings: expected one ${tableBegin} and one ${tableEnd} after it`,
    );
  }
  return `${before}${tableBegin}\n${configTable()}\n${tableEnd}${after}`;
}

/** JSON Schema as text, for `bowline config schema` and for editors. */
export function formatSchema(): string {
  return `${JSON.stringify(configJsonSchema, null, 2)}\n`;
}

/** The values in force as YAML, each with where it came from as a comment, for `bowline config show`. */
export function formatConfig({ config, origins, source }: LoadedConfig): string {
  const document = new Document(config);
  document.commentBefore = source === "defaults" ? " no file" : ` ${source}`;
  for (const path of leavesOf(config)) {
    const node = document.getIn(path, true);
    if (isScalar(node)) node.comment = ` ${origins.get(path.join(".")) ?? "default"}`;
  }
  return document.toString({ lineWidth: 0 });
}

function leavesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, below]) => leavesOf(below, [...path, key]));
}

const code = (text: string) => `\`${text}\``;

function shownPath({ path }: Setting): string {
  return path.join(".").replaceAll(".*", "[]");
}

function shownDefault({ node, isRequired }: Setting): string {
  if (isRequired) return "required";
  return node.default === undefined ? "–" : code(String(node.default));
}
