/** Where things are in the exact text of a Container: checksums and signatures are of the text as it came (IRC-IoT: exact received text). */
import { endOfString } from "./json-text.ts";

const [QUOTE, COMMA, COLON] = [34, 44, 58];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [91, 93, 123, 125];

interface Span {
  start: number;
  end: number;
}

/** The elements of an array. `text` is valid JSON whose value is an array; blanks around an element are not part of it. */
export function elementSpans(text: string): Span[] {
  const spans: Span[] = [];
  let start = skipBlanks(text, skipBlanks(text, 0) + 1);
  while (start < text.length && text.charCodeAt(start) !== CLOSE_BRACKET) {
    const end = endOfValue(text, start);
    spans.push({ start, end });
    start = skipBlanks(text, end);
    if (text.charCodeAt(start) === COMMA) start = skipBlanks(text, start + 1);
  }
  return spans;
}

/** The value of a key of the outermost object, quotes included; of several the last, as JSON.parse has it. null: it has none. */
function valueSpan(text: string, key: string): Span | null {
  let found: Span | null = null;
  let i = skipBlanks(text, skipBlanks(text, 0) + 1);
  while (i < text.length && text.charCodeAt(i) === QUOTE) {
    const keyEnd = endOfString(text, i) + 1;
    const isWanted = isKey(text, i, keyEnd, key);
    const colon = skipBlanks(text, keyEnd);
    if (text.charCodeAt(colon) !== COLON) break;
    const start = skipBlanks(text, colon + 1);
    const end = endOfValue(text, start);
    if (isWanted) found = { start, end };
    i = skipBlanks(text, end);
    if (text.charCodeAt(i) === COMMA) i = skipBlanks(text, i + 1);
  }
  return found;
}

/** The text with other values in the place of some: `{mid: ""}` is written `"mid":""`. Keys that it has not are passed over. */
export function withValues(text: string, values: Readonly<Record<string, string>>): string {
  const found = Object.entries(values)
    .map(([key, value]) => ({ span: valueSpan(text, key), value }))
    .filter((one): one is { span: Span; value: string } => one.span !== null)
    .sort((a, b) => a.span.start - b.span.start);
  let out = "";
  let from = 0;
  for (const { span, value } of found) {
    out += text.slice(from, span.start) + JSON.stringify(value);
    from = span.end;
  }
  return out + text.slice(from);
}

/** A key may be written with escapes. */
function isKey(text: string, start: number, end: number, key: string): boolean {
  const written = text.slice(start, end);
  return written === `"${key}"` || (written.includes("\\") && JSON.parse(written) === key);
}

function endOfValue(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) i = endOfString(text, i);
    else if (c === OPEN_BRACE || c === OPEN_BRACKET) depth++;
    else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) {
      if (depth === 0) return trimmed(text, at, i);
      depth--;
    } else if (c === COMMA && depth === 0) return trimmed(text, at, i);
  }
  return text.length;
}

/** The end without the blanks before it. */
function trimmed(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && isBlank(text.charCodeAt(last - 1))) last--;
  return last;
}

function skipBlanks(text: string, at: number): number {
  let i = at;
  while (i < text.length && isBlank(text.charCodeAt(i))) i++;
  return i;
}

function isBlank(c: number): boolean {
  return c === 32 || c === 9 || c === 10 || c === 13;
}
