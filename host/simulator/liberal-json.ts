/**
 * What Storage.writeJSON writes and Storage.readJSON reads on boards of 2v20 and later: keys without quotes, bytes as
 * `\xE9`. It is not JSON, and a host that reads such a file must not take it for that.
 */
import { quoteBytes } from "./byte-literal.ts";

/** value: of plain objects, arrays, views, strings, numbers, booleans and null; other things become null or are left out. */
export function stringifyLiberally(value: unknown): string {
  if (typeof value === "string") return quoteBytes(value);
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "object" || value === null) return "null";
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return `[${Array.from(value as ArrayLike<unknown>, stringifyLiberally).join(",")}]`;
  const fields = Object.entries(value).filter(
    ([, field]) => !["undefined", "function"].includes(typeof field),
  );
  return `{${fields.map(([key, field]) => `${keyOf(key)}:${stringifyLiberally(field)}`).join(",")}}`;
}

function keyOf(key: string): string {
  return /^(?:[A-Za-z_][A-Za-z0-9_]*|0|[1-9]\d*)$/.test(key) ? key : quoteBytes(key);
}

/** Throws a SyntaxError in the board's words. What follows the value is ignored. */
export function parseLiberally(text: string): unknown {
  return new Reader(text).value();
}

const TOKEN =
  /\s*(?:([{}[\],:])|("(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')|(-?0x[0-9a-f]+|-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|([A-Za-z_$][\w$]*)|$)/iy;

class Reader {
  private kind: "mark" | "string" | "number" | "name" | "end" = "end";
  private token = "";

  constructor(private readonly text: string) {
    this.scanner.lastIndex = 0;
    this.advance();
  }

  private readonly scanner = new RegExp(TOKEN.source, TOKEN.flags);

  value(): unknown {
    const { kind, token } = this;
    if (kind === "mark" && token === "{") return this.object();
    if (kind === "mark" && token === "[") return this.array();
    if (kind === "end" || kind === "mark") throw this.refuse("valid value");
    if (kind === "name" && !["true", "false", "null"].includes(token)) throw this.refuse("valid value");
    this.advance();
    if (kind === "string") return unescapeBytes(token.slice(1, -1));
    if (kind === "name") return token === "null" ? null : token === "true";
    return token.startsWith("-") ? -Number(token.slice(1)) : Number(token);
  }

  private object(): object {
    const fields: Record<string, unknown> = {};
    this.advance();
    while (!this.isAt("}")) {
      if (this.kind === "mark" || this.kind === "end") throw this.refuse("'}'");
      const key = this.kind === "string" ? unescapeBytes(this.token.slice(1, -1)) : this.token;
      this.advance();
      this.expect(":");
      fields[key] = this.value();
      if (!this.isAt("}")) this.expect(",");
    }
    this.advance();
    return fields;
  }

  private array(): unknown[] {
    const items: unknown[] = [];
    this.advance();
    while (!this.isAt("]")) {
      items.push(this.value());
      if (!this.isAt("]")) this.expect(",");
    }
    this.advance();
    return items;
  }

  private expect(mark: string): void {
    if (!this.isAt(mark)) throw this.refuse(`'${mark}'`);
    this.advance();
  }

  private isAt(mark: string): boolean {
    return this.kind === "mark" && this.token === mark;
  }

  private advance(): void {
    const found = this.scanner.exec(this.text);
    const [, mark, string, number, name] = found ?? [];
    this.kind = mark ? "mark" : string ? "string" : number ? "number" : name ? "name" : "end";
    this.token = mark ?? string ?? number ?? name ?? "";
  }

  private refuse(expected: string): SyntaxError {
    const got = this.kind === "end" ? "EOF" : this.kind === "name" ? "ID" : this.token;
    const text =
      expected === "valid value" ? `Expecting valid value, got ${got}` : `Got ${got} expected ${expected}`;
    return new SyntaxError(text);
  }
}

const named: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

function unescapeBytes(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([0-7]{1,3})|([\s\S]))/gi,
    (_, x, u, octal, other) => {
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
      if (other !== undefined) return named[other] ?? other;
      return String.fromCharCode(Number.parseInt(x ?? u, 16) & 255);
    },
  );
}
