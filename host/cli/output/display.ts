/** Text for a terminal: what boards and files say must not bend a table. */
export { formatJson, printable } from "../../platform/printable.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
// East Asian wide and full-width letters, and emoji: two columns.
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;
const MARK = /^\p{M}/u;

/** Columns that `text`, printable, takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) {
    if (WIDE.test(segment)) width += 2;
    else if (!MARK.test(segment)) width += 1;
  }
  return width;
}

/** `text`, printable, within `width` columns, at least one: what is left out of its middle is "…". */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const letters = lettersOf(text);
  const tail = take(letters.slice().reverse(), Math.floor((width - 1) / 2)).reverse();
  const head = take(letters, width - 1 - displayWidth(tail.join("")));
  return `${head.join("")}…${tail.join("")}`;
}

/** The beginning of `text`, printable and not empty, that fits into `width` columns; at least one letter of it. */
export function takeWidth(text: string, width: number): string {
  let used = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    used += displayWidth(segment);
    if (used > width && index > 0) return text.slice(0, index);
  }
  return text;
}

const lettersOf = (text: string) => [...segmenter.segment(text)].map(({ segment }) => segment);

/** The first letters that fit. */
function take(letters: readonly string[], width: number): string[] {
  let end = 0;
  for (let used = 0; end < letters.length; end++) {
    used += displayWidth(letters[end]);
    if (used > width) break;
  }
  return letters.slice(0, end);
}
