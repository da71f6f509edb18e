/** Help within the width of a terminal: sentences go on in the next line, what is indented stays aligned. */
import { displayWidth } from "./display.ts";
import { wrap } from "./wrap.ts";

/** `  sent          messages the board has…`: what is explained, and its explanation. */
const EXPLAINED = /^( +\S.*?\S? {2,})(\S.*)$/;

/** `text` with its lines within `width` columns. Commands, and what nothing explains, are left to the terminal. */
export function fitHelp(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => fitLine(line, width))
    .join("\n");
}

function fitLine(line: string, width: number): string[] {
  if (displayWidth(line) <= width) return [line];
  if (!line.startsWith(" ")) return wrap(line, width);
  const [, before = "", rest = ""] = EXPLAINED.exec(line) ?? [];
  const room = width - displayWidth(before);
  if (before === "" || room < width / 2) return [line];
  return wrap(rest, room).map((part, i) => (i === 0 ? before : " ".repeat(displayWidth(before))) + part);
}
