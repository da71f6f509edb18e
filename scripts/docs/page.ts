/** A document as those who follow it meet it: its fenced blocks with their headings, and its links. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, commandsOfBlock } from "../../host/cli/testing/typed-commands.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Block {
  language: string;
  /** The file that it is to be in, where its first line or the words behind its language name one. */
  file: string | undefined;
  text: string;
  /** The line it begins in, from 1. */
  line: number;
  commands: Command[];
}

export interface Page {
  /** From the root of the clone. */
  path: string;
  text: string;
  blocks: Block[];
  /** What is outside of fenced blocks. */
  prose: string;
  /** Its headings, as links name them. */
  anchors: Set<string>;
}

export async function readPage(path: string): Promise<Page> {
  return parsePage(path, await readFile(join(root, path), "utf8"));
}

export function parsePage(path: string, text: string): Page {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { indent: string; info: string; line: number; rows: string[] } | undefined;
  for (const [i, row] of text.split("\n").entries()) {
    const [, indent, info] = /^( *)```(.*)$/.exec(row) ?? [];
    if (open === undefined) {
      if (info === undefined) prose.push(row);
      else open = { indent, info, line: i + 1, rows: [] };
    } else if (info === undefined) {
      open.rows.push(row.startsWith(open.indent) ? row.slice(open.indent.length) : row);
    } else {
      blocks.push(blockOf(open.info, open.rows, open.line));
      open = undefined;
    }
  }
  if (open !== undefined) throw new RangeError(`${path}: the block of line ${open.line} is not closed`);
  return { path, text, blocks, prose: prose.join("\n"), anchors: anchorsOf(prose) };
}

function blockOf(info: string, rows: string[], line: number): Block {
  const [language, named] = info.trim().split(/ +/);
  const [, commented] = /^(?:#|\/\/) (\S+\.\w+)$/.exec(rows[0] ?? "") ?? [];
  const text = `${rows.join("\n")}\n`;
  const commands = language === "console" ? commandsOfBlock(text) : [];
  return { language, file: named ?? commented, text, line, commands };
}

/** As GitHub makes them: small letters, words with dashes between, a number behind those that come again. */
function anchorsOf(prose: string[]): Set<string> {
  const anchors = new Set<string>();
  for (const row of prose) {
    const [, title] = /^#+ +(.*)$/.exec(row) ?? [];
    if (title === undefined) continue;
    const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N} _-]/gu, "").replace(/ /g, "-");
    let unique = anchor;
    for (let n = 1; anchors.has(unique); n++) unique = `${anchor}-${n}`;
    anchors.add(unique);
  }
  return anchors;
}
