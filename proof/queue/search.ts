/** Draws runs of steps until one breaks what must hold. */
import fc from "fast-check";
import { holdEnd } from "./judge-calls.ts";
import { type Kind, Rig } from "./rig.ts";
import { steps } from "./steps.ts";

export interface Found {
  /** Runs up to the one that broke, or all. */
  runs: number;
  /** What broke, and the steps to it; null: nothing did. */
  fault: string | null;
}

const STEPS = 120;

/** `isShort`: the steps that are shown are as few as lead there. */
export function search(seed: number, runs: number, isShort: boolean): Found {
  const kinds = fc.constantFrom<Kind>("by lane", "one stream");
  const property = fc.property(
    kinds,
    fc.commands(steps, { maxCommands: STEPS, size: "max" }),
    (kind, commands) => {
      const rig = new Rig(kind);
      fc.modelRun(() => ({ model: rig, real: rig }), commands);
      rig.settle();
      holdEnd(rig);
    },
  );
  const details = fc.check(property, { seed, numRuns: runs, endOnFailure: !isShort });
  if (!details.failed) return { runs, fault: null };
  const { message } = details.errorInstance as Error;
  return { runs: details.numRuns, fault: `${message}\n  ${fc.stringify(details.counterexample)}` };
}
