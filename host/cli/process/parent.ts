/** The program that started this one as a child, where one did: told how it goes, and not outlived. */
import type { BowlineError } from "../../platform/errors.ts";

/** What a simulated board tells the gateway that started it: it runs, or why it does not. */
export type ChildMessage = { ready: true } | { error: ChildError };

/** The BowlineError of a child, as its parent throws it again. */
export type ChildError = Pick<BowlineError, "code" | "message" | "exitCode" | "mend">;

export interface Parent {
  tell(message: ChildMessage): void;
  /** Aborted when the parent has gone, also if it was killed. */
  readonly gone: AbortSignal;
}

export function adoptingParent(): Parent {
  const controller = new AbortController();
  if (process.connected) process.once("disconnect", () => controller.abort());
  return {
    tell(message) {
      // An error: it has gone meanwhile, which `gone` tells.
      if (process.connected) process.send?.(message, undefined, undefined, () => {});
    },
    gone: controller.signal,
  };
}
