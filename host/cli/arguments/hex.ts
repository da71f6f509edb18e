/** Bytes as people write them: `01 00`, `0100`, `0x01,0x00`, `01:00`, over any number of arguments. */
import type { BowlineError } from "../../platform/errors.ts";
import { misread } from "./misread.ts";

const SEPARATORS = /[\s:,;-]+/;

/** The bytes of all arguments in a row; a usage error names the first place that is no hex. */
export function parseHex(args: readonly string[]): Uint8Array {
  const words = args.flatMap((arg) => arg.split(SEPARATORS)).map((word) => word.replace(/^0x/i, ""));
  return Buffer.concat(words.map(parseWord));
}

function parseWord(word: string): Uint8Array {
  const at = word.search(/[^0-9a-f]/i);
  if (at >= 0) throw noHex(word, `${JSON.stringify(word[at])} at character ${at + 1}`);
  if (word.length % 2 === 1) throw noHex(word, `${word.length} digits, two make a byte`);
  return Buffer.from(word, "hex");
}

function noHex(word: string, seen: string): BowlineError {
  const shown = word.length > 40 ? `${word.slice(0, 40)}…` : word;
  const allowed = "pairs of 0-9 and a-f, parted by spaces or colons";
  return misread(`hex ${JSON.stringify(shown)}`, seen, allowed, "bowline decode 01 00");
}
