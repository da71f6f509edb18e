/**
 * The console of a simulated board: it types what a person sends into the line editor, runs statements, prints results and
 * errors, and hears Ctrl-C (espruino §4.2; transcripts of 2v29).
 *
 * Ctrl-C is heard when it arrives, and acts when the board looks: on the line as it is then, and in a loop that does not end.
 * In between two statements of one chunk nobody looks.
 */
import { bannerOf } from "./banner.ts";
import type { BoardKind } from "./board-kinds.ts";
import { placeOf, wordsOf } from "./board-words.ts";
import { debuggerLine, debuggerPlace } from "./debugger-lines.ts";
import type { InputBuffer } from "./input-buffer.ts";
import { LineEditor } from "./line-editor.ts";
import { shown } from "./print-value.ts";
import type { Run } from "./run.ts";

/** Limbo: after power-on, until the board knows where its console is; what is printed waits. */
export type ConsoleDevice = "Limbo" | "Serial1" | null;

export interface ConsoleHost {
  /** Bytes for the port. */
  write(bytes: Uint8Array): void;
  /** The program that runs now; none without power. */
  run(): Run | undefined;
  raiseErrorFlag(flag: string): void;
  /** Whoever is busy with the console has returned: listen() and settle() are to be called. */
  wake(): void;
  reset(): void;
}

const REPL = "REPL";

export class BoardConsole {
  device: ConsoleDevice = "Limbo";
  private limbo = "";
  /** The last one. */
  private statement = "";
  private isInterrupted = false;
  private readonly editor: LineEditor;

  constructor(
    private readonly kind: BoardKind,
    private readonly host: ConsoleHost,
  ) {
    this.editor = new LineEditor({
      write: (text) => this.write(text),
      execute: (statement) => this.execute(statement),
      identify: () => `Espruino ${kind.version} ${kind.name}`,
    });
  }

  /** Whether the port is the console's, now. */
  get isOnPort(): boolean {
    return this.device === "Serial1";
  }

  /** What a program prints, its newlines included; the line that is being typed makes way. */
  print(text: string): void {
    this.editor.hide();
    this.write(text.replaceAll("\n", "\r\n"));
    this.host.wake();
  }

  /** It tells both ends where it goes to, unless it was nowhere yet. */
  moveTo(device: ConsoleDevice): void {
    const from = this.device;
    if (device === from) return;
    if (from === "Limbo") {
      this.device = device;
      this.write(this.limbo);
      this.limbo = "";
    } else {
      const isTold = this.editor.echoes;
      if (isTold) this.print(`-> ${device}\n`);
      this.device = device;
      if (isTold) this.print(`<- ${from}\n`);
    }
    this.host.wake();
  }

  setEcho(isOn: boolean): void {
    this.editor.isEchoOn = isOn;
  }

  /** Ctrl-C has arrived. */
  interrupt(): void {
    this.isInterrupted = true;
  }

  /** The program is another one; what was typed is gone. */
  restart(): void {
    this.editor.restart();
  }

  /** What a board says after power-on and reset. */
  greet(): void {
    if (!this.editor.isEchoOn) return;
    this.write(bannerOf(this.kind).replaceAll("\n", "\r\n"));
    this.editor.isHidden = true;
    this.host.wake();
  }

  /** The board has nothing else to do: takes what was typed. */
  listen(input: InputBuffer): void {
    if (this.isInterrupted && this.editor.mode === "debug") this.leaveDebugger();
    else if (this.isInterrupted && this.isBusy) this.enterDebugger();
    this.takeAll(input);
  }

  /** Nothing more is to be done: shows the prompt. */
  settle(): void {
    if (this.isBusy) return;
    if (this.isInterrupted) this.editor.clear();
    this.isInterrupted = false;
    this.editor.show();
  }

  /** In a loop nobody reads what is typed, but in the debugger. */
  private get isBusy(): boolean {
    return this.host.run()?.stuck !== undefined && this.editor.mode === "";
  }

  private takeAll(input: InputBuffer): void {
    while (this.isOnPort && !this.isBusy && this.host.run()?.isOver === false) {
      const byte = input.take();
      if (byte === undefined) return;
      this.editor.take(byte);
    }
  }

  private execute(statement: string): void {
    if (this.editor.mode === "debug") return this.executeInDebugger(statement);
    if (statement !== "") this.evaluate(statement);
    if (!this.isBusy) this.editor.endStatement();
  }

  private evaluate(statement: string): void {
    const run = this.host.run();
    this.statement = statement;
    const outcome = run?.evaluate(statement, REPL);
    if (run === undefined || outcome === undefined || outcome === "stuck" || run.isOver) return;
    if ("error" in outcome)
      this.print(`Uncaught ${wordsOf(outcome.error)}\n${placeOf(outcome.error, REPL, statement)}`);
    else if (this.editor.echoes) {
      const value = outcome.value === undefined ? valueDeclared(run, statement) : outcome.value;
      this.write(`=${shown(value, { isResult: true })}\n`.replaceAll("\n", "\r\n"));
    }
  }

  private executeInDebugger(statement: string): void {
    const { text, next } = debuggerLine(statement, (source) => this.host.run()?.evaluate(source, REPL));
    this.write(text.replaceAll("\n", "\r\n"));
    if (next === "continue") this.editor.mode = "";
    else if (next === "reset") {
      this.leaveDebugger();
      this.host.reset();
    }
  }

  /** Not from a line without echo: whoever sends those is a program. */
  private enterDebugger(): void {
    if (!this.kind.hasDebugger || !this.editor.echoes) return this.endLoop();
    this.isInterrupted = false;
    this.editor.clear();
    this.print(debuggerPlace(this.host.run()?.stuck?.in === "code" ? this.statement : ""));
    this.editor.mode = "debug";
    this.editor.show();
  }

  private leaveDebugger(): void {
    this.editor.clear();
    this.editor.hide();
    this.editor.mode = "";
    this.endLoop();
  }

  private endLoop(): void {
    const run = this.host.run();
    const where = run?.stuck?.in;
    this.isInterrupted = false;
    this.editor.endStatement();
    run?.interrupt();
    if (where === "interval") this.print("ERROR: Ctrl-C while processing interval - removing it.\n");
    this.print(
      where === "code" ? "Execution Interrupted\n" : "Execution Interrupted during event processing.\n",
    );
    if (where !== "interval") return;
    this.print("New interpreter error: CALLBACK\n");
    this.host.raiseErrorFlag("CALLBACK");
  }

  /** Text with \r\n, to wherever the console is. */
  private write(text: string): void {
    if (this.device === "Limbo") this.limbo += text;
    else if (this.device === "Serial1") this.host.write(Buffer.from(text, "latin1"));
  }
}

/** On the board a declaration has the value of what it declares. */
function valueDeclared(run: Run, statement: string): unknown {
  const [, name] = /^\s*(?:var|let|const|function|class)\s+([A-Za-z_$][\w$]*)/.exec(statement) ?? [];
  if (name === undefined) return undefined;
  const outcome = run.evaluate(name, REPL);
  return outcome === "stuck" || "error" in outcome ? undefined : outcome.value;
}
