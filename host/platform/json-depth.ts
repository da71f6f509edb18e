/** How deep JSON of a stranger may be nested: JSON.parse takes nesting that JSON.stringify dies of. */

/** Of one message; what wraps it adds its own. */
export const MAX_DEPTH = 200;
/** Characters that cannot hold so much of it that it would matter. */
const SHORT_TEXT = 1000;
const [QUOTE, BACKSLASH, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [...'"\\[]{}'].map((c) =>
  c.charCodeAt(0),
);

export function isTooDeep(text: string, most = MAX_DEPTH): boolean {
  if (text.length <= SHORT_TEXT) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === BACKSLASH) i++;
      else if (c === QUOTE) inString = false;
    } else if (c === QUOTE) inString = true;
    else if (c === OPEN_BRACKET || c === OPEN_BRACE) {
      if (++depth > most) return true;
    } else if (c === CLOSE_BRACKET || c === CLOSE_BRACE) depth--;
  }
  return false;
}
