/** A line that a person typed, cut into words: blanks inside "quotes", {braces} and [brackets] belong to their word. */

const OPENING = "{[";
const CLOSING = "}]";

/** A quote or bracket that is not closed goes to the end of the line: whoever reads that word says what is wrong. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let start = -1;
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const letter = line[at];
    if (!isQuoted && depth === 0 && /\s/.test(letter)) {
      if (start >= 0) words.push(line.slice(start, at));
      start = -1;
      continue;
    }
    if (start < 0) start = at;
    if (letter === '"') isQuoted = !isQuoted;
    else if (letter === "\\" && isQuoted) at++;
    else if (!isQuoted && OPENING.includes(letter)) depth++;
    else if (!isQuoted && CLOSING.includes(letter) && depth > 0) depth--;
  }
  if (start >= 0) words.push(line.slice(start));
  return words;
}
