/** What went wrong in a program, in the words of the board rather than of V8. */

const translations: [pattern: RegExp, words: string][] = [
  [/^ReferenceError: (\S+) is not defined$/, 'ReferenceError: "$1" is not defined'],
  [
    /^TypeError: Cannot read properties of (undefined|null) \(reading '(.*)'\)$/,
    "Error: Can't read property '$2' of $1",
  ],
  [/^TypeError: (?:.*\.)?([\w$]+) is not a function$/, 'Error: Function "$1" not found!'],
  [/^TypeError: Assignment to constant variable\.$/, "TypeError: Assignment to a constant"],
  [/^SyntaxError: Unexpected end of input$/, "SyntaxError: Unexpected end of Input"],
  [/^SyntaxError: Invalid or unexpected token$/, "SyntaxError: Got UNFINISHED STRING expected EOF"],
  [
    /^SyntaxError: (?:missing \) after argument list|Unexpected token '(.*)')$/,
    "SyntaxError: Got $1 expected EOF",
  ],
];

/** One line: what was thrown. */
export function wordsOf(error: unknown): string {
  const text = String(error);
  const found = translations.find(([pattern]) => pattern.test(text));
  return found === undefined ? text : text.replace(...found);
}

/** Where in a statement it happened, its line with a mark below the column; "" where that is not known. */
export function placeOf(error: unknown, file: string, statement: string): string {
  const stack = String((error as { stack?: unknown } | null)?.stack ?? "");
  const [, line, column = "1"] = new RegExp(`\\b${file}:(\\d+)(?::(\\d+))?`).exec(stack) ?? [];
  if (line === undefined) return "";
  const source = statement.split("\n")[Number(line) - 1] ?? "";
  return `    at ${file} (:${line}:${column})\n${source}\n${" ".repeat(Number(column) - 1)}^\n`;
}
