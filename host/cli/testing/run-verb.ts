/** Verbs run inside the test's own process. */
import type { ExitCode } from "../../platform/errors.ts";
import { runProgram } from "../program.ts";
import { FakeTerminal } from "./fake-terminal.ts";

export interface VerbRun {
  code: ExitCode;
  out: string[];
  err: string[];
}

export async function runVerb(args: string[], terminal = new FakeTerminal()): Promise<VerbRun> {
  const code = await runProgram(args, terminal);
  return { code, out: terminal.printed, err: terminal.warned };
}

/** Runs verbs against one gateway, each at a terminal of its own. */
export class VerbRunner {
  terminal = new FakeTerminal();

  /** `url` has the token in it. */
  constructor(private readonly url: string) {}

  run(...args: string[]): Promise<VerbRun> {
    this.terminal = new FakeTerminal();
    return runVerb([...args, "--url", this.url], this.terminal);
  }
}
