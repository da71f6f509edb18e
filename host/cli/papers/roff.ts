/** Text as man pages have it (groff_man(7)). */

/** `text` with what roff would act on escaped: backslashes, dots at a line's beginning, and letters that it makes typographic. */
export function escapeRoff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replace(/[^\n -\x7e]/gu, (letter) => `\\[u${hexOf(letter)}]`)
    .replace(/^\./gm, "\\&.");
}

/** At least four digits, as groff and mandoc have it. */
function hexOf(letter: string): string {
  return (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}

/** Bold, within a line. */
export function bold(text: string): string {
  return `\\fB${escapeRoff(text)}\\fR`;
}

/** Sentences flow; lines that are indented, examples and tables, stand as they are. */
export function paragraphs(text: string): string[] {
  const lines: string[] = [];
  let isVerbatim = false;
  for (const line of text.split("\n")) {
    const isIndented = line.startsWith(" ");
    if (isIndented !== isVerbatim) {
      lines.push(...(isIndented ? [".PP", ".nf"] : [".fi"]));
      isVerbatim = isIndented;
    }
    if (line === "") continue;
    if (isIndented) lines.push(escapeRoff(line));
    else lines.push(".PP", escapeRoff(line));
  }
  return isVerbatim ? [...lines, ".fi"] : lines;
}
