/** Refuses YAML that nests deeper than any setting does: the library goes down by recursion, and would take the process with it. */
import { Lexer, Parser } from "yaml";

/** Settings are four levels deep. */
export const MAX_NESTING = 32;

/** The offset just behind where `text` opens more than MAX_NESTING lists and maps, one in the other; −1 when it never does. */
export function tooDeepAt(text: string): number {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme)); // its tokens are not wanted, only how many it has open
    // The first is the document.
    if (parser.stack.length > 1 + MAX_NESTING) return parser.offset;
  }
  return -1;
}
