/** Text within the width of a terminal: broken at spaces, and inside a word only where that is longer than a line. */
import { displayWidth, takeWidth } from "./display.ts";

/** Lines of `text`, printable, each within `width` columns, at least two; the first is there even of no text. */
export function wrap(text: string, width: number): string[] {
  if (displayWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && displayWidth(line) + 1 + displayWidth(word) <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    for (let head = takeWidth(line, width); head.length < line.length; head = takeWidth(line, width)) {
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return line === "" ? lines : [...lines, line];
}
