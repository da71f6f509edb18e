/** A byte string as a literal that the board's console and its Storage.writeJSON write: short, and JavaScript rather than JSON. */

const short: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
};

export function quoteBytes(text: string): string {
  return `"${text.replace(/[^ !#-[\]-~]/g, (byte, at: number) => escapeByte(byte, text[at + 1]))}"`;
}

/** `\1` where no digit follows, else `\x01`. */
function escapeByte(byte: string, next: string | undefined): string {
  if (byte in short) return short[byte];
  const code = byte.charCodeAt(0);
  if (code < 7 && !/[0-9]/.test(next ?? "")) return `\\${code}`;
  return `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
}
