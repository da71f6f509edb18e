/** Thrown by a verb that has said all there is to say: the program ends with this code and prints nothing more. */
import type { ExitCode } from "../../platform/errors.ts";

export class VerbEnd extends Error {
  override readonly name = "VerbEnd";
  constructor(readonly exitCode: ExitCode) {
    super(`ends with ${exitCode}`);
  }
}
