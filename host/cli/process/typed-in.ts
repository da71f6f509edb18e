/** Where a command was typed: flash.sh and npm start stand in the clone's folder, and say so (INIT_CWD, as npm has it). */
import type { Terminal } from "./terminal.ts";

export function typedIn({ env, cwd }: Terminal): string {
  return env.INIT_CWD ?? cwd;
}
