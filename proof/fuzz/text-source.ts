/** Texts to fuzz with: good ones, spoiled where it hurts: brackets, quotes, escapes, digits, keys. */
import type { StreamSource } from "./stream-source.ts";

const PIECES = [
  "{",
  "}",
  "[",
  "]",
  '"',
  "\\",
  ":",
  ",",
  "\n",
  " ",
  "- ",
  "null",
  "true",
  "0",
  "-1",
  "1e999",
  "9007199254740993",
  '""',
  "{}",
  '"__proto__":',
  '"constructor":',
  '"toJSON":',
  "\\u0000",
  "\\ud800",
  "é",
  "&a ",
  "*a",
  "!!x ",
  "? ",
  "<<: ",
  "# ",
  "|\n",
  "\u0000",
  "\ufeff",
]; // prettier-ignore
const MOST_CHANGES = 4;

export function makeText(source: StreamSource, good: readonly string[]): string {
  let text = source.pick(good);
  if (source.below(8) === 0) text = "";
  for (let n = source.below(MOST_CHANGES + 1); n > 0; n--) {
    const at = source.below(text.length + 1);
    const kind = source.below(4);
    if (kind === 0) text = text.slice(0, at) + source.pick(PIECES) + text.slice(at);
    else if (kind === 1) text = text.slice(0, at) + source.pick(PIECES) + text.slice(at + 1);
    else if (kind === 2) text = text.slice(0, at) + text.slice(at + 1 + source.below(8));
    else text = text.slice(0, at);
  }
  return text;
}

/** The text as the source's stream, in UTF-8. */
export function setStream(source: StreamSource, text: string): void {
  source.length = 0;
  source.addAll(Buffer.from(text));
}
