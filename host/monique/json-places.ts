/** Where in a JSON text its values stand, or where it stops being JSON: what JSON.parse does not say. */

export interface JsonPlaces {
  /** Offset of each value, by the keys that lead to it, joined by pathOf(). */
  values: ReadonlyMap<string, number>;
  /** Offsets of keys that stand in their object for the second time. */
  repeated: readonly number[];
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;

export function pathOf(keys: readonly string[]): string {
  return JSON.stringify(keys);
}

/** The text must not be nested deeper than the stack is (json-depth.ts). A number: where it stops being JSON. */
export function findPlaces(text: string): JsonPlaces | number {
  const scan = new JsonScan(text);
  return scan.isDocument() ? scan : scan.at;
}

class JsonScan implements JsonPlaces {
  readonly values = new Map<string, number>();
  readonly repeated: number[] = [];
  at = 0;

  constructor(private readonly text: string) {}

  isDocument(): boolean {
    this.matches(SPACE);
    if (!this.isValue([])) return false;
    this.matches(SPACE);
    return this.at === this.text.length;
  }

  private isValue(path: readonly string[]): boolean {
    this.values.set(pathOf(path), this.at);
    switch (this.text[this.at]) {
      case "{":
        return this.isList("}", () => this.isPair(path));
      case "[": {
        let index = 0;
        return this.isList("]", () => this.isValue([...path, String(index++)]));
      }
      case '"':
        return this.isText();
      default:
        return this.matches(WORD) || this.matches(NUMBER);
    }
  }

  private isList(end: string, isOne: () => boolean): boolean {
    this.at++;
    this.matches(SPACE);
    if (this.isNext(end)) return true;
    for (;;) {
      if (!isOne()) return false;
      this.matches(SPACE);
      if (this.isNext(end)) return true;
      if (!this.isNext(",")) return false;
      this.matches(SPACE);
    }
  }

  private isPair(path: readonly string[]): boolean {
    const start = this.at;
    if (this.text[start] !== '"' || !this.isText()) return false;
    const below = [...path, JSON.parse(this.text.slice(start, this.at)) as string];
    if (this.values.has(pathOf(below))) this.repeated.push(start);
    this.matches(SPACE);
    if (!this.isNext(":")) return false;
    this.matches(SPACE);
    return this.isValue(below);
  }

  private isText(): boolean {
    const { text } = this;
    for (this.at++; this.at < text.length; this.at++) {
      const letter = text[this.at];
      if (letter === '"') {
        this.at++;
        return true;
      }
      if (letter < " ") return false;
      if (letter !== "\\") continue;
      this.at++;
      if (!this.matches(ESCAPE)) return false;
      this.at--;
    }
    return false;
  }

  private isNext(letter: string): boolean {
    if (this.text[this.at] !== letter) return false;
    this.at++;
    return true;
  }

  private matches(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return false;
    this.at += found[0].length;
    return true;
  }
}
