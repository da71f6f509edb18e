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
  /** Of each terminal. */
  columns: number | undefined;

  /** `url` has the token in it, as the address that `bowline up` prints. */
  constructor(private readonly url: string) {}

  run(...args: string[]): Promise<VerbRun> {
    const { env, option } = splitToken(this.url);
    this.terminal = new FakeTerminal();
    this.terminal.env = env;
    this.terminal.columns = this.columns;
    return runVerb([...args, ...option], this.terminal);
  }
}

/** The address for --url, and its token for the environment. */
export function splitToken(url: string): { env: Record<string, string>; option: string[] } {
  const { origin, searchParams } = new URL(url);
  const token = searchParams.get("token");
  return { env: token === null ? {} : { BOWLINE_TOKEN: token }, option: ["--url", origin] };
}
