/**
 * The line editor of a board's console: bytes of a person or a flasher in, echo out, and whole statements to its owner.
 *
 * The input line may be hidden while something is printed; it is shown again, prompt and all, when the board is idle. While
 * it is hidden, or echo is off, what is typed is not echoed (espruino §4.2; measured on 2v29).
 */
import { openBrackets } from "./open-brackets.ts";

export interface LineEditorHandler {
  /** Text for the terminal, with \r\n. */
  write(text: string): void;
  /** A statement is whole. */
  execute(statement: string): void;
  /** 05 on an empty line asks who is there. */
  identify(): string;
}

/** What a sequence has come to; the rest of the bytes are looked up as they come. */
enum Escape {
  NONE,
  /** 10, which 01 would follow to begin a packet. */
  DLE,
  /** 0d, whose 0a is not one more line. */
  RETURN,
  ESC,
  BRACKET,
  NUMBER,
  KEYPAD,
}

const TAB = "    ";

export class LineEditor {
  /** Before the prompt: "debug" in the debugger. */
  mode: "" | "debug" = "";
  /** echo(): whether what is typed is shown, and results are. */
  isEchoOn = true;
  /** Not on the terminal; show() brings it back. */
  isHidden = true;
  private line = "";
  private cursor = 0;
  private isQuietLine = false;
  private escape = Escape.NONE;
  private number = 0;

  constructor(private readonly handler: LineEditorHandler) {}

  /** Whether results, and prompts, are printed: not after 10 at the beginning of a line. */
  get echoes(): boolean {
    return this.isEchoOn && !this.isQuietLine;
  }

  get isEmpty(): boolean {
    return this.line === "";
  }

  /** A byte that was typed. Ctrl-C is none: the owner hears it as it arrives, before what waits. */
  take(byte: number): void {
    const character = String.fromCharCode(byte);
    const came = this.escape;
    if (byte === 0) this.escape = Escape.NONE;
    else if (byte === 1 || byte === 3) return;
    else if (byte === 5) this.identify();
    else if (byte === 16) this.beginQuietly();
    else if (byte === 27) this.escape = Escape.ESC;
    else if (came === Escape.ESC) this.takeEscaped(character);
    else if (came === Escape.KEYPAD) this.takeKey(character);
    else if (came === Escape.BRACKET) this.takeBracketed(character);
    else if (came === Escape.NUMBER) this.takeNumber(character);
    else this.takePlain(byte, character, came === Escape.RETURN);
  }

  /** Takes the line off the terminal, before something else is printed. */
  hide(): void {
    if (this.isHidden) return;
    this.isHidden = true;
    if (!this.echoes) return;
    this.handler.write(`${this.moves(this.cursor, 0)}\r\x1b[J${"\b".repeat(this.mode.length)}`);
  }

  /** Puts it back. */
  show(): void {
    if (!this.isHidden) return;
    this.isHidden = false;
    if (!this.echoes) return;
    const text = this.line.replaceAll("\n", "\r\n:");
    this.handler.write(`${this.mode}>${text}${this.moves(this.line.length, this.cursor)}`);
  }

  /** Drops what was typed. */
  clear(): void {
    if (this.line === "") return;
    this.hide();
    this.forget();
  }

  /** A statement has been dealt with: the next line is echoed again. */
  endStatement(): void {
    this.isQuietLine = false;
  }

  /** The program is another one: nothing is typed, and echo is on. */
  restart(): void {
    this.forget();
    this.mode = "";
    this.escape = Escape.NONE;
    this.isQuietLine = false;
    this.isEchoOn = true;
  }

  private get isShown(): boolean {
    return this.echoes && !this.isHidden;
  }

  private identify(): void {
    if (this.line === "") this.handler.write(`${this.handler.identify()}\r\n`);
  }

  private beginQuietly(): void {
    if (this.line === "") this.isQuietLine = true;
    this.escape = Escape.DLE;
  }

  private takePlain(byte: number, character: string, isAfterReturn: boolean): void {
    this.escape = Escape.NONE;
    if (byte === 8 || byte === 127) this.erase(this.cursor - 1);
    else if (character === "\n" && isAfterReturn) return;
    else if (character === "\r" || character === "\n") {
      this.newLine(true);
      if (character === "\r") this.escape = Escape.RETURN;
    } else if (character === "\t") {
      if (!this.echoes) this.insert(TAB); // else it completes a name, of which there is none here
    } else if (byte >= 32) this.insert(character);
  }

  private takeEscaped(character: string): void {
    this.escape = Escape.NONE;
    if (character === "O") this.escape = Escape.KEYPAD;
    else if (character === "[") this.escape = Escape.BRACKET;
    else if (character === "\n") this.newLine(false);
  }

