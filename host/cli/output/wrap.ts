/** Text within the width of a terminal: broken at spaces, and inside a word only where that is longer than a line. */
import { displayWidth, takeWidth } from "./display.ts";

/** Columns that a text keeps beside its head, however narrow the terminal is. */
const LEAST_ROOM = 20;

/** `text` behind `head`, where it has a column of its own: what does not fit goes on below its beginning. */
export function hang(head: string, text: string, width: number = Number.POSITIVE_INFINITY): string[] {
  const room = Math.max(LEAST_ROOM, width - displayWidth(head));
  return wrap(text, room).map((line, i) => (i === 0 ? head : " ".repeat(displayWidth(head))) + line);
}

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
