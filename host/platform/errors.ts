/**
 * The errors people see. Each says what was attempted, what was seen, what is allowed, and the command that mends it;
 * callers test the code, never the text.
 */

/** Exit codes of every verb and of flash.sh (interface: exit codes). */
export const ExitCode = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  permission: 4,
  busy: 5,
  timeout: 6,
  verification: 7,
  refused: 8,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A fault a person can mend. `mend` is a command or a setting, printed on a line of its own. */
export class BowlineError extends Error {
  override readonly name = "BowlineError";
  constructor(
    readonly code: string,
    message: string,
    readonly exitCode: ExitCode = ExitCode.failure,
    readonly mend: string = "",
  ) {
    super(message);
  }
}

/** Started as a command of the whole machine, as the Debian package has it: npx need not be there. */
const isCommand = isSystemCommand(
  (globalThis as { process?: { argv?: readonly string[] } }).process?.argv?.[1] ?? "",
);

export function isSystemCommand(path: string): boolean {
  return /^\/usr\/(local\/)?bin\//.test(path);
}

/**
 * A mend as it is to be typed: npx finds the command in a clone and with a global install alike. What others are told by our
 * name, as in `nats stream add bowline --subjects …`, stays.
 */
export function typedMend(mend: string, isTypedAlone: boolean = isCommand): string {
  if (isTypedAlone) return mend;
  return mend.replace(/(^|[^\w-])bowline (?=[a-z]|--help)/g, "$1npx bowline ");
}

/** `error: text` and, where there is one, `mend: command`: what a person reads instead of a stack trace. */
export function formatError(error: unknown): string {
  if (error instanceof BowlineError) {
    const mend = error.mend === "" ? "" : `\n  mend: ${typedMend(error.mend)}`;
    return `bowline: ${error.message} [${error.code}]${mend}`;
  }
  return `bowline: internal fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