  private takeKey(character: string): void {
    this.escape = Escape.NONE;
    if (character === "F") this.moveToEnd();
    else if (character === "H") this.moveToStart();
  }

  private takeBracketed(character: string): void {
    this.escape = Escape.NONE;
    if (/\d/.test(character)) {
      this.number = Number(character);
      this.escape = Escape.NUMBER;
    } else if (character === "D" && this.cursor > this.lineStart) this.move(this.cursor - 1);
    else if (character === "C" && this.cursor < this.lineEnd) this.move(this.cursor + 1);
    else this.takeKey(character);
  }

  private takeNumber(character: string): void {
    if (/\d/.test(character)) {
      this.number = 10 * this.number + Number(character);
      return;
    }
    this.escape = Escape.NONE;
    if (character === "H" && this.number === 2) this.clear();
    if (character !== "~") return;
    if (this.number === 1) this.moveToStart();
    else if (this.number === 3) this.erase(this.cursor);
    else if (this.number === 4) this.moveToEnd();
  }

  /** isFinal: not after 1b, which asks for a new line within the statement. */
  private newLine(isFinal: boolean): void {
    const isAtEnd = this.line.slice(this.cursor).trim() === "";
    if (isAtEnd && isFinal && openBrackets(this.line) <= 0) return this.execute();
    if (isAtEnd) {
      if (this.isShown) this.handler.write("\r\n:");
      this.line += "\n";
      this.cursor++;
      return;
    }
    const rest = this.line.slice(this.cursor);
    this.line = `${this.line.slice(0, this.cursor)}\n${rest}`;
    if (this.isShown) {
      const written = `\n${rest}`.replaceAll("\n", "\r\n:");
      this.handler.write(`\x1b[J${written}${this.moves(this.line.length, this.cursor + 1)}`);
    }
    this.cursor++;
  }

  private execute(): void {
    if (this.isShown) this.handler.write("\r\n");
    if (!this.isQuietLine) this.isHidden = true;
    const statement = this.line.trimEnd();
    this.forget();
    this.handler.execute(statement);
  }

  private insert(text: string): void {
    const rest = this.line.slice(this.cursor);
    this.line = this.line.slice(0, this.cursor) + text + rest;
    this.cursor += text.length;
    if (!this.isShown) return;
    const [tail] = rest.split("\n");
    const redrawn = `${text}${tail} ${"\b".repeat(text.length + tail.length + 1)}`;
    this.handler.write(rest === "" ? text : redrawn + text);
  }

  private erase(at: number): void {
    if (at < 0 || at >= this.line.length) return;
    const isBackspace = at < this.cursor;
    const isNewLine = this.line[at] === "\n";
    const back = isNewLine && isBackspace ? `\b ${this.moves(this.cursor, at)}` : "";
    this.line = this.line.slice(0, at) + this.line.slice(at + 1);
    this.cursor = at;
    if (!this.isShown) return;
    const rest = this.line.slice(at);
    const [tail] = rest.split("\n");
    const redrawn = `${rest.replaceAll("\n", "\r\n:")}${this.moves(this.line.length, at)}`;
    if (isNewLine) this.handler.write(`\x1b[J${back}${redrawn}`);
    else this.handler.write(`${isBackspace ? "\b" : ""}${tail} ${"\b".repeat(tail.length + 1)}`);
  }

  private get lineStart(): number {
    return this.line.lastIndexOf("\n", this.cursor - 1) + 1;
  }

  private get lineEnd(): number {
    const end = this.line.indexOf("\n", this.cursor);
    return end < 0 ? this.line.length : end;
  }

  private move(to: number): void {
    if (this.isShown) this.handler.write(to > this.cursor ? "\x1b[C" : "\x1b[D");
    this.cursor = to;
  }

  private moveToStart(): void {
    if (this.isShown) this.handler.write("\b".repeat(this.cursor - this.lineStart));
    this.cursor = this.lineStart;
  }

  private moveToEnd(): void {
    if (this.isShown) this.handler.write(this.line.slice(this.cursor, this.lineEnd));
    this.cursor = this.lineEnd;
  }

  /** What moves the terminal's cursor from one place of the line to another. */
  private moves(from: number, to: number): string {
    const [x, y] = this.place(from);
    const [toX, toY] = this.place(to);
    const across = (toX > x ? "\x1b[C" : "\x1b[D").repeat(Math.abs(toX - x));
    return across + (toY > y ? "\x1b[B" : "\x1b[A").repeat(Math.abs(toY - y));
  }

  private place(at: number): [x: number, y: number] {
    const lines = this.line.slice(0, at).split("\n");
    return [(lines.at(-1) as string).length, lines.length];
  }

  private forget(): void {
    this.line = "";
    this.cursor = 0;
  }
}
