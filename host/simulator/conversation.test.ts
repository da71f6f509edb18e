/**
 * One conversation with the prompt, held with the simulated board and, where there is one, with the real interpreter: what
 * a terminal gets is the same, byte for byte, but for what `sameForBoth` takes out.
 */
import { basename } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { until } from "../platform/testing/until.ts";
import { interpreters } from "../testing/interpreter.ts";
import { PromptBoard } from "../testing/prompt-board.ts";
import { isPtyAvailable } from "../transports/pty.ts";
import { SimulatedBoard } from "./simulated-board.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: by one of them a prompt clears its line
const LIFE = /(?:\r\x1b\[J)?life \d+\r\n(?=\r\n)|life \d+\r\n/g;

/**
 * Version, board and appeal differ by build; where in a statement something was seen, by interpreter; the last, by Linux.
 * Which life of the board it is PromptBoard says.
 */
function sameForBoth(text: string): string {
  return text
    .replace(/2v29\.\d+/g, "2v29")
    .replaceAll("Espruino 2v29 LINUX", "Espruino 2v29 SIMULATOR")
    .replaceAll("\x1b[?7l", "")
    .replace(LIFE, "")
    .replaceAll(
      "\r\nEspruino is Open Source. Our work is supported\r\nonly by sales of official boards and donations:\r\nhttp://espruino.com/Donate\r\n",
      "",
    )
    .replace(/\r\n {4}at [^\r]*(?:\r\n[^\r]*\r\n *\^)?/g, "")
    .replace(/:\d+:\d+ {3}[^\r]*(?=\r\n *\^\r\ndebug>)/g, ":1:1   ")
    .replaceAll("Press Ctrl-C again to exit\r\n", "");
}

const BANNER = [
  "",
  " ____                 _ ",
  "|  __|___ ___ ___ _ _|_|___ ___ ",
  "|  __|_ -| . |  _| | | |   | . |",
  "|____|___|  _|_| |___|_|_|_|___|",
  "         |_| espruino.com",
  " 2v29 (c) 2026 G.Williams",
  "",
  "",
].join("\r\n");

const AWAY = "\r\x1b[J";
const S = `require("Storage")`;
const DEBUG = ":1:1   \r\n       ^\r\ndebug>";
const EXPECTED_ID = "In debug mode: Expected a simple ID, type 'help' for more info.\r\ndebug>";

/** A guard: the interpreter answers within a second, under load too. */
const ANSWER_MS = 20_000;

/** An interpreter that gets no time misses a Ctrl-C in its debugger now and then; a second one then does. */
const CTRL_C_MS = 3000;

/** A statement that is typed, and what is answered between its echo and the next prompt. */
const say = (statement: string, answer: string): [string, string] => [
  `${statement}\n`,
  `${statement}\r\n${answer}>`,
];
/** The same by a program, without echo. */
const quietly = (statement: string, answer: string): [string, string] => [`\x10${statement}\n`, `${answer}>`];
const refused = (statement: string, words: string) => say(statement, `Uncaught ${words}\r\n`);

type Conversation = readonly (readonly [typed: string, seen: string])[];

const conversations: Record<string, Conversation> = {
  "lines and their echo": [
    ["\n", "\r\n>"],
    ["\r", "\r\n>"],
    ["\r\n", "\r\n>"],
    ["\n\n", "\r\n>"],
    say("1+1", "=2\r\n"),
    say("  5  ", "=5\r\n"),
    say("// c", "=undefined\r\n"),
    ["abc\b\b\x7f1\n", "abc\b \b\b \b\b \b1\r\n=1\r\n>"],
    ["24\x1b[D3\x1b[F\n", "24\x1b[D34 \b\b\b34\r\n=234\r\n>"],
    ["abc", "abc"],
    ["\x1b[2H", `\x1b[D\x1b[D\x1b[D${AWAY}>`],
    ["8\t9\n", "89\r\n=89\r\n>"],
    ["a\x00b\x04\x15\x17=7\n", "ab=7\r\n=7\r\n>"],
    ["\x05", "Espruino 2v29 SIMULATOR\r\n"],
    ["1\x05\n", "1\r\n=1\r\n>"],
    ["\x1b[Z\x1b[5~\x1bOx1\n", "1\r\n=1\r\n>"],
  ],
  "statements of several lines": [
    ["[1,2\n", "[1,2\r\n:"],
    ["]\n", "]\r\n=[ 1, 2 ]\r\n>"],
    ["if (1) {\nprint(5)\n}\n", "if (1) {\r\n:print(5)\r\n:}\r\n5\r\n=undefined\r\n>"],
    ["1+\x1b\n2\n", "1+\r\n:2\r\n=3\r\n>"],
    ["\x10print(\x1b\n7)\n", "7\r\n>"],
    ["`tmpl\n`\n", '`tmpl\r\n:`\r\n="tmpl\\n"\r\n>'],
    ["/* c\n*/5\n", "/* c\r\n:*/5\r\n=5\r\n>"],
    refused("'unfinished", "SyntaxError: Got UNFINISHED STRING expected EOF"),
  ],
  "lines without echo": [
    quietly("print(1)", "1\r\n"),
    ["\x102+3\n4\n", "4\r\n=4\r\n>"],
    ["\x10print(6)\n7\n", "6\r\n=7\r\n>"],
    ["\x10var q1=1;\n\x10print(q1)\n", "1\r\n>"],
    quietly("nix.nix", 'Uncaught ReferenceError: "nix" is not defined\r\n'),
    ["echo(0)\nprint(3)\n", "echo(0)\r\n3\r\n"],
    ["5\necho(1)\n", "=undefined\r\n>"],
  ],
  results: [
    say("print('a\\nb')", "a\r\nb\r\n=undefined\r\n"),
    say("var a1=5", "=5\r\n"),
    say("let b1=1;", "=1\r\n"),
    say("function f1(){return 7}", "=function () { ... }\r\n"),
    say("f1()", "=7\r\n"),
    say(
      "({a:1,b:[1,2,'x'],c:function(){}})",
      '={ a: 1, \r\n  b: [ 1, 2, \r\n    "x"\r\n   ], \r\n  c: function () {}\r\n }\r\n',
    ),
    say("'str\\x00\\xff\\n'", '="str\\0\\xFF\\n"\r\n'),
    say(
      "print({a:1,b:'x'},'s',5,[1,'q'])",
      '{ "a": 1, \r\n  "b": "x"\r\n } s 5 [ 1, \r\n  "q"\r\n ]\r\n=undefined\r\n',
    ),
    say("Serial1", "=Serial1\r\n"),
    say("E.getConsole()", '="Serial1"\r\n'),
    say("process.env.CONSOLE", '="Serial1"\r\n'),
    say("'x'.repeat(300)", '="xxxxxxxxxxxxxxxxxxxxxxxxxxx" ... "xxxxxxxxxxxxxxxxxxxxxxxxxxx"\r\n'),
    say("eval('let ev=5;function ef(){return ev}');ef()+ev", "=10\r\n"),
    say("new Function('return ev+b1')()", "=6\r\n"),
  ],
  errors: [
    refused("x2.y.z", 'ReferenceError: "x2" is not defined'),
    refused("var u2;u2.c", "Error: Can't read property 'c' of undefined"),
    refused("throw new Error('boo')", "Error: boo"),
    refused("throw 'x'", "x"),
    refused("var q2={};q2.nofn()", 'Error: Function "nofn" not found!'),
    refused("1+", "SyntaxError: Unexpected end of Input"),
    refused("require('nix')", 'Error: Module "nix" not found'),
    [
      "setTimeout(function(){print('later')},50);1\n",
      `setTimeout(function(){print('later')},50);1\r\n=1\r\n>${AWAY}later\r\n>`,
    ],
    [
      "setTimeout(function(){foo.bar()},50);1\n",
      `setTimeout(function(){foo.bar()},50);1\r\n=1\r\n>${AWAY}Uncaught ReferenceError: "foo" is not defined\r\n>`,
    ],
    [
      "setTimeout(function(){print('in between')},50);1\nhalf",
      `setTimeout(function(){print('in between')},50);1\r\n=1\r\n>half\x1b[D\x1b[D\x1b[D\x1b[D${AWAY}in between\r\n>half`,
    ],
    ["\n", `\r\nUncaught ReferenceError: "half" is not defined\r\n>`],
  ],
  "Ctrl-C": [
    ["abc", "abc"],
    ["\x03", `\x1b[D\x1b[D\x1b[D${AWAY}>`],
    ["while(1);\n", "while(1);\r\n"],
    ["\x03", DEBUG],
    ["1\n", `1\r\n${EXPECTED_ID}`],
    ["\n", `\r\n${EXPECTED_ID}`],
    ["p 1+1\n", "p 1+1\r\n=2\r\ndebug>"],
    ["c\n", "c\r\n"],
    ["\x03", DEBUG],
    [" ", " "],
    ["\x03", `\x1b[D${AWAY}\b\b\b\b\bExecution Interrupted\r\n>`],
    ["\x10print('in');while(1);\n", "in\r\n"],
    [" \x03", "Execution Interrupted\r\n> "],
    ["\x03", `\x1b[D${AWAY}>`],
    say("function lp(){print('in');while(1);}", "=function () { ... }\r\n"),
    ["var iv=setInterval(lp,50)\n", `var iv=setInterval(lp,50)\r\n=1\r\n>${AWAY}in\r\n`],
    ["\x03", DEBUG],
    [" ", " "],
    [
      "\x03",
      `\x1b[D${AWAY}\b\b\b\b\bERROR: Ctrl-C while processing interval - removing it.\r\nExecution Interrupted during event processing.\r\nNew interpreter error: CALLBACK\r\n>`,
    ],
    ["setTimeout(lp,50);2\n", `setTimeout(lp,50);2\r\n=2\r\n>${AWAY}in\r\n`],
    ["\x03", DEBUG],
    [" ", " "],
    ["\x03", `\x1b[D${AWAY}\b\b\b\b\bExecution Interrupted during event processing.\r\n>`],
    quietly("print('back')", "back\r\n"),
  ],
  "Storage, as a flasher uses it": [
    quietly(`print(${S}.write("t",atob("aGVs"),0,5))`, "true\r\n"),
    quietly(`print(JSON.stringify(${S}.read("t")))`, '"hel\\u00FF\\u00FF"\r\n'),
    quietly(
      `try{${S}.write("t","el",1)}catch(e){print("@X"+e)}`,
      "@XError: File already written with different data\r\n",
    ),
    quietly(`print(${S}.write("t","lo",3))`, "true\r\n"),
    quietly(`try{${S}.write("t","x",5)}catch(e){print("@X"+e)}`, "@XError: Too much data for file size\r\n"),
    quietly(
      `try{${S}.write("no","x",5,9)}catch(e){print("@X"+e)}`,
      "@XError: Unable to find or create file\r\n",
    ),
    quietly(`try{${S}.write("no","")}catch(e){print("@X"+e)}`, "@XError: Can't create zero length file\r\n"),
    quietly(`print(E.CRC32(${S}.read("t")))`, "907060870\r\n"),
    quietly(
      `print(${S}.read("t",1,2),${S}.read("t",3),${S}.read("t",9),${S}.read("t",2,0))`,
      "el lo  llo\r\n",
    ),
    quietly(
      `print(${S}.writeJSON("j",{a:1,"b-c":"x\\xff"}),${S}.read("j"))`,
      'true {a:1,"b-c":"x\\xFF"}\r\n',
    ),
    quietly(`print(${S}.list().filter(n=>n[0]!=".").join(),${S}.read("none"))`, "t,j undefined\r\n"),
    quietly(`print(${S}.erase("t"),${S}.erase("t"),${S}.read("t"))`, "undefined undefined undefined\r\n"),
    quietly(
      `print(Object.keys(${S}.getStats()).join())`,
      "totalBytes,freeBytes,fileBytes,fileCount,trashBytes,trashCount\r\n",
    ),
  ],
  "reset() and load()": [
    say("reset()", `=undefined\r\n${BANNER}`),
    quietly("reset()", BANNER),
    say(
      `${S}.write('.bootcde','print("BOOT");let L=1;function bf(){return L};E.on("init",function(){print("init")})')`,
      "=true\r\n",
    ),
    say("load()", "=undefined\r\nBOOT\r\ninit\r\n"),
    ["\x10load()\n", `${AWAY}BOOT\r\ninit\r\n>`],
    say("bf()", "=1\r\n"),
    say("reset()", `=undefined\r\n${BANNER}`),
    say("typeof bf", '="undefined"\r\n'),
    say(`${S}.write('f.js','print(__FILE__)');load('f.js')`, `=undefined\r\n${BANNER}f.js\r\n`),
    say(`${S}.write('.bootcde','foo.bar')`, "=true\r\n"),
    say("load()", '=undefined\r\nUncaught ReferenceError: "foo" is not defined\r\n'),
    say(`${S}.erase('.bootcde')`, "=undefined\r\n"),
  ],
  "the console goes away and comes back": [
    [
      "E.setConsole(null,{force:true});setTimeout(function(){Serial1.setConsole(true)},300)\n",
      "E.setConsole(null,{force:true});setTimeout(function(){Serial1.setConsole(true)},300)\r\n-> null\r\n<- null\r\n>",
    ],
    quietly("print('here')", "here\r\n"),
  ],
};

interface Terminal {
  write(text: string): void;
  /** What came since the last take. */
  seen: string;
}

/** Each step waits for its answer, whole, before the next is typed. */
async function converse(terminal: Terminal, steps: Conversation): Promise<void> {
  for (const [typed, seen] of steps) {
    terminal.seen = "";
    terminal.write(typed);
    const claim = () => expect(sameForBoth(terminal.seen), `typed: ${JSON.stringify(typed)}`).toBe(seen);
    const answered = (timeout: number) => vi.waitFor(claim, { timeout, interval: 5 });
    if (typed !== "\x03") await answered(ANSWER_MS);
    else
      await answered(CTRL_C_MS).catch((error) => {
        if (terminal.seen !== "") throw error;
        terminal.write(typed);
        return answered(ANSWER_MS);
      });
  }
}

describe("with the simulated board", () => {
  let board: SimulatedBoard;
  let terminal: Terminal;

  afterEach(() => board.stop());

  test.each(Object.entries(conversations))("%s", async (name, steps) => {
    let toBoard: (bytes: Uint8Array) => void = () => {};
    terminal = { seen: "", write: (text) => toBoard(Buffer.from(text, "latin1")) };
    const port = {
      write: (bytes: Uint8Array) => {
        terminal.seen += Buffer.from(bytes).toString("latin1");
      },
      onData: (listener: (bytes: Uint8Array) => void) => {
        toBoard = listener;
      },
    };
    board = new SimulatedBoard({
      id: "sim-1",
      transport: { kind: "serial", port },
      ...(name === "Ctrl-C" && { loopLimitMs: 1000 }),
    });
    board.start();
    await until(() => expect(sameForBoth(terminal.seen)).toBe(`${BANNER}>`));
    await converse(terminal, steps);
  });
});

const boards = interpreters.map((path) => ({ path, name: basename(path) }));
describe
  .skipIf(boards.length === 0 || !isPtyAvailable())
  .each(boards.length > 0 ? boards : [{ path: "", name: "no interpreter" }])(
  "with $name (ESPRUINO_BIN=/path/to/espruino npm test; skipped where it is not set)",
  ({ path }) => {
    let board: PromptBoard;
    let terminal: Terminal;

    beforeAll(async () => {
      board = await PromptBoard.create(path);
      terminal = {
        write: (text) => board.type(text),
        get seen() {
          return board.said;
        },
        set seen(text) {
          board.said = text;
        },
      };
      board.powerOn();
      await until(() => expect(sameForBoth(terminal.seen)).toBe(`<- USB\r\n${BANNER}>`));
    });

    afterAll(() => board.stop());

    test.each(Object.entries(conversations))("%s", async (_, steps) => {
      await converse(terminal, [quietly("reset()", BANNER), ...steps]);
    });
  },
);
