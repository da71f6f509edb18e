/**
 * Calls into a program that may never return. A board in an endless loop is busy until somebody presses Ctrl-C; this process
 * would be so for ever, so the call is ended after a limit, and the board counts as busy from then on.
 */
import { createContext, Script } from "node:vm";

const scope: { task: () => void } = { task: () => {} };
const context = createContext(scope);
/** Whatever it calls ends with it, in whichever context. */
const call = new Script("task()");

/** False: `task` had not returned after `limitMs`, and never will. What it throws is thrown. */
export function returnsWithin(limitMs: number, task: () => void): boolean {
  const outer = scope.task;
  scope.task = task;
  try {
    call.runInContext(context, { timeout: limitMs });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException)?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    return false;
  } finally {
    scope.task = outer;
  }
}
