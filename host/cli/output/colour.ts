/** Colours of a terminal (ECMA-48): when they are wanted, and the few there are. */

/** What a text is; which colour that has is the terminal's own choice of shade. */
export type Tone = "good" | "warn" | "bad" | "title";

const begins: Readonly<Record<Tone, string>> = {
  good: "\x1b[32m",
  warn: "\x1b[33m",
  bad: "\x1b[31m",
  title: "\x1b[1m",
};
const END = "\x1b[0m";

type Environment = Readonly<Record<string, string | undefined>>;

/** FORCE_COLOR outranks NO_COLOR, as in Node itself; an empty NO_COLOR is none (no-color.org). */
export function isColourWanted(isTerminal: boolean, { FORCE_COLOR, NO_COLOR, TERM }: Environment): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return isTerminal && !NO_COLOR && TERM !== "dumb";
}

export function paint(text: string, tone: Tone | undefined): string {
  return tone === undefined || text === "" ? text : `${begins[tone]}${text}${END}`;
}

/** An error as formatError() has it: who says it, and where its mend begins. */
export function paintError(text: string): string {
  return text
    .replace(/^bowline:/, (name) => paint(name, "bad"))
    .replace(/\n {2}mend:/, (name) => `\n  ${paint(name.trim(), "title")}`);
}
