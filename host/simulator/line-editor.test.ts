import { beforeEach, expect, test } from "vitest";
import { LineEditor } from "./line-editor.ts";

let written: string;
let statements: string[];
let editor: LineEditor;

beforeEach(() => {
  written = "";
  statements = [];
  editor = new LineEditor({
    write: (text) => {
      written += text;
    },
    execute: (statement) => {
      statements.push(statement);
      editor.endStatement();
    },
    identify: () => "Espruino 2v29 SIMULATOR",
  });
  editor.show();
});

function type(text: string): void {
  for (const byte of Buffer.from(text, "latin1")) editor.take(byte);
}

// What a terminal gets behind the first prompt; each as the interpreter has it.
test.each([
  ["what is typed comes back, and \\n ends the line", "1+1\n", ">1+1\r\n", ["1+1"]],
  ["\\r ends the line, and the \\n behind it is none", "a\r\n", ">a\r\n", ["a"]],
  ["an empty line is a statement too", "\n", ">\r\n", [""]],
  ["blanks at the end are cut off", "  5  \n", ">  5  \r\n", ["  5"]],
  ["backspace and delete take the last character", "abc\b\x7f1\n", ">abc\b \b\b \b1\r\n", ["a1"]],
  ["nothing is left to take", "\b\b1\n", ">1\r\n", ["1"]],
  ["10 at the beginning of a line: no echo", "\x10print(1)\n", ">", ["print(1)"]],
  ["10 later on changes nothing", "pr\x10int(1)\n", ">print(1)\r\n", ["print(1)"]],
  ["open brackets ask for more", "[1,2\n]\n", ">[1,2\r\n:]\r\n", ["[1,2\n]"]],
  ["1b 0a: a new line, whatever is open", "1+\x1b\n2\n", ">1+\r\n:2\r\n", ["1+\n2"]],
  ["… without echo too", "\x10print(\x1b\n6)\n", ">", ["print(\n6)"]],
  ["05 asks who is there", "\x05", ">Espruino 2v29 SIMULATOR\r\n", []],
  ["05 within a line is nothing", "ab\x05", ">ab", []],
  ["00, 01, 03, 04, 15 and 17 do nothing to the line", "a\x00b\x01\x03\x04\x15\x17\n", ">ab\r\n", ["ab"]],
  ["bytes from 80 on collect", "\xfe\xc0\n", ">\xfe\xc0\r\n", ["\xfe\xc0"]],
  ["a sequence nobody knows is eaten", "\x1b[5~\x1b[Z1\n", ">1\r\n", ["1"]],
  ["a tab completes nothing", "8\t9\n", ">89\r\n", ["89"]],
  ["left, a character in the middle, end", "ac\x1b[Db\x1b[F\n", ">ac\x1b[Dbc \b\b\bbc\r\n", ["abc"]],
  [
    "home, right, forward delete, end",
    "abc\x1b[H\x1b[C\x1b[3~\x1b[Fd\n",
    ">abc\b\b\b\x1b[Cc \b\bcd\r\n",
    ["acd"],
  ],
  ["1b [2H drops the line", "abc\x1b[2H1\n", ">abc\x1b[D\x1b[D\x1b[D\r\x1b[J", ["1"]],
])("%s", (_, typed, echo, executed) => {
  type(typed);
  expect(written).toBe(echo);
  expect(statements).toEqual(executed);
});

test("hidden for what is printed, the line comes back with its prompt", () => {
  type("abc");
  written = "";
  editor.hide();
  expect(written).toBe("\x1b[D\x1b[D\x1b[D\r\x1b[J");
  type("d"); // not echoed
  written = "";
  editor.show();
  expect(written).toBe(">abcd");
});

test("a line of several lines is taken away and brought back whole", () => {
  type("{\nab");
  written = "";
  editor.hide();
  expect(written).toBe("\x1b[D\x1b[D\x1b[A\r\x1b[J");
  written = "";
  editor.show();
  expect(written).toBe(">{\r\n:ab");
});

test("a new line in the middle splits it; taking the end away joins it again", () => {
  type("ab\x1b[D\n");
  expect(written).toBe(">ab\x1b[D\x1b[J\r\n:b\x1b[D");
  type("\b");
  editor.hide();
  written = "";
  editor.show();
  expect(written).toBe(">ab\x1b[D");
});

test("clear() of an empty line does nothing at all", () => {
  editor.clear();
  expect(written).toBe(">");
});

test("in the debugger the prompt says so", () => {
  editor.hide();
  editor.mode = "debug";
  written = "";
  editor.show();
  editor.hide();
  expect(written).toBe("debug>\r\x1b[J\b\b\b\b\b");
});

test("without echo neither prompt nor line is shown", () => {
  editor.isEchoOn = false;
  type("1\n");
  editor.hide();
  editor.show();
  expect(written).toBe(">");
  expect(statements).toEqual(["1"]);
});
