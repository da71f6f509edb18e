/** PROTOCOL.md taken apart, for the test that keeps it true: its hex blocks, its JSON blocks, its tables. */
import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../PROTOCOL.md", import.meta.url), "utf8");

/** One line of a hex block: `f3 10   rx 768`. */
export interface Field {
  hex: string;
  name: string;
  /** What the bytes mean; "" when the line does not say. */
  value: string;
}

/** A message in a hex block, headed `# title`. */
export interface Section {
  title: string;
  fields: Field[];
  /** All its bytes, without spaces. */
  hex: string;
}

export const hexBlockNames: readonly string[] = [...text.matchAll(/^```hex ?(.*)$/gm)].map(
  ([, name]) => name,
);

export function hexBlock(name: string): Section[] {
  return bodyOf(`hex ${name}`)
    .split(/^# /m)
    .slice(1)
    .map((part) => {
      const [title, ...lines] = part.trimEnd().split("\n");
      const fields = lines.map(readField);
      return { title, fields, hex: fields.map(({ hex }) => hex).join("") };
    });
}

export function jsonLines(name: string): string[] {
  return bodyOf(`json ${name}`).trimEnd().split("\n");
}

/** The rows of the tables whose head begins with these cells. */
export function tableRows(...head: string[]): string[][] {
  const tables = text
    .split(/\n(?!\|)/)
    .map((part) => part.split("\n").filter((line) => line.startsWith("|")));
  const found = tables.filter(([first = ""]) => head.every((cell, i) => cellsOf(first)[i] === cell));
  if (found.length === 0) throw new Error(`PROTOCOL.md: no table | ${head.join(" | ")} |`);
  return found.flatMap((lines) => lines.slice(2).map(cellsOf));
}

/** The words in `code` marks. */
export function quotedIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]*)`/g)].map(([, word]) => word);
}

/** All text, for claims that stand in a sentence. */
export const documentText: string = text;

function bodyOf(info: string): string {
  const body = text.split(`\`\`\`${info}\n`)[1]?.split("```")[0];
  if (body === undefined) throw new Error(`PROTOCOL.md: no block ${info}`);
  return body;
}

function readField(line: string): Field {
  const [, hex, name, value] = /^((?:[0-9a-f]{2} )*[0-9a-f]{2}) {2,}(\w+) ?(.*)$/.exec(line) ?? [];
  if (hex === undefined) throw new Error(`PROTOCOL.md: ${JSON.stringify(line)} is no line of a hex block`);
  return { hex: hex.replaceAll(" ", ""), name, value };
}

function cellsOf(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}
