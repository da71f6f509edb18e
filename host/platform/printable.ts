/** Text that is shown as it is: what boards and files say must move no cursor and turn no line around. */

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** `text` with every control and every invisible character written as an escape. */
export function printable(text: string): string {
  return CONTROL.test(text) ? [...text].map((c) => (CONTROL.test(c) ? escapeOf(c) : c)).join("") : text;
}

/** JSON of one line that a terminal prints as it is; JSON.stringify leaves C1 controls and invisible letters. */
export function formatJson(value: unknown): string {
  return printable(JSON.stringify(value));
}

// UTF-16 units, so that inside JSON the text stays JSON.
function escapeOf(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
